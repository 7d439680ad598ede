#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "patchbay/log/Api.h"

namespace Patchbay::Runtime {

/// Keyed hash by Aumasson and Bernstein (2012): `Compression` rounds a word, `Finalization` rounds at the end. All inline, since it runs
/// several times a message and its state belongs in registers.
///
/// Two ways to feed it. `add` gives the hash of the octets joined together, as the published test vectors have it. `part` is for records of
/// several texts: it puts the length first and fills up to whole words, so that no octet can wander from one text to the next; cheaper,
/// too, since nothing is shifted as long as only parts and numbers are fed.
template <int Compression, int Finalization>
class BasicSipHash {
 public:
  using Key = std::array<uint64_t, 2>;
  /// The wide variant differs from the first octet on, so the choice comes before the data.
  enum class Width : uint8_t { bits64, bits128 };

  explicit BasicSipHash(const Key& key, Width width = Width::bits64)
      : _wide(width == Width::bits128),
        _v0(key[0] ^ 0x736f6d6570736575),
        _v1(key[1] ^ 0x646f72616e646f6d ^ (_wide ? 0xee : 0)),
        _v2(key[0] ^ 0x6c7967656e657261),
        _v3(key[1] ^ 0x7465646279746573) {}

  BasicSipHash& add(std::string_view octets);
  /// Eight octets, little-endian.
  BasicSipHash& add(uint64_t number);
  BasicSipHash& part(std::string_view text);
  /// Ends the hash; the object is spent.
  uint64_t finish64();
  /// The -128 variant, of an object made with Width::bits128; the first eight octets (little-endian) and the last. Of any object: two
  /// independent halves for a key.
  std::pair<uint64_t, uint64_t> finish128();

  static uint64_t of(const Key& key, std::string_view octets) { return BasicSipHash(key).add(octets).finish64(); }

 private:
  void round() {
    _v0 += _v1;
    _v2 += _v3;
    _v1 = std::rotl(_v1, 13) ^ _v0;
    _v3 = std::rotl(_v3, 16) ^ _v2;
    _v0 = std::rotl(_v0, 32);
    _v2 += _v1;
    _v0 += _v3;
    _v1 = std::rotl(_v1, 17) ^ _v2;
    _v3 = std::rotl(_v3, 21) ^ _v0;
    _v2 = std::rotl(_v2, 32);
  }
  void absorb(uint64_t word) {
    _v3 ^= word;
    for (int i = 0; i < Compression; ++i) round();
    _v0 ^= word;
  }
  /// Eight octets.
  static uint64_t load(const char* octets);
  /// Fewer than eight, the rest zero.
  static uint64_t loadFew(const char* octets, size_t count);

  bool _wide;
  uint64_t _v0, _v1, _v2, _v3, _tail = 0;
  uint64_t _length = 0;
};

/// For codes that are shown to peers and must not be forged, and where the published algorithm is promised.
using SipHash = BasicSipHash<2, 4>;
/// For the keys of tables that hostile peers fill and for what one process alone must know again: the variant that hash tables use, at half
/// the cost.
using TableHash = BasicSipHash<1, 3>;

template <int Compression, int Finalization>
inline uint64_t BasicSipHash<Compression, Finalization>::load(const char* octets) {
  uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, octets, 8);
  } else {
    for (size_t i = 0; i < 8; ++i) word |= uint64_t{static_cast<uint8_t>(octets[i])} << (8 * i);
  }
  return word;
}

template <int Compression, int Finalization>
inline uint64_t BasicSipHash<Compression, Finalization>::loadFew(const char* octets, size_t count) {
  uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    if (count >= 4) {  // two overlapping loads instead of a loop
      uint32_t low = 0, high = 0;
      std::memcpy(&low, octets, 4);
      std::memcpy(&high, octets + count - 4, 4);
      return low | uint64_t{high} << (8 * (count - 4));
    }
  }
  for (size_t i = 0; i < count; ++i) word |= uint64_t{static_cast<uint8_t>(octets[i])} << (8 * i);
  return word;
}

template <int Compression, int Finalization>
inline BasicSipHash<Compression, Finalization>& BasicSipHash<Compression, Finalization>::add(std::string_view octets) {
  const char* at = octets.data();
  size_t left = octets.size();
  const size_t held = _length & 7;
  _length += left;
  if (held != 0) {
    const size_t taken = left < 8 - held ? left : 8 - held;
    _tail |= loadFew(at, taken) << (8 * held);
    if (held + taken < 8) return *this;
    absorb(_tail);
    at += taken;
    left -= taken;
  }
  for (; left >= 8; at += 8, left -= 8) absorb(load(at));
  _tail = loadFew(at, left);
  return *this;
}

template <int Compression, int Finalization>
inline BasicSipHash<Compression, Finalization>& BasicSipHash<Compression, Finalization>::add(uint64_t number) {
  const size_t held = _length & 7;
  _length += 8;
  if (held == 0) {
    absorb(number);
    return *this;
  }
  absorb(_tail | number << (8 * held));
  _tail = number >> (64 - 8 * held);
  return *this;
}

template <int Compression, int Finalization>
inline BasicSipHash<Compression, Finalization>& BasicSipHash<Compression, Finalization>::part(std::string_view text) {
  add(uint64_t{text.size()});
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) add(load(at));
  return left == 0 ? *this : add(loadFew(at, left));
}

template <int Compression, int Finalization>
inline uint64_t BasicSipHash<Compression, Finalization>::finish64() {
  absorb(_tail | _length << 56);
  _v2 ^= _wide ? 0xee : 0xff;
  for (int i = 0; i < Finalization; ++i) round();
  return _v0 ^ _v1 ^ _v2 ^ _v3;
}

template <int Compression, int Finalization>
inline std::pair<uint64_t, uint64_t> BasicSipHash<Compression, Finalization>::finish128() {
  const uint64_t first = finish64();
  _v1 ^= 0xdd;
  for (int i = 0; i < Finalization; ++i) round();
  return {first, _v0 ^ _v1 ^ _v2 ^ _v3};
}

}  // namespace Patchbay::Runtime
