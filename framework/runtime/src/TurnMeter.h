#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "ThreadClock.h"
#include "patchbay/runtime/Counter.h"

namespace Patchbay::Runtime {

/// Watches how long the turns of one worker's loop take, and of what: whoever blocks a worker is seen here. A turn that is short costs a
/// comparison; the thread's own figures are read each two milliseconds at most, so what is told of a long turn is right to within that.
class PATCHBAY_API TurnMeter {
 public:
  enum class Part : uint8_t { wall, cpu, blocked, queued };
  static constexpr std::array<const char*, 4> Names{"wall", "cpu", "blocked", "queued"};
  /// A turn that took longer is counted, by the part that took the most of it.
  static constexpr Duration Long = std::chrono::milliseconds(20);

  /// Registers what it tells. Before the worker's thread runs.
  void publish(Metrics& metrics, size_t worker);
  /// On the worker's thread, before its first turn.
  void start(std::unique_ptr<ThreadClock> clock) { _clock = std::move(clock); }
  void begins(Instant now) {
    if (now - _knownAt > Grain) [[unlikely]]
      know(now);
  }
  void ended(Instant began, Instant now) {
    if (now - began > Worth) [[unlikely]]
      judge(now - began);
  }
  /// The longest so far. From any thread.
  Duration longest(Part part) const { return Duration(_longest[static_cast<size_t>(part)].load(std::memory_order_relaxed)); }

 private:
  static constexpr Duration Grain = std::chrono::milliseconds(2), Worth = std::chrono::milliseconds(5);
  void know(Instant now);
  void judge(Duration wall);
  void remember(Part part, Duration duration);

  std::unique_ptr<ThreadClock> _clock;
  Instant _knownAt{};
  ThreadUse _known;
  std::array<Counter*, 4> _long{};  ///< by part; none for the wall's
  std::array<std::atomic<int64_t>, 4> _longest{};
};

}  // namespace Patchbay::Runtime
