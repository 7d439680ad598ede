#include "LayerFactory.h"

#include "Framer.h"
#include "TlsCodec.h"
#include "WebSocketFraming.h"

namespace Patchbay::Transport {

void LayerFactory::take(Plan next) {
  _plan.with([&](auto& plan) {
    if (!next.contexts) next.contexts = plan.contexts;
    std::swap(plan, next);
  });
}

void LayerFactory::reload() {
  const auto known = _plan.with([](const auto& plan) { return plan.contexts; });
  if (!known) return;
  auto fresh = read(known->options());
  _plan.with([&](auto& plan) { plan.contexts.swap(fresh); });
}

Layers LayerFactory::layersFor(const Listener& listener, const std::string* name) {
  Layers layers;
  if (isSecure(listener.protocol)) layers.codec = codecFor(listener, name);
  if (isWebSocket(listener.protocol))
    layers.framing = std::make_unique<WebSocketFraming>(_plan.with([](const auto& plan) { return plan.origins; }));
  else
    layers.framing = std::make_unique<Framer>();
  return layers;
}

std::unique_ptr<Codec> LayerFactory::codecFor(const Listener& listener, const std::string* name) {
  using Side = TlsContexts::Side;
  const auto [contexts, mutual] =
      _plan.with([&](const auto& plan) { return std::pair(plan.contexts, plan.mutual.count(listener.id) != 0); });
  return std::make_unique<TlsCodec>(contexts, name ? Side::client : mutual ? Side::mutualServer : Side::server, name);
}

}  // namespace Patchbay::Transport
