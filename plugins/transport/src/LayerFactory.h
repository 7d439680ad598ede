#pragma once

#include <set>

#include "Layers.h"
#include "TlsContexts.h"
#include "patchbay/runtime/Guarded.h"

namespace Patchbay::Transport {

/// What stands on a connection, by the listener's protocol: TLS or nothing, and on it SIP's own framing or WebSocket.
class LayerFactory : public LayerMaker {
 public:
  void setOrigins(std::vector<std::string> origins) { _origins = std::move(origins); }
  void setMutual(uint16_t listener) { _mutual.insert(listener); }
  /// Reads the certificates (again): for the connections from now on. Throws Poco::Exception, and nothing is changed.
  void load(const TlsOptions& options);
  /// The two halves of `load`: what may throw, and what changes something.
  static std::shared_ptr<const TlsContexts> read(const TlsOptions& options) { return std::make_shared<const TlsContexts>(options); }
  void take(std::shared_ptr<const TlsContexts> contexts);
  /// From any thread but not before `load`: the same options, the files as they are now.
  void reload();

  Layers layersFor(const Listener& listener, const std::string* name) override;

 private:
  std::unique_ptr<Codec> codecFor(const Listener& listener, const std::string* name);
  std::vector<std::string> _origins;
  std::set<uint16_t> _mutual;  ///< listeners whose clients need a certificate
  Runtime::Guarded<std::shared_ptr<const TlsContexts>> _contexts;
};

}  // namespace Patchbay::Transport
