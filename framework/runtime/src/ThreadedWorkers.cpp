#include <Poco/Exception.h>

#include <thread>
#include <vector>

#include "Loop.h"
#include "Thread.h"

namespace Patchbay::Runtime {

struct ThreadedWorkers::State {
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<std::thread> threads;
};

ThreadedWorkers::ThreadedWorkers(size_t count, const Clock& clock, bool portable) : _state(std::make_unique<State>()) {
  if (count == 0 || count > Most) throw Poco::InvalidArgumentException("there are 1 to 64 workers, not " + std::to_string(count));
  for (size_t i = 0; i < count; ++i)
    _state->loops.push_back(std::make_unique<Loop>(i, clock, portable ? makePollReadiness() : makeSystemReadiness()));
}

ThreadedWorkers::~ThreadedWorkers() {
  stop();
}

size_t ThreadedWorkers::count() const {
  return _state->loops.size();
}

Worker& ThreadedWorkers::at(size_t index) {
  return *_state->loops.at(index);
}

void ThreadedWorkers::publish(Metrics& metrics) {
  for (const auto& loop : _state->loops) loop->publish(metrics);
}

void ThreadedWorkers::start() {
  for (const auto& loop : _state->loops)
    _state->threads.push_back(startThread(
        "worker-" + std::to_string(loop->index()), [](void* argument) { static_cast<Loop*>(argument)->run(); }, loop.get()));
}

void ThreadedWorkers::stop() {
  for (const auto& loop : _state->loops) loop->stop();
  for (std::thread& thread : _state->threads)
    if (thread.joinable()) thread.join();
}

}  // namespace Patchbay::Runtime
