#include "SlPlugin.h"

#include "Actions.h"

namespace Patchbay::Sl {

void SlPlugin::describe(Bundle::Declaration& declaration) {
  declaration.actions = {sendReplyAction(*this), replyErrorAction(*this), forwardAction(*this)};
  declaration.metrics = {
      {"sl_forwarded_total", "Requests forwarded without a transaction."},
      {"sl_replies_relayed_total", "Replies to them sent back."},
      {"sl_acks_absorbed_total", "ACKs to replies of ours that no transaction keeps."},
  };
}

void SlPlugin::configure(Bundle::Host& host) {
  _absorbed = &host.counter("sl_acks_absorbed_total");
  _forwarder.configure(host);
}

void SlPlugin::bind(Bundle::Host& host) {
  _core = &host.services().find<Core::Service>();
  _forwarder.bind(host, *_core);
  _core->add(*this, 20);
}

/// The ACK to a non-2xx reply of ours has the INVITE's branch, Call-ID and From tag, so the tag that we would give is the one in its To.
bool SlPlugin::claimRequest(Core::Request& request) {
  if (request.message.method() != Parser::Method::ack) return false;
  const auto* to = request.message.to();
  if (!to || to->tag.size() != 16) return false;
  char tag[16];
  _core->writeStatelessTag(request, tag);
  if (to->tag != std::string_view(tag, sizeof tag)) return false;
  _absorbed->add();
  return true;
}

bool SlPlugin::claimReply(Core::Request& reply) {
  return _forwarder.relayReply(reply);
}

}  // namespace Patchbay::Sl
