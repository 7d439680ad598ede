#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "patchbay/data/Database.h"
#include "patchbay/log/Logger.h"
#include "patchbay/runtime/Environment.h"

namespace Patchbay::Data {

/// A pause that doubles up to a limit, and is shortened by up to half by chance, so that servers of one database do not come back in step.
class PATCHBAY_API Pauses {
 public:
  Pauses(Runtime::Duration first, Runtime::Duration longest, uint64_t seed) : _first(first), _longest(longest), _next(first), _seed(seed) {}
  Runtime::Duration next();
  void reset() { _next = _first; }
  bool isFirst() const { return _next == _first; }

 private:
  const Runtime::Duration _first, _longest;
  Runtime::Duration _next;
  uint64_t _seed;
};

/// Whether a database on the network is worth asking. One failure opens it; while it is open nobody asks but a probe, which is due after
/// a pause that grows; the first success closes it. Thread-safe.
class PATCHBAY_API Breaker {
 public:
  static constexpr Runtime::Duration FirstPause = std::chrono::milliseconds(200), LongestPause = std::chrono::seconds(5);
  /// A failure when it opens, none when it closes. On any thread, without a lock held.
  using Told = std::function<void(const Failure&)>;

  Breaker(Runtime::Environment& environment, std::string what, Told told);
  bool isOpen() const { return _open.load(std::memory_order_acquire); }
  /// What an asker gets while it is open.
  Failure failure() const;
  void failed(const Failure& failure);
  void succeeded();
  /// When the next probe is due; none when it is closed or one is on its way.
  std::optional<Runtime::Instant> probeDue() const;
  /// True for the one that is to probe now.
  bool beginProbe(Runtime::Instant now);
  /// Closed 0, open 1, probing 2.
  int state() const;

 private:
  Runtime::Environment& _environment;
  const std::string _what;
  const Told _told;
  Log::Logger& _logger;
  std::atomic<bool> _open{false};
  std::atomic<Runtime::Instant::rep> _probeAt{0};
  mutable std::mutex _mutex;
  Failure _failure;
  Pauses _pauses;
};

}  // namespace Patchbay::Data
