#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "patchbay/pipeline/Program.h"

namespace Patchbay::Pipeline {

/// One worker's suspended machines by deadline.
class Deadlines : public Runtime::Ticker {
 public:
  explicit Deadlines(Runtime::Worker& worker) : _worker(worker), _wheel(worker.now()) { _worker.add(*this); }
  ~Deadlines() override;
  Deadlines(const Deadlines&) = delete;
  std::optional<Runtime::Instant> nextDue() override { return _wheel.nextDue(); }
  void tick(Runtime::Instant now) override;
  Runtime::TimerWheel& wheel() { return _wheel; }

 private:
  Runtime::Worker& _worker;
  Runtime::TimerWheel _wheel;
};

struct Engine::State {
  Limits limits;
  Runtime::Metrics& metrics;
  std::vector<std::unique_ptr<Deadlines>> deadlines;  ///< by worker
  std::atomic<size_t> suspended{0};
  Runtime::Counter& suspensions;
  Runtime::Counter& timeouts;
  Runtime::Counter& refused;
  Runtime::Counter& errors;
  Runtime::Counter& exceptions;

  /// A place among those that wait, if there is one.
  bool enter();
  void leave() { suspended.fetch_sub(1, std::memory_order_relaxed); }
};

}  // namespace Patchbay::Pipeline
