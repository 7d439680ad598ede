#include "OpenBranches.h"

#include <algorithm>

namespace Patchbay::Tm {

uint32_t OpenBranches::enter(const Runtime::Endpoint& target) {
  const uint32_t place = placeOf(target);
  const uint32_t before =
      std::min(first(place).fetch_add(1, std::memory_order_relaxed), second(place).fetch_add(1, std::memory_order_relaxed));
  if (before < _most) return place;
  leave(place);
  return 0;
}

void OpenBranches::leave(uint32_t place) {
  first(place).fetch_sub(1, std::memory_order_relaxed);
  second(place).fetch_sub(1, std::memory_order_relaxed);
}

uint32_t OpenBranches::count(uint32_t place) const {
  return std::min(_rows[place & (Places - 1)].load(std::memory_order_relaxed),
                  _rows[Places + (place >> 16)].load(std::memory_order_relaxed));
}

}  // namespace Patchbay::Tm
