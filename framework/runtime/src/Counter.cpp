#include "patchbay/runtime/Counter.h"

namespace Patchbay::Runtime {

uint64_t Counter::value() const {
  uint64_t sum = 0;
  for (const Cell& cell : _cells) sum += cell.value.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace Patchbay::Runtime
