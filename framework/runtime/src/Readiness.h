#pragma once

#include <memory>
#include <span>

#include "patchbay/log/Api.h"
#include "patchbay/runtime/Clock.h"

namespace Patchbay::Runtime {

/// Waits for descriptors; one worker's own but for `wake`.
class PATCHBAY_API Readiness {
 public:
  struct Ready {
    int descriptor;
    unsigned events;  ///< of Worker::Events; both after an error, so that reading or writing finds it
  };

  virtual ~Readiness() = default;
  /// Level-triggered; replaces what was set for the descriptor. Throws Poco::IOException for what cannot be waited for.
  virtual void set(int descriptor, unsigned events) = 0;
  /// A descriptor that is closed already is no error.
  virtual void clear(int descriptor) = 0;
  /// Returns after `most` (rounded up to what the system knows), or when something is ready or `wake` was called. Valid until the next
  /// call.
  virtual std::span<const Ready> wait(Duration most) = 0;
  /// Ends the present or the next wait. From any thread.
  virtual void wake() = 0;
};

PATCHBAY_API std::unique_ptr<Readiness> makePollReadiness();
/// epoll where there is one.
PATCHBAY_API std::unique_ptr<Readiness> makeSystemReadiness();

}  // namespace Patchbay::Runtime
