#pragma once

#include <memory>

#include "Codec.h"
#include "Framing.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// What stands on a connection's octets.
struct Layers {
  std::unique_ptr<Codec> codec;  ///< null: none
  std::unique_ptr<Framing> framing;
};

/// Makes them; load time has checked that it can.
class LayerMaker {
 public:
  virtual ~LayerMaker() = default;
  virtual Layers layersFor(const Flow& flow, bool outgoing) = 0;
};

}  // namespace Patchbay::Transport
