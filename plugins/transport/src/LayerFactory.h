#pragma once

#include <set>

#include "Layers.h"
#include "TlsContexts.h"
#include "patchbay/runtime/Guarded.h"

namespace Patchbay::Transport {

/// What stands on a connection, by the listener's protocol: TLS or nothing, and on it SIP's own framing or WebSocket.
class LayerFactory : public LayerMaker {
 public:
  /// What connections from now on begin with.
  struct Plan {
    std::shared_ptr<const TlsContexts> contexts = {};  ///< null: no listener is secure; connections of earlier ones go on with theirs
    std::set<uint16_t> mutual = {};                    ///< listeners whose clients need a certificate
    std::shared_ptr<const std::vector<std::string>> origins = {};  ///< of WebSocket; never null once taken
  };
  /// Reads the certificates; throws Poco::Exception.
  static std::shared_ptr<const TlsContexts> read(const TlsOptions& options) { return std::make_shared<const TlsContexts>(options); }
  void take(Plan plan);
  /// Now.
  std::set<uint16_t> mutual() const {
    return _plan.with([](const auto& plan) { return plan.mutual; });
  }
  /// From any thread: the same options, the files as they are now. Throws Poco::Exception, and nothing is changed.
  void reload();

  Layers layersFor(const Listener& listener, const std::string* name) override;

 private:
  std::unique_ptr<Codec> codecFor(const Listener& listener, const std::string* name);
  Runtime::Guarded<Plan> _plan;
};

}  // namespace Patchbay::Transport
