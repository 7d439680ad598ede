#include "DnsReader.h"

#include <algorithm>

namespace Patchbay::Resolver {

namespace {

constexpr uint8_t PointerBits = 0xc0;
constexpr size_t MostLabelOctets = 63;

char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool isPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

uint8_t DnsReader::octet() {
  if (!_good || _at >= _octets.size()) {
    fail();
    return 0;
  }
  return static_cast<uint8_t>(_octets[_at++]);
}

uint16_t DnsReader::number16() {
  const unsigned high = octet();
  return static_cast<uint16_t>(high << 8 | octet());
}

uint32_t DnsReader::number32() {
  const uint32_t high = number16();
  return high << 16 | number16();
}

std::string_view DnsReader::take(size_t length) {
  if (!_good || length > _octets.size() - _at) {
    fail();
    return {};
  }
  _at += length;
  return _octets.substr(_at - length, length);
}

std::string_view DnsReader::text() {
  return take(octet());
}

std::string DnsReader::name() {
  std::string wire;
  size_t before = _at;  // where a pointer may not point at or behind
  std::optional<size_t> end;
  while (const uint8_t length = octet()) {
    if ((length & PointerBits) == PointerBits) {
      const size_t to = static_cast<size_t>(length & ~PointerBits) << 8 | octet();
      if (!end) end = _at;
      if (to >= before) fail();
      if (!_good) break;
      before = _at = to;
    } else {
      const auto label = take(length);
      if (length > MostLabelOctets || wire.size() + length + 2 > MostNameOctets) fail();
      if (!_good) break;
      wire += static_cast<char>(length);
      for (const char c : label) wire += lowered(c);
    }
  }
  if (end) _at = *end;
  return _good ? wire : std::string();
}

std::string wireOf(std::string_view text) {
  std::string wire;
  while (!text.empty()) {
    const auto label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > MostLabelOctets) return {};
    wire += static_cast<char>(label.size());
    for (const char c : label) wire += lowered(c);
    text.remove_prefix(std::min(label.size() + 1, text.size()));
  }
  return wire.size() + 1 > DnsReader::MostNameOctets ? std::string() : wire;
}

std::optional<std::string> textOf(std::string_view wire) {
  std::string text;
  while (!wire.empty()) {
    const auto label = wire.substr(1, static_cast<uint8_t>(wire[0]));
    if (!text.empty()) text += '.';
    for (const char c : label) {
      if (!isPlain(c)) return std::nullopt;
      text += c;
    }
    wire.remove_prefix(label.size() + 1);
  }
  return text;
}

}  // namespace Patchbay::Resolver
