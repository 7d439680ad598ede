#include "Surroundings.h"

#include <sched.h>

#include <algorithm>

namespace Patchbay::Application {

namespace {

constexpr size_t PoolThreads = 4;

size_t usableCores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  const int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
  return static_cast<size_t>(std::clamp(count, 1, static_cast<int>(Runtime::Workers::Most)));
}

}  // namespace

Surroundings::Surroundings(size_t workers, Threads threads)
    : _workers(workers != 0 ? workers : usableCores(), _clock),
      _pool(threads == Threads::real ? Runtime::makeThreadedPool(PoolThreads) : Runtime::makeInlinePool()),
      _network(Runtime::makeSystemNetwork()),
      _random(Runtime::makeSystemRandom()),
      _environment{_clock, _workers, *_pool, *_network, _metrics, *_random} {
  _workers.publish(_metrics);
}

}  // namespace Patchbay::Application
