#include "LooseRoute.h"

#include "patchbay/core/FlowToken.h"

namespace Patchbay::Rr {

using Direction = Core::RouteFacts::Direction;
using Pipeline::Verdict;

namespace {

std::string_view tagOf(const Parser::Address* address) {
  return address ? address->tag : std::string_view();
}

/// The top one has been read when the request was checked; others are read into `room`. Null when it is malformed.
const Parser::Address* addressOf(Parser::Message& message, const RouteWalk::Value& value, std::optional<Parser::Address>& room) {
  const auto* top = message.topRoute();
  if (top && top->uriText.data() >= value.text.data() && top->uriText.data() < value.text.data() + value.text.size()) return top;
  room = Parser::parseAddress(value.text);
  return room ? &*room : nullptr;
}

std::optional<RouteWalk::Value> lastOf(const Parser::Message& message) {
  std::optional<RouteWalk::Value> last;
  RouteWalk walk(message);
  while (const auto value = walk.next()) last = value;
  return last;
}

}  // namespace

Verdict LooseRoute::run(Pipeline::Machine& machine) {
  auto& request = machine.subject<Core::Request>();
  if (request.flags & _done) return request.route.taken ? Verdict::yes : Verdict::no;
  request.flags |= _done;
  Visit visit{request, machine.worker().wall(), machine.dry(), false, std::nullopt, nullptr};
  undoStrictRouting(visit);
  takeOwn(visit);
  if (request.route.verified) direct(visit);
  if (request.route.verified)
    _common.verified->add();
  else if (visit.signedBadly)
    _common.unproved->add();
  return request.route.taken ? Verdict::yes : Verdict::no;
}

void LooseRoute::take(Visit& visit, const Parser::Uri& uri) const {
  prove(visit, uri);
  visit.wayOut = listenerOf(uri);
  const auto callId = visit.request.message.callId();
  if (!visit.caller) visit.caller = Core::FlowToken::read(*_common.core, callId, Core::FlowToken::Caller, uri);
  if (!visit.callee) visit.callee = Core::FlowToken::read(*_common.core, callId, Core::FlowToken::Callee, uri);
}

/// The last of our values is the one for the side that the request goes to; who has a connection is reached by it, as long as it is there
/// and nobody else comes before him.
void LooseRoute::direct(Visit& visit) const {
  auto& request = visit.request;
  auto& target = request.destinations.main();
  if (visit.wayOut) target.listener = visit.wayOut;
  const uint64_t connection = request.route.direction == Direction::downstream ? visit.callee : visit.caller;
  if (connection && request.route.next.empty() && !visit.dry) target.flow = _common.transport->flowOf(connection);
}

void LooseRoute::undoStrictRouting(Visit& visit) const {
  auto& request = visit.request;
  const auto* uri = request.message.requestUri();
  if (!uri || uri->parameters.empty() || !uri->parameter(Signature::Parameter) || !isOwn(*uri)) return;
  const auto last = lastOf(request.message);
  const auto target = last ? Parser::parseAddress(last->text) : std::nullopt;
  if (!target) return;
  take(visit, *uri);
  visit.spent = last;
  request.route.taken = true;
  if (visit.dry || !request.setUri(target->uriText)) return;
  if (last->isFirstOfLine())
    request.edits.removeHeader(*last->header);
  else
    request.edits.remove({last->previousEnd, last->end() - last->previousEnd});
}

void LooseRoute::takeOwn(Visit& visit) const {
  auto& request = visit.request;
  auto& route = request.route;
  route.next = {};
  route.nextKnown = true;
  const Parser::Header* line = nullptr;  // the one whose values are being taken
  const auto takeLine = [&] {
    if (line && !visit.dry) request.edits.removeHeader(*line);
  };
  std::optional<Parser::Address> room;
  RouteWalk walk(request.message);
  while (const auto value = walk.next()) {
    if (visit.spent && value->begin == visit.spent->begin) break;
    const auto* address = addressOf(request.message, *value, room);
    if (!address || !isOwn(address->uri)) {
      route.next = address ? address->uriText : value->text;
      if (line != value->header) break;
      if (!visit.dry) request.edits.remove({line->value.begin, value->begin - line->value.begin});
      return;
    }
    take(visit, address->uri);
    route.taken = true;
    if (line != value->header) takeLine();
    line = value->header;
  }
  takeLine();
}

const Transport::Listener* LooseRoute::listenerOf(const Parser::Uri& uri) const {
  const auto transport = uri.parameter("transport");
  const auto protocol = transport ? Transport::protocolOf(*transport).value_or(Transport::Protocol::udp) : Transport::Protocol::udp;
  for (const auto& listener : _common.transport->listeners())
    if (listener.protocol == protocol && Parser::equalIgnoringCase(listener.hostPort, uri.hostPort())) return &listener;
  return nullptr;
}

void LooseRoute::prove(Visit& visit, const Parser::Uri& uri) const {
  auto& request = visit.request;
  if (request.route.verified) return;
  const auto value = uri.parameter(Signature::Parameter);
  const auto toTag = tagOf(request.message.to());
  if (!value || toTag.empty()) return;  // without a To tag there is no dialog to vouch for
  visit.signedBadly = true;
  const auto parts = Signature::read(*value);
  if (!parts || !Signature::isCurrent(*parts, visit.now, _common.lifetime)) return;
  const auto callId = request.message.callId();
  const bool fromCaller = _common.signature.proves(*parts, callId, tagOf(request.message.from()));
  if (!fromCaller && !_common.signature.proves(*parts, callId, toTag)) return;
  request.route.verified = true;
  request.route.direction = fromCaller ? Direction::downstream : Direction::upstream;
  request.route.dialogClass = parts->dialogClass;
}

}  // namespace Patchbay::Rr
