#include "patchbay/core/FlowToken.h"

namespace Patchbay::Core {

void writeSecondRecordRoute(Service& core, const Request& request, const Transport::Flow& flow, Parser::Writer& writer) {
  const auto& out = *flow.listener;
  if (request.recordRoute.empty() || (&out == request.flow.listener && !flow.isConnection())) return;
  writer.raw("Record-Route: <")
      .raw(Parser::equalIgnoringCase(request.message.requestUriText().substr(0, 5), "sips:") ? "sips:" : "sip:")
      .raw(out.hostPort);
  if (out.protocol != Transport::Protocol::udp) writer.raw(";transport=").raw(Transport::nameOf(out.protocol));
  writer.raw(request.recordRoute);
  FlowToken::write(core, request.message.callId(),
                   request.route.direction == RouteFacts::Direction::upstream ? FlowToken::Caller : FlowToken::Callee, flow, writer);
  writer.raw(">\r\n");
}

}  // namespace Patchbay::Core
