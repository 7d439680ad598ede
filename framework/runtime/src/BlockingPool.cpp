#include "patchbay/runtime/BlockingPool.h"

#include <Poco/Exception.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "Careful.h"
#include "Thread.h"

namespace Patchbay::Runtime {

namespace {

class ThreadedPool : public BlockingPool {
 public:
  explicit ThreadedPool(size_t threads) {
    if (threads == 0) throw Poco::InvalidArgumentException("a blocking pool needs a thread");
    for (size_t i = 0; i < threads; ++i)
      _threads.push_back(startThread(
          "pool-" + std::to_string(i), [](void* pool) { static_cast<ThreadedPool*>(pool)->run(); }, this));
  }
  ~ThreadedPool() override { stop(); }

  void submit(Task job) override {
    {
      std::lock_guard<std::mutex> lock(_mutex);
      if (_stopping) return;
      _jobs.push_back(std::move(job));
    }
    _changed.notify_one();
  }

  void stop() override {
    {
      std::lock_guard<std::mutex> lock(_mutex);
      _stopping = true;
    }
    _changed.notify_all();
    for (std::thread& thread : _threads)
      if (thread.joinable()) thread.join();
  }

 private:
  void run() {
    while (Task job = next()) careful("job", job);
  }

  /// Waits; none at the end.
  Task next() {
    std::unique_lock<std::mutex> lock(_mutex);
    _changed.wait(lock, [this] { return _stopping || !_jobs.empty(); });
    if (_jobs.empty()) return {};
    Task job = std::move(_jobs.front());
    _jobs.pop_front();
    return job;
  }

  std::mutex _mutex;
  std::condition_variable _changed;
  std::deque<Task> _jobs;
  bool _stopping = false;
  std::vector<std::thread> _threads;
};

class InlinePool : public BlockingPool {
 public:
  void submit(Task job) override {
    if (!_stopped) careful("job", job);
  }
  void stop() override { _stopped = true; }

 private:
  bool _stopped = false;
};

}  // namespace

std::unique_ptr<BlockingPool> makeThreadedPool(size_t threads) {
  return std::make_unique<ThreadedPool>(threads);
}
std::unique_ptr<BlockingPool> makeInlinePool() {
  return std::make_unique<InlinePool>();
}

}  // namespace Patchbay::Runtime
