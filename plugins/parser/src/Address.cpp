#include "Cursor.h"
#include "Into.h"
#include "Scan.h"

namespace Patchbay::Parser {

namespace {

/// False when this is no name-addr, or a broken one, which is then no addr-spec either.
bool takeDisplayName(Cursor& cursor, Address& address) {
  const char* begin = cursor.at;
  if (cursor.sees('"')) {
    const char* end = Scan::quotedEnd(begin, cursor.end);
    if (!end) return false;
    address.displayName = {begin, static_cast<size_t>(end - begin)};
    cursor.at = end;
    cursor.blanks();
  } else {
    address.displayName = Chars::trimmed(cursor.run(Chars::Display));
  }
  return cursor.take('<');
}

bool takeBracketed(Cursor& cursor, Address& address) {
  const std::string_view rest = cursor.rest();
  const size_t close = rest.find('>');
  if (close == std::string_view::npos) return false;
  address.bracketed = true;
  address.uriText = rest.substr(0, close);
  cursor.at += close + 1;
  return true;
}

/// Without brackets what follows a ';' is the header's, and '?' and ',' are forbidden (RFC 3261, 20.10).
bool takeBare(Cursor& cursor, Address& address) {
  const char* begin = cursor.at;
  while (!cursor.done() && *cursor.at != ';' && !Chars::is(*cursor.at, Chars::Blank)) {
    if (*cursor.at == '?' || *cursor.at == ',') return false;
    ++cursor.at;
  }
  address.displayName = {};
  address.uriText = {begin, static_cast<size_t>(cursor.at - begin)};
  return true;
}

bool takeTag(Address& address, const ParameterList::Parameter& parameter) {
  if (parameter.hasValue && parameter.value.empty()) return false;
  if (!equalIgnoringCase(parameter.name, "tag")) return true;
  if (address.tag.data() || parameter.value.empty() || parameter.value.front() == '"') return false;
  address.tag = parameter.value;
  return true;
}

bool takeParameters(Cursor& cursor, Address& address) {
  address.parameters = cursor.rest();
  ParameterList list(address.parameters);
  while (const auto parameter = list.next()) {
    if (!takeTag(address, *parameter)) return false;
  }
  return !list.broken() && !address.parameters.empty();
}

}  // namespace

bool parseInto(std::string_view value, Address& address) {
  address.text = Chars::trimmed(value);
  if (address.text == "*") return address.isStar = true;
  Cursor cursor(address.text);
  if (takeDisplayName(cursor, address)) {
    if (!takeBracketed(cursor, address)) return false;
  } else {
    cursor = Cursor(address.text);
    if (!takeBare(cursor, address)) return false;
  }
  if (!parseInto(address.uriText, address.uri)) return false;
  cursor.blanks();
  if (cursor.done()) return true;
  return cursor.take(';') && takeParameters(cursor, address);
}

std::optional<Address> parseAddress(std::string_view value) {
  std::optional<Address> result(std::in_place);
  if (!parseInto(value, *result)) result.reset();
  return result;
}

std::optional<std::string_view> Address::parameter(std::string_view name) const {
  ParameterList list(parameters);
  while (const auto parameter = list.next()) {
    if (equalIgnoringCase(parameter->name, name)) return parameter->value;
  }
  return std::nullopt;
}

void Address::rebase(ptrdiff_t by) {
  for (std::string_view* view : {&text, &displayName, &uriText, &parameters, &tag}) Chars::shift(*view, by);
  uri.rebase(by);
}

}  // namespace Patchbay::Parser
