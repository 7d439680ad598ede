#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// The endpoints that are ourselves, whatever we bound them by.
class OwnAddresses {
 public:
  OwnAddresses();
  ~OwnAddresses();
  OwnAddresses(const OwnAddresses&) = delete;

  /// From now on these: of each listener `local` and what is advertised, when that is an address; `machine`: what wildcard listeners stand
  /// for. One thread at a time, while others ask. The lists before stay in memory, since nobody says when he has done with them; that is a
  /// few hundred octets each time.
  void set(std::span<const Listener* const> listeners, const std::vector<Runtime::IpAddress>& machine);
  /// Whether one of them has that address, by whatever protocol. A few comparisons; no allocation.
  bool contains(const Runtime::Endpoint& endpoint) const { return contains(endpoint, nullptr); }
  /// The same among those of datagrams, or of connections, as `protocol` is: a peer's port may have the number of one of the other kind.
  bool contains(const Runtime::Endpoint& endpoint, Protocol protocol) const {
    const bool reliable = isReliable(protocol);
    return contains(endpoint, &reliable);
  }

 private:
  struct Lists;
  bool contains(const Runtime::Endpoint& endpoint, const bool* reliable) const;
  std::vector<std::unique_ptr<const Lists>> _all;
  std::atomic<const Lists*> _lists;
};

}  // namespace Patchbay::Transport
