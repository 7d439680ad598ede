#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "WriteQueue.h"
#include "patchbay/log/Logger.h"

namespace Patchbay::Data {

/// Commits what is queued in groups: one job on the blocking pool at a time takes all that came since the last commit. When the database
/// fails it waits and tries again, with longer and longer pauses. Jobs keep it alive.
class GroupWriter : public std::enable_shared_from_this<GroupWriter> {
 public:
  static constexpr size_t MostRows = 512;
  static constexpr Runtime::Duration FirstPause = std::chrono::milliseconds(100), LongestPause = std::chrono::seconds(2);
  /// Writes a group whole or not at all.
  using Write = std::function<Failure(std::span<const Change>)>;

  /// `most`: how many changes may wait.
  GroupWriter(Runtime::Environment& environment, Write write, size_t most);
  void add(Change change);
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

 private:
  enum class State { idle, writing, pausing };
  bool isFull(const Change& change) const { return _queue.size() + _inFlight >= _most && !_queue.has(change.key); }
  void refuse(Change change);
  void tell(const Failure& failure);
  void submit();
  void drain();
  /// False when the database failed.
  bool writeNext();
  Failure writeGroup(std::vector<Change>& group);
  Failure writeSingly(std::vector<Change>& group);
  void pause(std::vector<Change> group, const Failure& failure);
  void settle(std::vector<Change>& group);
  static void report(std::vector<Change>& group, const Failure& failure);

  Runtime::Environment& _environment;
  const Write _write;
  const size_t _most;
  std::mutex _toldMutex;
  std::function<void(const Failure&)> _told;
  Log::Logger& _logger;
  Runtime::Counter &_commits, &_rows, &_failures, &_refused;
  mutable std::mutex _mutex;
  std::condition_variable _idle;
  WriteQueue _queue;
  size_t _inFlight = 0;
  uint64_t _firstInFlight = 0, _last = 0;
  State _state = State::idle;
  Runtime::Duration _pause = FirstPause;
  std::atomic<Runtime::Instant::rep> _retryAt{0};
};

}  // namespace Patchbay::Data
