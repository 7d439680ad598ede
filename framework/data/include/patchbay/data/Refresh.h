#pragma once

#include <functional>
#include <memory>

#include "patchbay/runtime/Environment.h"

namespace Patchbay::Data {

/// Has something read again and again on the blocking pool: lists that others may change in the database. `read` may block and must not
/// throw; one at a time. May begin while the workers run, and ends when they do not.
class PATCHBAY_API Refresh {
 public:
  Refresh(Runtime::Environment& environment, Runtime::Duration every, std::function<void()> read);
  /// Waits for one that is under way.
  ~Refresh();
  Refresh(const Refresh&) = delete;

 private:
  struct State;
  const std::shared_ptr<State> _state;
};

}  // namespace Patchbay::Data
