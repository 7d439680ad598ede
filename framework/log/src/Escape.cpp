#include "Escape.h"

#include "patchbay/log/Setup.h"

namespace Patchbay::Log {

namespace {

constexpr char Digits[] = "0123456789abcdef";

unsigned char octetAt(std::string_view text, size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool isPlain(char c) {
  return c >= ' ' && c < '\x7f';
}

/// RFC 3629: the second octet bounds out overlong forms, surrogates and what is beyond U+10FFFF.
bool secondFits(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xc2:  // below are the C1 controls
    case 0xe0:
      return second >= 0xa0 && second <= 0xbf;
    case 0xed:
      return second >= 0x80 && second <= 0x9f;
    case 0xf0:
      return second >= 0x90 && second <= 0xbf;
    case 0xf4:
      return second >= 0x80 && second <= 0x8f;
    default:
      return (second & 0xc0) == 0x80;
  }
}

size_t lengthByFirst(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/// Marks that turn the direction of what is displayed (U+061C, U+200E and F, U+202A to E, U+2066 to 9), and what ends lines for some
/// (U+2028 and 9): with them a line can show other words than it holds.
bool isMark(std::string_view text) {
  const auto first = octetAt(text, 0), second = octetAt(text, 1), third = octetAt(text, 2);
  if (first == 0xd8) return second == 0x9c;
  if (first != 0xe2) return false;
  if (second == 0x80) return third == 0x8e || third == 0x8f || (third >= 0xa8 && third <= 0xae);
  return second == 0x81 && third >= 0xa6 && third <= 0xa9;
}

char shortEscape(char c) {
  switch (c) {
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\\':
      return '\\';
    default:
      return 0;
  }
}

void appendOctet(std::string& out, char c) {
  if (const char letter = shortEscape(c)) {
    out += '\\';
    out += letter;
  } else if (isPlain(c)) {
    out += c;
  } else {
    appendHex(out, static_cast<unsigned char>(c));
  }
}

void appendJsonOctet(std::string& out, char c) {
  const auto octet = static_cast<unsigned char>(c);
  if (c == '"') {
    out += "\\\"";
  } else if (const char letter = shortEscape(c)) {
    out += '\\';
    out += letter;
  } else if (isPlain(c)) {
    out += c;
  } else if (octet < 0x80) {
    out += "\\u00";
    out += Digits[octet >> 4];
    out += Digits[octet & 15];
  } else {
    out += '\\';  // a backslash of JSON before the one of \xNN
    appendHex(out, octet);
  }
}

template <class Each>
void appendAll(std::string& out, std::string_view text, size_t limit, Each each) {
  std::string_view left = cutTo(text, limit);
  const bool cut = left.size() < text.size();
  while (!left.empty()) {
    const size_t length = sequenceLength(left);
    if (length > 1)
      out.append(left.substr(0, length));
    else
      each(out, left.front());
    left.remove_prefix(length > 1 ? length : 1);
  }
  if (cut) out += "...";
}

}  // namespace

size_t sequenceLength(std::string_view text) {
  const unsigned char first = octetAt(text, 0);
  const size_t length = lengthByFirst(first);
  if (length < 2) return text.empty() ? 0 : length;
  if (text.size() < length || !secondFits(first, octetAt(text, 1))) return 0;
  for (size_t i = 2; i < length; ++i)
    if ((octetAt(text, i) & 0xc0) != 0x80) return 0;
  return isMark(text) ? 0 : length;
}

std::string_view cutTo(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  for (size_t back = 1; back <= 3 && back <= limit; ++back) {
    const size_t start = limit - back;
    if ((octetAt(text, start) & 0xc0) == 0x80) continue;
    return text.substr(0, sequenceLength(text.substr(start)) > back ? start : limit);
  }
  return text.substr(0, limit);
}

void appendHex(std::string& out, unsigned char octet) {
  out += "\\x";
  out += Digits[octet >> 4];
  out += Digits[octet & 15];
}

void appendEscaped(std::string& out, std::string_view text, size_t limit) {
  appendAll(out, text, limit, appendOctet);
}

void appendJson(std::string& out, std::string_view text, size_t limit) {
  out += '"';
  appendAll(out, text, limit, appendJsonOctet);
  out += '"';
}

std::string escaped(std::string_view octets, size_t limit) {
  std::string out;
  out.reserve(octets.size() < limit ? octets.size() : limit + 3);
  appendEscaped(out, octets, limit);
  return out;
}

}  // namespace Patchbay::Log
