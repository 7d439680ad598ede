#include <algorithm>

#include "Host.h"
#include "patchbay/parser/Names.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Parser {

namespace {

/// Over so many parameters only equal texts are equal: comparing each with each would be quadratic.
constexpr int MostParameters = 64;

/// One character of a URI part: an escaped reserved character is not the same as the plain one (RFC 3261, 19.1.4).
int nextCharacter(Cursor& cursor, bool fold) {
  char c = *cursor.at++;
  bool reserved = false;
  if (c == '%' && cursor.end - cursor.at >= 2) {
    const int octet = Chars::hexPair(cursor.at[0], cursor.at[1]);
    if (octet >= 0) {
      c = static_cast<char>(octet);
      cursor.at += 2;
      reserved = Chars::among(static_cast<unsigned char>(c), ";/?:@&=+$,%");
    }
  }
  return static_cast<unsigned char>(fold ? Chars::lower(c) : c) + (reserved ? 256 : 0);
}

bool samePart(std::string_view a, std::string_view b, bool fold) {
  if (a == b) return true;
  Cursor left(a), right(b);
  while (!left.done() && !right.done()) {
    if (nextCharacter(left, fold) != nextCharacter(right, fold)) return false;
  }
  return left.done() && right.done();
}

std::optional<ParameterList::Parameter> findIn(std::string_view text, char separator, std::string_view name) {
  ParameterList list(text, separator);
  while (const auto parameter = list.next()) {
    if (samePart(parameter->name, name, true)) return parameter;
  }
  return std::nullopt;
}

/// -1 when there are too many.
int countOf(std::string_view text, char separator) {
  ParameterList list(text, separator);
  int count = 0;
  while (list.next()) {
    if (++count > MostParameters) return -1;
  }
  return count;
}

bool mustBeOnBothSides(std::string_view name) {
  for (const std::string_view special : {"user", "ttl", "method", "maddr", "transport"}) {
    if (samePart(name, special, true)) return true;
  }
  return false;
}

/// Those of `a` against those of `b`.
bool parametersAgree(std::string_view a, std::string_view b) {
  ParameterList list(a);
  while (const auto parameter = list.next()) {
    const auto other = findIn(b, ';', parameter->name);
    if (!other && mustBeOnBothSides(parameter->name)) return false;
    if (other && !samePart(parameter->value, other->value, true)) return false;
  }
  return true;
}

bool sameParameters(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (countOf(a, ';') < 0 || countOf(b, ';') < 0) return false;
  return parametersAgree(a, b) && parametersAgree(b, a);
}

bool headersWithin(std::string_view a, std::string_view b) {
  ParameterList list(a, '&');
  while (const auto header = list.next()) {
    const auto other = findIn(b, '&', header->name);
    if (!other || !samePart(header->value, other->value, true)) return false;
  }
  return true;
}

bool sameHeaders(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const int count = countOf(a, '&');
  return count >= 0 && count == countOf(b, '&') && headersWithin(a, b) && headersWithin(b, a);
}

bool isSeparator(char c) {
  return c == '-' || c == '.' || c == '(' || c == ')';
}

/// Visual separators do not count (RFC 3966, 4).
bool sameNumber(std::string_view a, std::string_view b) {
  Cursor left(a), right(b);
  for (;;) {
    while (!left.done() && isSeparator(*left.at)) ++left.at;
    while (!right.done() && isSeparator(*right.at)) ++right.at;
    if (left.done() || right.done()) return left.done() && right.done();
    if (Chars::lower(*left.at++) != Chars::lower(*right.at++)) return false;
  }
}

/// All parameters of a telephone number count (RFC 3966, 4).
bool sameTel(const Uri& a, const Uri& b) {
  const int count = countOf(a.parameters, ';');
  return sameNumber(a.user, b.user) && count == countOf(b.parameters, ';') && sameParameters(a.parameters, b.parameters);
}

bool isNamed(std::string_view written, std::string_view name) {
  if (equalIgnoringCase(written, name)) return true;
  return (written.find('%') != std::string_view::npos || name.find('%') != std::string_view::npos) && samePart(written, name, true);
}

}  // namespace

/// They were checked when the URI was parsed: what stands between two semicolons is a name, and perhaps a value.
std::optional<std::string_view> Uri::parameter(std::string_view name) const {
  for (std::string_view rest = parameters; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    const std::string_view written = one.substr(0, one.find('='));
    if (isNamed(written, name)) return one.substr(std::min(written.size() + 1, one.size()));
  }
  return std::nullopt;
}

bool Uri::equivalent(const Uri& other) const {
  if (scheme != other.scheme) return false;
  if (scheme == Scheme::tel) return sameTel(*this, other);
  if (scheme == Scheme::other) return equalIgnoringCase(schemeText, other.schemeText) && samePart(user, other.user, false);
  return hasUser == other.hasUser && port == other.port && !password.data() == !other.password.data() &&
         samePart(user, other.user, false) && samePart(password, other.password, false) && sameHost(host, other.host) &&
         sameParameters(parameters, other.parameters) && sameHeaders(headers, other.headers);
}

}  // namespace Patchbay::Parser
