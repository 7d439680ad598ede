#include "Cursor.h"
#include "Scan.h"
#include "patchbay/parser/Fields.h"

namespace Patchbay::Parser {

namespace {

inline std::string_view takeRun(Cursor& cursor, Chars::Kind kind, char separator) {
  if (separator == ';') return cursor.run(kind);  // which is of neither kind
  const char* begin = cursor.at;
  while (!cursor.done() && *cursor.at != separator && Chars::is(*cursor.at, kind)) ++cursor.at;
  return {begin, static_cast<size_t>(cursor.at - begin)};
}

/// Without data when it does not close.
std::string_view takeQuoted(Cursor& cursor) {
  const char* begin = cursor.at;
  const char* end = Scan::quotedEnd(begin, cursor.end);
  if (!end) return {};
  cursor.at = end;
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace

std::optional<ParameterList::Parameter> ParameterList::fail() {
  _broken = true;
  _rest = {};
  return std::nullopt;
}

std::optional<ParameterList::Parameter> ParameterList::next() {
  if (_broken || (_rest.empty() && !_expected)) return std::nullopt;
  Cursor cursor(_rest);
  cursor.blanks();
  Parameter found;
  found.name = takeRun(cursor, Chars::ParamName, _separator);
  if (found.name.empty()) return fail();
  cursor.blanks();
  if (cursor.take('=')) {
    found.hasValue = true;
    cursor.blanks();
    found.value = cursor.sees('"') ? takeQuoted(cursor) : takeRun(cursor, Chars::ParamValue, _separator);
    if (!found.value.data()) return fail();
    cursor.blanks();
  }
  _expected = cursor.take(_separator);
  if (!_expected && !cursor.done()) return fail();
  _rest = cursor.rest();
  return found;
}

namespace {

/// Behind what opens here, a quoted string or angle brackets; null when it does not close.
const char* closing(const char* at, const char* end) {
  if (*at == '"') return Scan::quotedEnd(at, end);
  at = Scan::findAny<'>'>(at, end);
  return at == end ? nullptr : at + 1;
}

}  // namespace

std::optional<std::string_view> ListValues::next() {
  if (_broken || (_rest.empty() && !_started)) return std::nullopt;
  const char* const begin = _rest.data();
  const char* const end = begin + _rest.size();
  const char* at = Scan::findAny<',', '"', '<'>(begin, end);
  while (at != end && *at != ',') {
    at = closing(at, end);
    _broken = !at;
    if (_broken) return std::nullopt;
    at = Scan::findAny<',', '"', '<'>(at, end);
  }
  const std::string_view found = Chars::trimmed({begin, static_cast<size_t>(at - begin)});
  const bool more = at != end;
  _broken = found.empty() && (more || _started);
  _rest = more ? std::string_view(at + 1, static_cast<size_t>(end - at - 1)) : std::string_view{};
  _started = more;
  if (found.empty()) return std::nullopt;
  return found;
}

}  // namespace Patchbay::Parser
