#pragma once

#include "Forwarder.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Sl {

/// Stateless processing: replies without a transaction, forwarding without a transaction, and what belongs to both: the ACK to our replies
/// and the replies to what we forwarded.
class SlPlugin : public Bundle::Plugin, public Core::Claimant {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void stop() noexcept override { _forwarder.stop(); }

  bool claimRequest(Core::Request& request) override;
  bool claimReply(Core::Request& reply) override;

  Core::Service& core() { return *_core; }
  Forwarder& forwarder() { return _forwarder; }

 private:
  Core::Service* _core = nullptr;
  Forwarder _forwarder;
  Runtime::Counter* _absorbed = nullptr;
};

}  // namespace Patchbay::Sl
