#pragma once

#include <memory>

#include "Codec.h"
#include "Framing.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

constexpr bool isSecure(Protocol protocol) {
  return protocol == Protocol::tls || protocol == Protocol::wss;
}
constexpr bool isWebSocket(Protocol protocol) {
  return protocol == Protocol::ws || protocol == Protocol::wss;
}

/// What stands on a connection's octets.
struct Layers {
  std::unique_ptr<Codec> codec;  ///< null: none
  std::unique_ptr<Framing> framing;
};

/// Makes them; load time has checked that it can.
class LayerMaker {
 public:
  virtual ~LayerMaker() = default;
  /// `name`: of the peer that we connect to, and which it has to prove; null for one that connects to us.
  virtual Layers layersFor(const Listener& listener, const std::string* name) = 0;
};

}  // namespace Patchbay::Transport
