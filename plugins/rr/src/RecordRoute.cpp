#include "RecordRoute.h"

#include "patchbay/core/FlowToken.h"

namespace Patchbay::Rr {

using Parser::Uri;
using Pipeline::Verdict;

namespace {

constexpr size_t Room = Signature::MostOctets + 16;

std::string_view tagOf(const Parser::Address* address) {
  return address ? address->tag : std::string_view();
}

/// RFC 3261, 16.6 step 4: a sips request keeps its route set in sips.
bool isSecure(Core::Request& request) {
  const auto* uri = request.message.requestUri();
  return uri && uri->scheme == Uri::Scheme::sips;
}

}  // namespace

Verdict RecordRoute::run(Pipeline::Machine& machine) {
  auto& request = machine.subject<Core::Request>();
  if ((request.flags & _done) || machine.dry()) return Verdict::yes;
  request.flags |= _done;
  if (!write(request, machine.worker().wall())) return machine.fail("Record-Route cannot be put on top");
  _recorded.add();
  return Verdict::yes;
}

bool RecordRoute::write(Core::Request& request, Runtime::WallTime now) const {
  const auto& listener = *request.flow.listener;
  const bool fromCallee = request.route.direction == Core::RouteFacts::Direction::upstream;
  const auto tag = tagOf(fromCallee ? request.message.to() : request.message.from());
  // a later request of the dialog keeps the class that the dialog began with
  const std::string_view dialogClass = _class.empty() && request.route.verified ? request.route.dialogClass : std::string_view(_class);
  char signature[Signature::MostOctets];
  const char* end = _signature.write({request.message.callId(), tag, dialogClass}, now, signature);

  char* room = request.keepRoom(Room);
  Parser::Writer parameters(room, Room);
  parameters.raw(";lr;").raw(Signature::Parameter).raw("=").raw({signature, static_cast<size_t>(end - signature)});
  request.recordRoute = parameters.written();

  char text[512];
  Parser::Writer out(text, sizeof text);
  out.raw(isSecure(request) ? "<sips:" : "<sip:").raw(listener.hostPort);
  if (listener.protocol != Transport::Protocol::udp) out.raw(";transport=").raw(Transport::nameOf(listener.protocol));
  out.raw(request.recordRoute);
  Core::FlowToken::write(*_core, request.message.callId(), fromCallee ? Core::FlowToken::Callee : Core::FlowToken::Caller, request.flow,
                         out);
  out.raw(">");
  return out.ok() && request.edits.insertHeader(request.message, Parser::HeaderId::recordRoute, "Record-Route", out.written());
}

}  // namespace Patchbay::Rr
