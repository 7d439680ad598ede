#include "Sendable.h"

namespace Patchbay::Transport {

std::optional<Drop> refusalOf(const Listener& listener, const OwnAddresses& own, const Runtime::Endpoint& peer) {
  if (peer.port == 0) return Drop::port;
  if (peer.address.family() != listener.local.address.family()) return Drop::family;
  const auto scope = peer.address.scope();
  if (scope == Runtime::Scope::unspecified || scope == Runtime::Scope::multicast) return Drop::address;
  if (own.contains(peer, listener.protocol)) return Drop::own;
  return std::nullopt;
}

}  // namespace Patchbay::Transport
