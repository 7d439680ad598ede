#pragma once

#include "patchbay/runtime/Clock.h"

extern "C" void mi_collect(bool force) __attribute__((weak));  // mimalloc's, where it is linked to the program (doc/decisions/041)

namespace Patchbay::Runtime {

/// Gives back to the system what a thread has of free memory, where the allocator keeps a heap for each thread: only then does it find what
/// other threads have freed of it. For a thread that has nothing else to do, and no more often than each five seconds, since it takes
/// about a millisecond for 100 MiB.
class GiveBack {
 public:
  void idle(Instant now) {
    if (now < _next) return;
    GiveBack::now();
    _next = now + std::chrono::seconds(5);
  }
  static void now() {
    if (mi_collect) mi_collect(true);
  }

 private:
  Instant _next{};
};

}  // namespace Patchbay::Runtime
