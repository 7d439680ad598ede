#pragma once

#include <atomic>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "OpenTable.h"
#include "Sessions.h"

namespace Patchbay::Data {

/// One question. After it has been handed over only its asker's thread changes it.
struct Ask {
  OpenTable* table;
  std::vector<std::string> columns;
  Row values;
  std::function<void(Result&&)> done;
  Runtime::Worker* worker = nullptr;  ///< null: whoever has the answer calls
  Runtime::Instant asked{}, deadline{};
  bool answered = false;
};
using AskPointer = std::shared_ptr<Ask>;

/// Takes questions to the database: those of the same table and columns that wait go as one query. A few jobs on the blocking pool at a
/// time, so that a database that hangs leaves threads to others. Thread-safe; jobs keep it alive.
class Queries : public std::enable_shared_from_this<Queries> {
 public:
  static constexpr size_t MostJobs = 2, MostWaiting = 100000;

  Queries(Runtime::Environment& environment, std::shared_ptr<Sessions> sessions);
  void add(std::vector<AskPointer>&& asks);
  /// On the asker's worker (or, off workers, on any thread). Late ones are dropped.
  static void answer(Ask& ask, Result&& result);
  size_t waiting() const { return _waiting.load(std::memory_order_relaxed); }
  /// What all queries took together, in the database's client.
  double seconds() const { return static_cast<double>(_took.load(std::memory_order_relaxed)) / 1e6; }
  void countTimeout() { _timeouts.add(); }

 private:
  struct Kind {
    OpenTable* table;
    std::vector<std::string> columns;
    std::deque<AskPointer> asks;
  };
  using Group = std::vector<AskPointer>;
  Kind& kindOf(const Ask& ask);
  void submit();
  void work();
  Group takeGroup();
  void lost(bool& given);
  std::vector<Result> ask(const Group& group);
  void report(Group&& group, std::vector<Result>&& results);

  Runtime::Environment& _environment;
  const std::shared_ptr<Sessions> _sessions;
  Runtime::Counter &_queries, &_asks, &_failures, &_timeouts;
  std::mutex _mutex;
  std::list<Kind> _kinds;  // those that wait first are taken first
  size_t _jobs = 0;
  std::atomic<size_t> _waiting{0};
  std::atomic<int64_t> _took{0};  // microseconds
};

}  // namespace Patchbay::Data
