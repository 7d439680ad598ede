#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace Patchbay::Parser::Chars {

/// Classes of octets, as RFC 3261, 25.1 needs them. '%' is in none of the URI's: an escape is checked where it stands.
enum Kind : uint16_t {
  Token = 1,
  User = 2,
  Password = 4,
  Param = 8,
  HeaderPart = 16,
  Host = 32,
  Digit = 64,
  Hex = 128,
  Blank = 256,        ///< SP, HT, and CR, LF: by the time that a value is parsed they can only be a fold's
  ParamName = 512,    ///< of a header parameter, generously
  ParamValue = 1024,  ///< unquoted
  Display = 2048,     ///< unquoted display name: tokens, blanks and, generously, what is not ASCII
  Opaque = 4096,      ///< behind the colon of a scheme that is not ours
  Phone = 8192        ///< tel: digits and visual separators
};

constexpr bool among(unsigned char c, std::string_view set) {
  return c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

constexpr uint16_t uriKinds(unsigned char c, bool letter, bool digit) {
  const bool unreserved = letter || digit || among(c, "-_.!~*'()");
  uint16_t kinds = 0;
  if (unreserved || among(c, "&=+$,;?/#")) kinds |= User;  // '#': telephones dial feature codes with it
  if (unreserved || among(c, "&=+$,")) kinds |= Password;
  if (unreserved || among(c, "[]/:&+$")) kinds |= Param;
  if (unreserved || among(c, "[]/?:+$")) kinds |= HeaderPart;
  if (unreserved || among(c, ";/?:@&=+$,[]#")) kinds |= Opaque;
  if (letter || digit || c == '-' || c == '_') kinds |= Host;
  if (digit || among(c, "+-.()*#ABCDEFabcdef")) kinds |= Phone;
  return kinds;
}

constexpr uint16_t kindsOf(unsigned char c) {
  const bool digit = c >= '0' && c <= '9';
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool blank = among(c, " \t\r\n");
  const bool token = letter || digit || among(c, "-.!%*_+`'~");
  const bool visible = c > 0x20 && c != 0x7f;
  uint16_t kinds = uriKinds(c, letter, digit);
  if (token) kinds |= Token;
  if (digit) kinds |= Digit;
  if (digit || among(c, "abcdefABCDEF")) kinds |= Hex;
  if (blank) kinds |= Blank;
  if (visible && !among(c, "\"<>=;,")) kinds |= ParamName;
  if (visible && !among(c, "\"<>;,")) kinds |= ParamValue;
  if (token || blank || c >= 0x80) kinds |= Display;
  return kinds;
}

constexpr std::array<uint16_t, 256> makeTable() {
  std::array<uint16_t, 256> table{};
  for (size_t c = 0; c < table.size(); ++c) table[c] = kindsOf(static_cast<unsigned char>(c));
  return table;
}

inline constexpr std::array<uint16_t, 256> Table = makeTable();

inline bool is(char c, Kind kind) {
  return Table[static_cast<unsigned char>(c)] & kind;
}

/// The value of a decimal digit, over 9 for any other octet.
inline unsigned digitOf(char c) {
  return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
}

inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// The value of two hex digits, or -1.
inline int hexPair(char high, char low) {
  if (!is(high, Hex) || !is(low, Hex)) return -1;
  const auto digit = [](char c) { return is(c, Digit) ? c - '0' : (c | 0x20) - 'a' + 10; };
  return digit(high) * 16 + digit(low);
}

/// Whether all octets are of the kind, or well-formed escapes.
inline bool allOrEscapes(std::string_view text, Kind kind) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (is(text[i], kind)) continue;
    if (text[i] != '%' || text.size() - i < 3 || hexPair(text[i + 1], text[i + 2]) < 0) return false;
    i += 2;
  }
  return true;
}

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is(text.front(), Blank)) text.remove_prefix(1);
  while (!text.empty() && is(text.back(), Blank)) text.remove_suffix(1);
  return text;
}

inline void shift(std::string_view& view, ptrdiff_t by) {
  if (view.data()) view = {view.data() + by, view.size()};
}

}  // namespace Patchbay::Parser::Chars
