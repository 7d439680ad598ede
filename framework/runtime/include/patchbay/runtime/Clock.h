#pragma once

#include <chrono>

#include "patchbay/log/Api.h"

namespace Patchbay::Runtime {

/// Monotonic time, for every timer and duration. Never steps.
using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;
/// The calendar's time, for what people and databases read. May step.
using WallTime = std::chrono::system_clock::time_point;

/// Where time comes from: the machine's clocks, or a test's own.
class PATCHBAY_API Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;
};

class PATCHBAY_API SystemClock : public Clock {
 public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

}  // namespace Patchbay::Runtime
