#include "LayerFactory.h"

#include "Framer.h"
#include "TlsCodec.h"
#include "WebSocketFraming.h"

namespace Patchbay::Transport {

void LayerFactory::load(const TlsOptions& options) {
  take(read(options));
}

void LayerFactory::take(std::shared_ptr<const TlsContexts> fresh) {
  _contexts.with([&](auto& contexts) { contexts.swap(fresh); });
}

void LayerFactory::reload() {
  const auto known = _contexts.with([](const auto& contexts) { return contexts; });
  if (known) load(known->options());
}

Layers LayerFactory::layersFor(const Listener& listener, const std::string* name) {
  Layers layers;
  if (isSecure(listener.protocol)) layers.codec = codecFor(listener, name);
  if (isWebSocket(listener.protocol))
    layers.framing = std::make_unique<WebSocketFraming>(_origins);
  else
    layers.framing = std::make_unique<Framer>();
  return layers;
}

std::unique_ptr<Codec> LayerFactory::codecFor(const Listener& listener, const std::string* name) {
  using Side = TlsContexts::Side;
  const Side side = name ? Side::client : _mutual.count(listener.id) ? Side::mutualServer : Side::server;
  return std::make_unique<TlsCodec>(_contexts.with([](const auto& contexts) { return contexts; }), side, name);
}

}  // namespace Patchbay::Transport
