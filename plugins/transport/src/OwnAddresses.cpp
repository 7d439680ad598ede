#include "OwnAddresses.h"

#include <algorithm>

namespace Patchbay::Transport {

void OwnAddresses::add(const Listener& listener) {
  (listener.local.address.isWildcard() ? _wildcards : _exact).push_back(listener.local);
  const auto advertised = Runtime::IpAddress::parse(listener.host);
  if (advertised) _exact.push_back({*advertised, listener.port});
}

bool OwnAddresses::contains(const Runtime::Endpoint& endpoint) const {
  for (const auto& own : _exact)
    if (own.port == endpoint.port && own.address == endpoint.address) return true;
  for (const auto& own : _wildcards)
    if (own.port == endpoint.port && own.address.family() == endpoint.address.family()) return isMachine(endpoint.address);
  return false;
}

bool OwnAddresses::isMachine(const Runtime::IpAddress& address) const {
  // 127.0.0.0/8 is all of it the machine's, though only 127.0.0.1 is listed; a wildcard address as a target means the machine, too
  if (address.scope() == Runtime::Scope::loopback || address.isWildcard()) return true;
  return std::find(_machine.begin(), _machine.end(), address) != _machine.end();
}

}  // namespace Patchbay::Transport
