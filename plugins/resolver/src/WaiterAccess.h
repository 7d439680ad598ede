#pragma once

#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Resolver {

/// The resolver's side of a Waiter.
class WaiterAccess {
 public:
  static void set(Waiter& waiter, void* lookup, void (*cancel)(Waiter&)) {
    waiter._lookup = lookup;
    waiter._cancel = cancel;
  }
  static void clear(Waiter& waiter) { set(waiter, nullptr, nullptr); }
  static void* lookupOf(const Waiter& waiter) { return waiter._lookup; }
};

}  // namespace Patchbay::Resolver
