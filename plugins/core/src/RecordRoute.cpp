#include "patchbay/core/Core.h"

namespace Patchbay::Core {

void writeSecondRecordRoute(const Request& request, const Transport::Listener& out, Parser::Writer& writer) {
  if (request.recordRoute.empty() || &out == request.flow.listener) return;
  writer.raw("Record-Route: <")
      .raw(Parser::equalIgnoringCase(request.message.requestUriText().substr(0, 5), "sips:") ? "sips:" : "sip:")
      .raw(out.hostPort);
  if (out.protocol != Transport::Protocol::udp) writer.raw(";transport=").raw(Transport::nameOf(out.protocol));
  writer.raw(request.recordRoute).raw(">\r\n");
}

}  // namespace Patchbay::Core
