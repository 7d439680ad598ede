#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "patchbay/runtime/Clock.h"

namespace Patchbay::Overload {

/// Which requests one worker has refused in the last 32 s (64*T1: as long as copies may come), by their stateless To tag. A table of fixed
/// size (512 KiB) in which newer ones take the place of older ones; made at the first refusal.
class RefusedBefore {
 public:
  static constexpr std::chrono::seconds Memory{32};

  void add(std::string_view tag, Runtime::Instant now);
  bool contains(std::string_view tag, Runtime::Instant now) const;
  /// Whether any can be remembered; the test of normal times.
  bool empty(Runtime::Instant now) const { return now >= _until; }
  /// When the last one was added, at the earliest 32 s before the epoch.
  Runtime::Instant last() const { return _until - Memory; }

 private:
  static constexpr size_t Places = 1 << 16;
  struct Place {
    uint32_t print = 0;
    uint32_t second = 0;  ///< 0: free
  };
  static uint32_t secondOf(Runtime::Instant now) {
    return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()) | 1U << 31;
  }
  std::vector<Place> _places;
  Runtime::Instant _until{};
};

}  // namespace Patchbay::Overload
