#pragma once

#include <array>
#include <memory>
#include <span>
#include <unordered_map>

#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"
#include "patchbay/core/NextHop.h"
#include "patchbay/resolver/Resolver.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Sl {

/// Sends requests on, and their replies back, without keeping anything (RFC 3261, 16.11).
///
/// The branch is a keyed hash of what identifies the client's transaction, so a retransmission, a CANCEL and the ACK to a non-2xx get the
/// INVITE's. The hash is over the Via that the reply must come back with as well: a reply is relayed only along the way that its request
/// came, nobody can use us to send elsewhere.
class Forwarder {
 public:
  Forwarder();
  ~Forwarder();
  void configure(Bundle::Host& host);
  void bind(Bundle::Host& host, Core::Service& core);
  /// The workers have stopped: what waits for a name is forgotten.
  void stop() noexcept;

  enum class Sent { yes, no, pending, refused };
  /// To the first destination. Pending: a name is being looked up, and the suspended machine is resumed; a step whose request then cannot
  /// be sent answers 478. Refused: it may not wait, and has been answered.
  Sent forward(Core::Request& request, Pipeline::Machine& machine, bool asPredicate);
  /// Relays a reply to something that `forward` sent; false when it is not one.
  bool relayReply(Core::Received& reply);

 private:
  struct Pending;
  void forget(const Pending& pending);
  /// The first of these that it can be sent to.
  bool send(Core::Request& request, const Core::NextHop& hop, const std::vector<Resolver::Target>& found);
  bool send(Core::Request& request, const Core::NextHop& hop, std::span<const Transport::Flow> flows);
  bool write(Core::Request& request, const Core::NextHop& hop, const Transport::Flow& flow);
  Transport::Flow flowTo(Core::Request& request, const Resolver::Target& target) const;
  uint64_t keyOf(Core::Request& request) const;
  uint64_t clientTransaction(Core::Request& request) const;
  uint64_t wayBack(const Parser::Via& via, std::string_view host, uint16_t port, uint64_t transaction) const;
  void writeVia(Core::Request& request, const Transport::Listener& listener, Parser::Writer& out) const;

  Core::Service* _core = nullptr;
  Transport::Service* _transport = nullptr;
  Resolver::Service* _resolver = nullptr;
  Runtime::Counter *_forwarded = nullptr, *_relayed = nullptr;
  std::array<std::unordered_map<const Pending*, std::unique_ptr<Pending>>, Runtime::Workers::Most + 1> _pending;  ///< by worker
};

}  // namespace Patchbay::Sl
