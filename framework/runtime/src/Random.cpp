#include "patchbay/runtime/Random.h"

#include <Poco/RandomStream.h>

#include <array>
#include <bit>
#include <cerrno>
#include <utility>

#ifdef __linux__
#include <sys/random.h>
#endif

namespace Patchbay::Runtime {

namespace {

void fromSystem(char* out, size_t length) {
#ifdef __linux__
  while (length > 0) {
    const ssize_t got = getrandom(out, length, 0);
    if (got < 0 && errno != EINTR) break;
    if (got <= 0) continue;
    out += got;
    length -= static_cast<size_t>(got);
  }
  if (length == 0) return;
#endif
  Poco::RandomBuf().readFromDevice(out, length);
}

class SystemRandom : public Random {
 public:
  uint64_t next() override {
    if (_used == _block.size()) refill();
    // a number given away is not kept: memory read later tells nothing of earlier tags and secrets
    return std::exchange(_block[_used++], 0);
  }

 private:
  void refill() {
    fromSystem(reinterpret_cast<char*>(_block.data()), sizeof _block);
    _used = 0;
  }
  std::array<uint64_t, 512> _block;
  size_t _used = _block.size();
};

/// xoshiro256** of Blackman and Vigna (2018), its state filled by splitmix64 as they advise.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) {
    for (auto& word : _state) {
      seed += 0x9e3779b97f4a7c15;
      uint64_t z = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }
  uint64_t next() override {
    auto& s = _state;
    const uint64_t result = std::rotl(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = std::rotl(s[3], 45);
    return result;
  }

 private:
  std::array<uint64_t, 4> _state;
};

}  // namespace

void Random::fill(std::span<uint8_t> out) {
  while (!out.empty()) {
    uint64_t word = next();
    const size_t count = out.size() < 8 ? out.size() : 8;
    for (size_t i = 0; i < count; ++i, word >>= 8) out[i] = static_cast<uint8_t>(word);
    out = out.subspan(count);
  }
}

std::unique_ptr<Random> makeSystemRandom() {
  return std::make_unique<SystemRandom>();
}
std::unique_ptr<Random> makeSeededRandom(uint64_t seed) {
  return std::make_unique<SeededRandom>(seed);
}

}  // namespace Patchbay::Runtime
