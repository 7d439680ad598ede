#pragma once

#include <functional>
#include <memory>

#include "patchbay/runtime/Environment.h"

namespace Patchbay::Data {

/// Has something read again and again on the blocking pool: lists that others may change in the database. `read` may block and must not
/// throw; one at a time. Made and ended while the workers do not run.
class PATCHBAY_API Refresh : public Runtime::Ticker {
 public:
  Refresh(Runtime::Environment& environment, Runtime::Duration every, std::function<void()> read);
  /// Waits for one that is under way.
  ~Refresh() override;
  Refresh(const Refresh&) = delete;

  std::optional<Runtime::Instant> nextDue() override { return _due; }
  void tick(Runtime::Instant now) override;

 private:
  struct State;
  Runtime::Environment& _environment;
  Runtime::Duration _every;
  Runtime::Instant _due;
  std::shared_ptr<State> _state;
};

}  // namespace Patchbay::Data
