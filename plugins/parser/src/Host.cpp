#include "Host.h"

#include "patchbay/parser/Fields.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::Parser {

using Chars::is;

namespace {

/// Behind the address that begins at `at`; null when there is none.
const char* ipv4End(const char* at, const char* end, uint8_t* octets = nullptr) {
  for (int i = 0; i < 4; ++i) {
    if (i && (at == end || *at++ != '.')) return nullptr;
    const char* const begin = at;
    unsigned number = 0;
    for (unsigned digit; at != end && at - begin < 4 && (digit = Chars::digitOf(*at)) <= 9; ++at) number = number * 10 + digit;
    if (at == begin || at - begin > 3 || number > 255) return nullptr;
    if (octets) octets[i] = static_cast<uint8_t>(number);
  }
  return at;
}

}  // namespace

bool isIpv4(std::string_view text, uint8_t* octets) {
  const char* const end = text.data() + text.size();
  return ipv4End(text.data(), end, octets) == end;
}

namespace {

/// Reads the groups of an IPv6 address, one after the other.
class Groups {
 public:
  explicit Groups(std::string_view text) : _cursor(text) {}

  bool read() {
    if (_cursor.sees(':') && !(_cursor.take(':') && _cursor.sees(':') && gap())) return false;
    while (!_cursor.done()) {
      if (!group()) return false;
    }
    return !_open && (_gap < 0 ? _count == 8 : _count <= 7);
  }

  Address6 address() const {
    Address6 result{};
    const int shift = 8 - _count;
    for (int i = 0; i < _count; ++i) {
      const int to = _gap >= 0 && i >= _gap ? i + shift : i;
      result[2 * to] = static_cast<uint8_t>(_groups[i] >> 8);
      result[2 * to + 1] = static_cast<uint8_t>(_groups[i]);
    }
    return result;
  }

 private:
  /// The second colon, and a third one before an IPv4 address.
  bool gap() {
    if (_gap >= 0) return false;
    _gap = _count;
    ++_cursor.at;
    if (_cursor.sees(':') && _cursor.rest().find('.') != std::string_view::npos) ++_cursor.at;
    _open = false;
    return true;
  }

  bool group() {
    const char* begin = _cursor.at;
    const std::string_view digits = _cursor.run(Chars::Hex);
    if (digits.empty() || digits.size() > 4 || _count == 8) return false;
    if (_cursor.sees('.')) return tail({begin, static_cast<size_t>(_cursor.end - begin)});
    unsigned number = 0;
    for (const char c : digits) number = number * 16 + static_cast<unsigned>(is(c, Chars::Digit) ? c - '0' : (c | 0x20) - 'a' + 10);
    _groups[_count++] = static_cast<uint16_t>(number);
    _open = _cursor.take(':');
    if (_open && _cursor.sees(':')) return gap();
    return _open || _cursor.done();
  }

  bool tail(std::string_view text) {
    uint8_t octets[4];
    if (_count > 6 || !isIpv4(text, octets)) return false;
    _groups[_count++] = static_cast<uint16_t>(octets[0] << 8 | octets[1]);
    _groups[_count++] = static_cast<uint16_t>(octets[2] << 8 | octets[3]);
    _cursor.at = _cursor.end;
    _open = false;
    return true;
  }

  Cursor _cursor;
  uint16_t _groups[8] = {};
  int _count = 0, _gap = -1;
  bool _open = false;  // a single colon was the last thing
};

bool isZone(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is(c, Chars::Host) && c != '.' && c != '%' && c != '~') return false;
  }
  return true;
}

bool allDigits(const char* at, const char* end) {
  while (at != end && is(*at, Chars::Digit)) ++at;
  return at == end;
}

/// An IPv4 address that ends where a name would end; empty when there is none.
std::string_view takeIpv4(Cursor& cursor) {
  const char* const begin = cursor.at;
  const char* const end = ipv4End(begin, cursor.end);
  if (!end || (end != cursor.end && (*end == '.' || is(*end, Chars::Host)))) return {};
  cursor.at = end;
  return {begin, static_cast<size_t>(end - begin)};
}

/// Labels and dots, one dot at the end allowed; a last label of digits alone would make it an IPv4 address.
std::string_view takeName(Cursor& cursor) {
  const char* const begin = cursor.at;
  const char *label = begin, *before = begin;
  for (; !cursor.done(); ++cursor.at) {
    if (is(*cursor.at, Chars::Host)) continue;
    if (*cursor.at != '.') break;
    if (cursor.at == label) return {};
    before = label;
    label = cursor.at + 1;
  }
  const std::string_view name(begin, static_cast<size_t>(cursor.at - begin));
  if (name.empty()) return name;
  const bool dotted = label == cursor.at;
  const char* last = dotted ? before : label;
  if (is(*last, Chars::Digit) && allDigits(last, dotted ? label - 1 : cursor.at) && !isIpv4(name)) return {};
  return name;
}

}  // namespace

std::optional<Address6> parseIpv6(std::string_view text) {
  const size_t zone = text.find('%');
  if (zone != std::string_view::npos) {
    if (!isZone(text.substr(zone + 1))) return std::nullopt;
    text = text.substr(0, zone);
  }
  Groups groups(text);
  if (!groups.read()) return std::nullopt;
  return groups.address();
}

bool isHost(std::string_view text) {
  Cursor cursor(text);
  return !takeHost(cursor).empty() && cursor.done();
}

bool sameHost(std::string_view a, std::string_view b) {
  if (!a.empty() && a.back() == '.') a.remove_suffix(1);
  if (!b.empty() && b.back() == '.') b.remove_suffix(1);
  if (equalIgnoringCase(a, b)) return true;
  if (a.size() < 3 || b.size() < 3 || a[0] != '[' || b[0] != '[') return false;
  if (a.find('%') != std::string_view::npos || b.find('%') != std::string_view::npos) return false;  // zones are names, not addresses
  const auto left = parseIpv6(a.substr(1, a.size() - 2)), right = parseIpv6(b.substr(1, b.size() - 2));
  return left && right && *left == *right;
}

std::string_view takeHost(Cursor& cursor) {
  if (!cursor.sees('[')) {
    const std::string_view address = takeIpv4(cursor);
    return address.empty() ? takeName(cursor) : address;
  }
  const std::string_view rest = cursor.rest();
  const size_t close = rest.find(']');
  if (close == std::string_view::npos || !parseIpv6(rest.substr(1, close - 1))) return {};
  cursor.at += close + 1;
  return rest.substr(0, close + 1);
}

uint16_t takePort(Cursor& cursor) {
  unsigned number = 0;
  for (unsigned digit; !cursor.done() && (digit = Chars::digitOf(*cursor.at)) <= 9; ++cursor.at)
    number = number > 65535 ? number : number * 10 + digit;  // over the limit it stays over it
  return number > 65535 ? uint16_t{0} : static_cast<uint16_t>(number);
}

}  // namespace Patchbay::Parser
