#pragma once

#include <vector>

#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// The endpoints that are ourselves, whatever we bound them by.
class OwnAddresses {
 public:
  /// `local` and what is advertised, when that is an address.
  void add(const Listener& listener);
  /// What wildcard listeners stand for.
  void setMachine(std::vector<Runtime::IpAddress> addresses) { _machine = std::move(addresses); }
  /// A few comparisons; no allocation.
  bool contains(const Runtime::Endpoint& endpoint) const;

 private:
  bool isMachine(const Runtime::IpAddress& address) const;
  std::vector<Runtime::Endpoint> _exact;
  std::vector<Runtime::Endpoint> _wildcards;
  std::vector<Runtime::IpAddress> _machine;
};

}  // namespace Patchbay::Transport
