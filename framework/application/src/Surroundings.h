#pragma once

#include <memory>

#include "patchbay/runtime/Environment.h"

namespace Patchbay::Application {

/// The real outside: the machine's clocks, threads, sockets and randomness. No thread runs before `start`; the blocking pool's do when
/// asked for.
class Surroundings {
 public:
  enum class Threads { none, real };
  /// `workers` 0 is one for each processor core that this process may use. Without threads (checks before a fork) blocking work runs in
  /// line.
  Surroundings(size_t workers, Threads threads);
  Runtime::Environment& environment() { return _environment; }
  size_t workers() const { return _workers.count(); }
  void start() { _workers.start(); }
  void stopWorkers() { _workers.stop(); }
  void stopPool() { _pool->stop(); }

 private:
  Runtime::SystemClock _clock;
  Runtime::ThreadedWorkers _workers;
  std::unique_ptr<Runtime::BlockingPool> _pool;
  std::unique_ptr<Runtime::Network> _network;
  Runtime::Metrics _metrics;
  std::unique_ptr<Runtime::Random> _random;
  Runtime::Environment _environment;
};

}  // namespace Patchbay::Application
