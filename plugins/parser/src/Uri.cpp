#include "patchbay/parser/Uri.h"

#include <algorithm>
#include <cstring>

#include "Host.h"
#include "Into.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Parser {

using Chars::allOrEscapes;
using Chars::is;

namespace {

/// `name[=value]` joined by the separator, names never empty, values not either unless allowed (RFC 3261, 25.1).
bool arePairs(std::string_view text, char separator, Chars::Kind kind, bool needValue) {
  const char* name = text.data();
  const char* value = nullptr;
  const char* const end = text.data() + text.size();
  for (const char* at = name;; ++at) {
    if (at == end || *at == separator) {
      if (at == name || name + 1 == value) return false;
      if (needValue ? !value : value == at) return false;
      if (at == end) return true;
      name = at + 1, value = nullptr;
    } else if (*at == '=') {
      if (value) return false;
      value = at + 1;
    } else if (*at == '%') {
      if (end - at < 3 || Chars::hexPair(at[1], at[2]) < 0) return false;
      at += 2;
    } else if (!is(*at, kind)) {
      return false;
    }
  }
}

bool takeUserInfo(Cursor& cursor, Uri& uri) {
  const auto* at = static_cast<const char*>(std::memchr(cursor.at, '@', static_cast<size_t>(cursor.end - cursor.at)));
  if (!at) return true;
  const std::string_view info(cursor.at, static_cast<size_t>(at - cursor.at));
  const size_t colon = info.find(':');
  uri.user = info.substr(0, colon);
  if (colon != std::string_view::npos) uri.password = info.substr(colon + 1);
  uri.hasUser = true;
  cursor.at = at + 1;
  return !uri.user.empty() && allOrEscapes(uri.user, Chars::User) && allOrEscapes(uri.password, Chars::Password);
}

bool parseSip(Cursor cursor, Uri& uri) {
  if (cursor.done() || !takeUserInfo(cursor, uri)) return false;
  uri.host = takeHost(cursor);
  if (uri.host.empty()) return false;
  if (cursor.take(':') && !(uri.port = takePort(cursor))) return false;
  if (cursor.done()) return true;
  if (cursor.take(';')) {
    const std::string_view rest = cursor.rest();
    uri.parameters = rest.substr(0, rest.find('?'));
    cursor.at += uri.parameters.size();
    if (!arePairs(uri.parameters, ';', Chars::Param, false)) return false;
  }
  if (!cursor.take('?')) return cursor.done();
  uri.headers = cursor.rest();
  return arePairs(uri.headers, '&', Chars::HeaderPart, true);
}

bool parseTel(Cursor cursor, Uri& uri) {
  uri.user = cursor.run(Chars::Phone);
  uri.hasUser = true;
  if (uri.user.empty()) return false;
  if (cursor.done()) return true;
  if (!cursor.take(';')) return false;
  uri.parameters = cursor.rest();
  return arePairs(uri.parameters, ';', Chars::Param, false);
}

Uri::Scheme schemeOf(std::string_view text) {
  if (text.size() == 3 && equalIgnoringCase(text, "sip")) return Uri::Scheme::sip;
  if (text.size() == 4 && equalIgnoringCase(text, "sips")) return Uri::Scheme::sips;
  if (text.size() == 3 && equalIgnoringCase(text, "tel")) return Uri::Scheme::tel;
  return Uri::Scheme::other;
}

bool isScheme(std::string_view text) {
  if (text.empty() || (text[0] | 0x20) < 'a' || (text[0] | 0x20) > 'z') return false;
  for (const char c : text) {
    if (!is(c, Chars::Host) && c != '+' && c != '.') return false;
  }
  return text.find('_') == std::string_view::npos;
}

/// With the octets that are written only: `write` wants more room than there is.
char* writeAddress(const Runtime::IpAddress& address, char* out) {
  char text[48];
  return std::copy(text, address.write(text, true), out);
}

}  // namespace

bool parseInto(std::string_view text, Uri& uri) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  uri.text = text;
  uri.schemeText = text.substr(0, colon);
  uri.scheme = schemeOf(uri.schemeText);
  const Cursor rest(text.substr(colon + 1));
  switch (uri.scheme) {
    case Uri::Scheme::sip:
    case Uri::Scheme::sips:
      return parseSip(rest, uri);
    case Uri::Scheme::tel:
      return parseTel(rest, uri);
    default:
      break;
  }
  uri.user = rest.rest();
  return isScheme(uri.schemeText) && !uri.user.empty() && allOrEscapes(uri.user, Chars::Opaque);
}

std::optional<Uri> Uri::parse(std::string_view text) {
  std::optional<Uri> result(std::in_place);
  if (!parseInto(text, *result)) result.reset();
  return result;
}

std::string_view Uri::hostPort() const {
  if (!port) return host;
  const char* const end = text.data() + text.size();
  const char* at = host.data() + host.size() + 1;
  while (at != end && is(*at, Chars::Digit)) ++at;
  return {host.data(), static_cast<size_t>(at - host.data())};
}

void Uri::rebase(ptrdiff_t by) {
  for (std::string_view* view : {&text, &schemeText, &user, &password, &host, &parameters, &headers}) Chars::shift(*view, by);
}

char* unescape(std::string_view text, char* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      *out++ = text[i];
      continue;
    }
    const int octet = text.size() - i < 3 ? -1 : Chars::hexPair(text[i + 1], text[i + 2]);
    if (octet < 0) return nullptr;
    *out++ = static_cast<char>(octet);
    i += 2;
  }
  return out;
}

bool unescape(std::string_view text, std::string& out) {
  const size_t before = out.size();
  out.resize(before + text.size());
  const char* end = unescape(text, out.data() + before);
  out.resize(end ? static_cast<size_t>(end - out.data()) : before);
  return end != nullptr;
}

char* writeAddressOfRecord(const Uri& uri, char* out) {
  if (!uri.user.empty()) {
    out = unescape(uri.user, out);
    if (!out || uri.host.empty()) return out;
    *out++ = '@';
  }
  std::string_view host = uri.host;
  if (host.starts_with('[')) {
    const auto address = Runtime::IpAddress::parse(host);
    if (address) return writeAddress(*address, out);
  }
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  for (const char c : host) *out++ = Chars::lower(c);
  return out;
}

}  // namespace Patchbay::Parser
