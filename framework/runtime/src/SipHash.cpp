#include "patchbay/runtime/SipHash.h"

#include <bit>
#include <cstring>

namespace Patchbay::Runtime {

namespace {

inline void round(uint64_t& v0, uint64_t& v1, uint64_t& v2, uint64_t& v3) {
  v0 += v1;
  v2 += v3;
  v1 = std::rotl(v1, 13) ^ v0;
  v3 = std::rotl(v3, 16) ^ v2;
  v0 = std::rotl(v0, 32);
  v2 += v1;
  v0 += v3;
  v1 = std::rotl(v1, 17) ^ v2;
  v3 = std::rotl(v3, 21) ^ v0;
  v2 = std::rotl(v2, 32);
}

/// Little-endian, at most 8 octets, the rest zero.
inline uint64_t load(const char* octets, size_t count = 8) {
  uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, octets, count);
  } else {
    for (size_t i = 0; i < count; ++i) word |= uint64_t{static_cast<uint8_t>(octets[i])} << (8 * i);
  }
  return word;
}

}  // namespace

SipHash::SipHash(const Key& key, Width width)
    : _wide(width == Width::bits128),
      _v0(key[0] ^ 0x736f6d6570736575),
      _v1(key[1] ^ 0x646f72616e646f6d ^ (_wide ? 0xee : 0)),
      _v2(key[0] ^ 0x6c7967656e657261),
      _v3(key[1] ^ 0x7465646279746573) {}

inline void SipHash::absorb(uint64_t word) {
  _v3 ^= word;
  round(_v0, _v1, _v2, _v3);
  round(_v0, _v1, _v2, _v3);
  _v0 ^= word;
}

SipHash& SipHash::add(std::string_view octets) {
  if (octets.empty()) return *this;  // it may be a null pointer's, which memcpy must not get
  const char* at = octets.data();
  size_t left = octets.size();
  const size_t held = _length & 7;
  _length += left;
  if (held != 0) {
    const size_t taken = left < 8 - held ? left : 8 - held;
    _tail |= load(at, taken) << (8 * held);
    if (held + taken < 8) return *this;
    absorb(_tail);
    at += taken;
    left -= taken;
  }
  for (; left >= 8; at += 8, left -= 8) absorb(load(at));
  _tail = left == 0 ? 0 : load(at, left);
  return *this;
}

SipHash& SipHash::add(uint64_t number) {
  if ((_length & 7) == 0) {
    _length += 8;
    absorb(number);
    return *this;
  }
  char octets[8];
  for (size_t i = 0; i < 8; ++i) octets[i] = static_cast<char>(number >> (8 * i));
  return add(std::string_view(octets, 8));
}

void SipHash::closing() {
  absorb(_tail | _length << 56);
  _v2 ^= _wide ? 0xee : 0xff;
  for (int i = 0; i < 4; ++i) round(_v0, _v1, _v2, _v3);
}

uint64_t SipHash::finish64() {
  closing();
  return _v0 ^ _v1 ^ _v2 ^ _v3;
}

std::pair<uint64_t, uint64_t> SipHash::finish128() {
  const uint64_t first = finish64();
  _v1 ^= 0xdd;
  for (int i = 0; i < 4; ++i) round(_v0, _v1, _v2, _v3);
  return {first, _v0 ^ _v1 ^ _v2 ^ _v3};
}

uint64_t SipHash::of(const Key& key, std::string_view octets) {
  return SipHash(key).add(octets).finish64();
}

}  // namespace Patchbay::Runtime
