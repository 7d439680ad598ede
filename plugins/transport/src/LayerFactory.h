#pragma once

#include "Layers.h"

namespace Patchbay::Transport {

/// Plain TCP has no codec and SIP's own framing.
class LayerFactory : public LayerMaker {
 public:
  Layers layersFor(const Flow& flow, bool outgoing) override;
};

}  // namespace Patchbay::Transport
