#include "LayerFactory.h"

#include "Framer.h"

namespace Patchbay::Transport {

Layers LayerFactory::layersFor(const Flow&, bool) {
  return {nullptr, std::make_unique<Framer>()};
}

}  // namespace Patchbay::Transport
