#pragma once

#include <memory>

#include "patchbay/runtime/Clock.h"

namespace Patchbay::Runtime {

/// What a thread has had of the machine since it began.
struct ThreadUse {
  Duration cpu{};     ///< it ran
  Duration queued{};  ///< it could have run, but no core was free; zero where the system does not tell
};

/// Tells what the thread that asks has had. Under a microsecond.
class ThreadClock {
 public:
  virtual ~ThreadClock() = default;
  virtual ThreadUse read() = 0;
};

/// Of the thread that makes it.
std::unique_ptr<ThreadClock> makeThreadClock();

}  // namespace Patchbay::Runtime
