#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "patchbay/log/Api.h"

namespace Patchbay::Runtime {

/// Unpredictable numbers (the machine's), or a seeded sequence in tests. One object a worker: not thread-safe, needs no lock.
class PATCHBAY_API Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t next() = 0;
  void fill(std::span<uint8_t> out);
};

/// Fed by the operating system in blocks, fit for tags, branches and secrets. A few nanoseconds each.
PATCHBAY_API std::unique_ptr<Random> makeSystemRandom();
/// The same sequence for the same seed, on every machine. For tests only.
PATCHBAY_API std::unique_ptr<Random> makeSeededRandom(uint64_t seed);

}  // namespace Patchbay::Runtime
