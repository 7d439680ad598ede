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

  GroupWriter(Runtime::Environment& environment, Write write);
  void add(Change change);
  size_t waiting() const;
  size_t flush(Runtime::Duration deadline);

  /// When a retry is due; none when none waits.
  std::optional<Runtime::Instant> retryDue() const;
  void retry();

 private:
  enum class State { idle, writing, pausing };
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
  Log::Logger& _logger;
  Runtime::Counter &_commits, &_rows, &_failures;
  mutable std::mutex _mutex;
  std::condition_variable _idle;
  WriteQueue _queue;
  size_t _inFlight = 0;
  State _state = State::idle;
  Runtime::Duration _pause = FirstPause;
  std::atomic<Runtime::Instant::rep> _retryAt{0};
};

}  // namespace Patchbay::Data
