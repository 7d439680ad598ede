#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "patchbay/log/Api.h"

namespace Patchbay::Runtime {

/// Keyed hash for tables that hostile peers fill, and short authentication codes (SipHash-2-4 by Aumasson and Bernstein, 2012).
class PATCHBAY_API SipHash {
 public:
  using Key = std::array<uint64_t, 2>;
  /// The wide variant differs from the first octet on, so the choice comes before the data.
  enum class Width : uint8_t { bits64, bits128 };

  explicit SipHash(const Key& key, Width width = Width::bits64);
  SipHash& add(std::string_view octets);
  SipHash& add(uint64_t number);
  /// Ends the hash; the object is spent.
  uint64_t finish64();
  /// SipHash-2-4-128, of an object made with Width::bits128; the first eight octets (little-endian) and the last.
  std::pair<uint64_t, uint64_t> finish128();

  static uint64_t of(const Key& key, std::string_view octets);

 private:
  void absorb(uint64_t word);
  void closing();
  bool _wide;
  uint64_t _v0, _v1, _v2, _v3, _tail = 0;
  uint64_t _length = 0;
};

}  // namespace Patchbay::Runtime
