#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace Patchbay::Resolver {

/// Reads a DNS message (RFC 1035, 4.1) octet by octet, never past its end: what is not there reads as zeros, and `good` is false from
/// then on.
class DnsReader {
 public:
  static constexpr size_t MostNameOctets = 255;  ///< RFC 1035, 2.3.4

  explicit DnsReader(std::string_view octets, size_t at = 0) : _octets(octets), _at(at) {}
  bool good() const { return _good; }
  size_t at() const { return _at; }

  uint8_t octet();
  uint16_t number16();
  uint32_t number32();
  std::string_view take(size_t length);
  /// A character-string: a length and so many octets.
  std::string_view text();
  /// A domain name in its wire form (lengths and labels, without the root's), in lower case. Pointers must point before the part of the
  /// name that they end, so there are no loops.
  std::string name();

 private:
  void fail() { _good = false; }

  std::string_view _octets;
  size_t _at;
  bool _good = true;
};

/// The wire form of "a.example.org", empty for what is no name; the text of a wire form, none when a label has octets that no host and no
/// service has (all but letters, digits, '-' and '_').
std::string wireOf(std::string_view text);
std::optional<std::string> textOf(std::string_view wire);

}  // namespace Patchbay::Resolver
