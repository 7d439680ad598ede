#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "Meters.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/Guarded.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Transport {

/// How many connections there are, in all and from each source (an IPv4 address, an IPv6 /64). Shared by all workers.
class ConnectionCaps {
 public:
  ConnectionCaps(size_t most, size_t mostPerSource, const Runtime::SipHash::Key& key)
      : _most(most), _mostPerSource(mostPerSource), _sources(std::unordered_map<Source, uint32_t, Hash>(8, Hash{key})) {}

  /// One more from there; why not, when not.
  std::optional<Refusal> admit(const Runtime::IpAddress& address);
  /// One of ours, which is never refused.
  void count() { _open.fetch_add(1, std::memory_order_relaxed); }
  void release(const Runtime::IpAddress& address, bool admitted);
  bool isFull() const { return open() >= _most; }
  size_t open() const { return _open.load(std::memory_order_relaxed); }

  /// Octets that wait in all connections.
  std::atomic<int64_t> queued{0};

 private:
  using Source = std::array<char, 9>;
  struct Hash {
    Runtime::SipHash::Key key;
    size_t operator()(const Source& source) const { return Runtime::SipHash::of(key, {source.data(), source.size()}); }
  };
  static Source sourceOf(const Runtime::IpAddress& address);

  const size_t _most, _mostPerSource;
  std::atomic<size_t> _open{0};
  Runtime::Guarded<std::unordered_map<Source, uint32_t, Hash>> _sources;
};

}  // namespace Patchbay::Transport
