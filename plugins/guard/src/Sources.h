#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Guard {

/// What one worker has seen of sources and prefixes, in fixed memory: of four that share a place the least interesting one is forgotten,
/// those who have proved something last. Not thread-safe.
class Sources {
 public:
  struct Source {
    uint64_t key = 0;
    uint32_t since = 0;     ///< when its window of requests began, in seconds; 0: empty
    uint32_t requests = 0;  ///< in that window
    uint32_t suspectSince = 0, points = 0;
    uint32_t goodUntil = 0;  ///< it has proved something, which counts until then
    bool isGood(uint32_t now) const { return goodUntil > now; }
  };
  Sources(size_t most, const Runtime::TableHash::Key& key);

  /// Counts a request in a window of so many seconds. The reference is good until the next call.
  Source& request(const Runtime::IpAddress& source, uint32_t now, uint32_t window);
  /// Adds points in a window of so many seconds.
  Source& suspect(const Runtime::IpAddress& source, uint32_t points, uint32_t now, uint32_t window);
  void prove(const Runtime::IpAddress& source, uint32_t now, uint32_t until);
  /// Of the network that the source is in: the /24, or the /48.
  Source& prefix(const Runtime::IpAddress& source, uint32_t now, uint32_t window);

 private:
  static constexpr size_t Ways = 4;
  Source& find(uint64_t key, uint32_t now);
  static void count(Source& source, uint32_t now, uint32_t window);
  Runtime::TableHash::Key _key;
  std::vector<std::array<Source, Ways>> _sets;
};

}  // namespace Patchbay::Guard
