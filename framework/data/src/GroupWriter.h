#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "Breaker.h"
#include "WriteQueue.h"
#include "patchbay/log/Logger.h"

namespace Patchbay::Data {

/// Commits what is queued in groups: one job on the blocking pool at a time takes what came since the last commit. When the database
/// fails it waits and tries again, with longer and longer pauses. A job that hangs too long is given up: its group is put back, and what
/// becomes of the job does not matter, since it can no longer write. Jobs keep it alive.
class PATCHBAY_API GroupWriter : public std::enable_shared_from_this<GroupWriter> {
 public:
  static constexpr size_t MostRows = 512;
  static constexpr Runtime::Duration FirstPause = std::chrono::milliseconds(100), LongestPause = std::chrono::seconds(2);
  /// Writes a group whole or not at all.
  using Write = std::function<Failure(std::span<const Change>)>;

  /// `most`: how many changes may wait. `longest`: when a job counts as lost; 0 never.
  GroupWriter(Runtime::Environment& environment, Write write, size_t most, Runtime::Duration longest);
  /// With `atOnce`, whoever waits for the change is told that now: it is known that it will take long.
  void add(Change change, const Failure* atOnce = nullptr);
  size_t waiting() const;
  size_t room() const;
  uint64_t lastQueued() const;
  uint64_t committedUpTo() const;
  /// Returns when nobody is being told any more.
  void watch(std::function<void(const Failure&)> told);
  size_t flush(Runtime::Duration deadline);

  /// When a retry is due; none when none waits.
  std::optional<Runtime::Instant> retryDue() const;
  void retry();
  /// Tells who watches.
  void tell(const Failure& failure);

 private:
  enum class State { idle, writing, pausing };
  bool isFull(const Change& change) const { return _queue.size() + _inFlight >= _most && !_queue.has(change.key); }
  using Group = std::shared_ptr<std::vector<Change>>;
  void refuse(Change change);
  void submit();
  void work();
  bool writeNext();
  Group takeNext(uint64_t& turn);
  bool isLost(uint64_t turn) const;
  void lost(uint64_t turn);
  struct Refused {
    size_t place;
    Failure failure;
  };
  /// What a group came to: nobody but its job knows, until it is known whether the job has been given up.
  struct Outcome {
    Failure failure;
    std::vector<Refused> refused;
  };
  Failure writeWatched(std::span<const Change> changes, uint64_t turn);
  Outcome writeGroup(const std::vector<Change>& group, uint64_t turn);
  Outcome writeSingly(const std::vector<Change>& group, uint64_t turn);
  void pause(std::vector<Change> group, const Failure& failure);
  void settle(std::vector<Change>& group, const std::vector<Refused>& refused);
  static void report(std::vector<Change>& group, const Failure& failure);

  Runtime::Environment& _environment;
  const Write _write;
  const size_t _most;
  const Runtime::Duration _longest;
  std::mutex _toldMutex;
  std::function<void(const Failure&)> _told;
  Log::Logger& _logger;
  Runtime::Counter &_commits, &_rows, &_failures, &_refused;
  mutable std::mutex _mutex;
  std::condition_variable _idle;
  WriteQueue _queue;
  size_t _inFlight = 0;
  uint64_t _firstInFlight = 0, _last = 0, _turn = 0;
  Group _group;  // being written
  State _state = State::idle;
  bool _failing = false;
  Pauses _pauses;
  std::atomic<Runtime::Instant::rep> _retryAt{0};
};

}  // namespace Patchbay::Data
