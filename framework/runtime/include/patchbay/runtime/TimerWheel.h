#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "patchbay/runtime/Clock.h"

namespace Patchbay::Runtime {

/// A place in a TimerWheel, a member or base of what it is for. Must not be moved or destroyed while armed.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  bool armed() const { return _next != nullptr; }
  Instant due() const { return _due; }

 private:
  friend class TimerWheel;
  Timer* _next = nullptr;
  Timer* _previous = nullptr;
  Instant _due{};
};

/// Hierarchical timing wheel of one millisecond resolution; arming, re-arming and cancelling cost a few pointer writes, whatever the count.
/// Not thread-safe: it belongs to a worker or to a shard, under that shard's lock. A timer never fires early; it fires in the first
/// `advance` whose time is at or after its due time rounded up to the millisecond. Timers of one millisecond fire in the order of arming.
class PATCHBAY_API TimerWheel {
 public:
  explicit TimerWheel(Instant now);
  /// Arms, or moves an armed timer.
  void arm(Timer& timer, Instant due);
  void cancel(Timer& timer);
  /// When `advance` is next worth calling: never later than the earliest due time (rounded up), perhaps earlier (a cascade). None when
  /// empty.
  std::optional<Instant> nextDue() const;
  /// Calls `fire(Timer&)` for each due timer, disarmed before the call; the callback may arm and cancel any timer of the wheel.
  template <class Fire>
  void advance(Instant now, Fire&& fire) {
    collect(now);
    while (Timer* timer = takeExpired()) fire(*timer);
  }
  size_t size() const { return _size; }

 private:
  static constexpr int Levels = 5, Bits = 6, Slots = 1 << Bits;  // 64^5 ms: 12 days; later ones wait in `_far`
  struct Event {
    uint64_t tick;
    int level;
  };
  Event nextEvent() const;
  void take(const Event& event);
  void emptied(const Timer& head);
  void collect(Instant now);
  Timer* takeExpired();
  void place(Timer& timer);
  static void link(Timer& head, Timer& timer);
  void unlink(Timer& timer);
  uint64_t tickOf(Instant due) const;

  Instant _start;
  uint64_t _tick = 0;
  size_t _size = 0;
  std::array<std::array<Timer, Slots>, Levels> _slots;
  std::array<uint64_t, Levels> _occupied{};
  Timer _far, _expired;
};

}  // namespace Patchbay::Runtime
