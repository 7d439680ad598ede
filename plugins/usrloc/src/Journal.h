#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "Segments.h"
#include "patchbay/runtime/Environment.h"

namespace Patchbay::Usrloc {

/// The journal of one table: closes the window between a change and its row in the database. What is added is written by one job at a time
/// on the blocking pool, in the order in which it came. A checkpoint empties it: the current segment is closed; when everything that was
/// unwritten then has been queued for the database (`drained`), and the database has committed that, the segments up to it are removed.
///
/// When a write fails its file is not written to any more (after an error nobody knows what is in it): the same records are tried in a new
/// one, after a pause that grows. Thread-safe; jobs keep it alive.
class Journal : public std::enable_shared_from_this<Journal> {
 public:
  static constexpr uint64_t SegmentBytes = 4 << 20;  ///< about: then comes the next one
  static constexpr size_t MostPending = 64 << 20;    ///< waits in memory while the disk does not take it
  static constexpr Runtime::Duration FirstPause = std::chrono::milliseconds(100), LongestPause = std::chrono::seconds(2);

  struct Settings {
    bool sync = false;                                  ///< each batch to the medium
    uint64_t mostBytes = 0;                             ///< on disk; what comes above that is not kept
    Runtime::Duration rest = std::chrono::seconds(10);  ///< between checkpoints of a small journal
  };
  /// Told of a trouble that begins, and with an empty text of its end. On any thread.
  using Report = std::function<void(const std::string& trouble)>;
  Journal(Runtime::Environment& environment, std::unique_ptr<Segments> segments, Settings settings, Runtime::Counter& failures,
          Report report);

  /// Load time, before anything is added: what an earlier run left. See Segments.
  Segments& left() { return *_segments; }
  void loaded() { _bytes = _segments->bytes(); }

  void add(std::string_view records);
  /// To be called now and then while it is busy. `committed`: as Data::Database::committedUpTo.
  void tick(Runtime::Instant now, uint64_t committed);
  bool isBusy() const { return _busy.load(std::memory_order_relaxed) || bytes() != 0; }
  bool isDraining() const { return _phase.load(std::memory_order_acquire) == Phase::draining; }
  /// All that was unwritten when it began to drain is queued; `mark`: Data::Database::lastQueued.
  void drained(uint64_t mark);
  uint64_t bytes() const { return _bytes.load(std::memory_order_relaxed); }

  /// At the end, blocking: writes what waits. False when it could not.
  bool finish();
  /// After `finish`: all is in the database.
  void clear();

 private:
  enum class State : uint8_t { idle, working, pausing };
  enum class Phase : uint8_t { none, rotating, draining, committing, removing };
  struct Task {
    std::string records;
    bool rotate = false, remove = false;
  };
  bool hasWork() const;
  void work();
  bool take(Task& task);
  bool perform(Task& task);
  std::error_code write(const Task& task);
  void remove();
  void failed(Task&& task, const std::error_code& error);
  void say(const std::string& trouble);

  Runtime::Environment& _environment;
  const std::unique_ptr<Segments> _segments;
  const Settings _settings;
  Runtime::Counter& _failures;
  const Report _report;
  std::mutex _filesMutex;  // held by whoever works with the segments; taken before the other one
  bool _ended = false;     // with it
  std::mutex _mutex;
  std::string _pending;
  State _state = State::idle;
  std::atomic<Phase> _phase{Phase::none};
  uint64_t _covered = 0, _mark = 0;
  Runtime::Instant _retryAt{}, _checkpointAt{};
  Runtime::Duration _pause = FirstPause;
  bool _full = false, _troubled = false;
  std::atomic<bool> _busy{false};
  std::atomic<uint64_t> _bytes{0};
};

}  // namespace Patchbay::Usrloc
