#include "ParameterReader.h"

#include <array>

namespace Patchbay::Auth {

namespace {

bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// What a token is made of, and, generously, what clients put into values that they forget to quote.
constexpr std::array<bool, 256> makeTokenTable() {
  std::array<bool, 256> table{};
  for (unsigned c = 0x21; c < 0x7f; ++c) table[c] = true;
  for (const char c : {'"', ',', '=', ';', '\\', '<', '>', '(', ')'}) table[static_cast<unsigned char>(c)] = false;
  return table;
}
constexpr auto TokenTable = makeTokenTable();

bool isControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

void ParameterReader::skipBlanks() {
  size_t blanks = 0;
  while (blanks < _rest.size() && isBlank(_rest[blanks])) ++blanks;
  _rest.remove_prefix(blanks);
}

std::string_view ParameterReader::token() {
  size_t length = 0;
  while (length < _rest.size() && TokenTable[static_cast<unsigned char>(_rest[length])]) ++length;
  const std::string_view text = _rest.substr(0, length);
  _rest.remove_prefix(length);
  return text;
}

std::string_view ParameterReader::scheme() {
  skipBlanks();
  const std::string_view name = token();
  return !_rest.empty() && !isBlank(_rest.front()) ? std::string_view() : name;
}

/// Up to the closing quote; an escaped octet is part of the text.
bool ParameterReader::quoted(Parameter& parameter) {
  for (size_t i = 1; i < _rest.size(); ++i) {
    if (isControl(_rest[i])) return false;
    if (_rest[i] == '\\') {
      ++i;
      if (i < _rest.size() && isControl(_rest[i])) return false;
    } else if (_rest[i] == '"') {
      parameter.value = _rest.substr(1, i - 1);
      parameter.quoted = true;
      _rest.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

std::optional<ParameterReader::Parameter> ParameterReader::fail() {
  _broken = true;
  return {};
}

std::optional<ParameterReader::Parameter> ParameterReader::next() {
  skipBlanks();
  if (_rest.empty()) return _begun ? std::nullopt : fail();
  if (_begun) {
    if (_rest.front() != ',') return fail();
    _rest.remove_prefix(1);
    skipBlanks();
  }
  _begun = true;
  Parameter parameter;
  parameter.name = token();
  skipBlanks();
  if (parameter.name.empty() || _rest.empty() || _rest.front() != '=') return fail();
  _rest.remove_prefix(1);
  skipBlanks();
  if (!_rest.empty() && _rest.front() == '"') return quoted(parameter) ? std::optional(parameter) : fail();
  parameter.value = token();
  return parameter.value.empty() ? fail() : std::optional(parameter);
}

}  // namespace Patchbay::Auth
