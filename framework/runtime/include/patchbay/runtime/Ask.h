#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <Poco/Event.h>

#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

/// What somebody else will say once, on a thread of his own. Copies are one and the same; what comes when nobody waits any more is lost.
template <class T>
class Reply {
 public:
  /// Only the first one counts.
  void give(T value) const {
    {
      std::lock_guard<std::mutex> lock(_state->mutex);
      if (_state->value) return;
      _state->value.emplace(std::move(value));
    }
    _state->given.set();
  }
  /// Blocking: not on a worker.
  std::optional<T> wait(Duration deadline) const {
    _state->given.tryWait(static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(deadline).count()));
    std::lock_guard<std::mutex> lock(_state->mutex);
    return std::exchange(_state->value, std::nullopt);
  }

 private:
  struct State {
    std::mutex mutex;
    std::optional<T> value;
    Poco::Event given{Poco::Event::EVENT_MANUALRESET};
  };
  std::shared_ptr<State> _state = std::make_shared<State>();
};

/// For operators' threads: has the worker do `work(worker)` and waits for its result. None when the deadline passes first; the work may
/// then still be done later, so that it owns what it touches or borrows what outlives the workers. On the worker itself at once.
template <class Work>
auto ask(Worker& worker, Work work, Duration deadline) -> std::optional<std::invoke_result_t<Work&, Worker&>> {
  if (Worker::current() == &worker) return work(worker);
  const Reply<std::invoke_result_t<Work&, Worker&>> reply;
  worker.post([reply, &worker, work = std::move(work)]() mutable { reply.give(work(worker)); });
  return reply.wait(deadline);
}

/// The same of all workers at once, by their index; `deadline` is that of all together.
template <class Work>
auto askAll(Workers& workers, Work work, Duration deadline) -> std::vector<std::optional<std::invoke_result_t<Work&, Worker&>>> {
  using Result = std::invoke_result_t<Work&, Worker&>;
  std::vector<Reply<Result>> replies(workers.count());
  for (size_t i = 0; i < replies.size(); ++i) {
    Worker& worker = workers.at(i);
    if (Worker::current() == &worker)
      replies[i].give(work(worker));
    else
      worker.post([reply = replies[i], &worker, work]() mutable { reply.give(work(worker)); });
  }
  const Instant end = std::chrono::steady_clock::now() + deadline;
  std::vector<std::optional<Result>> results;
  for (const auto& reply : replies)
    results.push_back(reply.wait(std::max(Duration::zero(), Duration(end - std::chrono::steady_clock::now()))));
  return results;
}

}  // namespace Patchbay::Runtime
