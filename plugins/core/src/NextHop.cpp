#include "patchbay/core/NextHop.h"

namespace Patchbay::Core {

namespace {

std::optional<Parser::Uri> firstOf(std::string_view routes) {
  Parser::ListValues values(routes);
  const auto value = values.next();
  if (!value) return {};
  const auto address = Parser::parseAddress(*value);
  return address ? std::optional(address->uri) : std::nullopt;
}

void aim(NextHop& hop, const Parser::Uri* uri) {
  if (!uri || !uri->isSip()) return;
  hop.query = NextHop::queryFor(*uri);
  hop.good = true;
}

void aim(NextHop& hop, const std::optional<Parser::Uri>& uri) {
  aim(hop, uri ? &*uri : nullptr);
}

void route(NextHop& hop, const Parser::Uri& uri) {
  aim(hop, &uri);
  if (!hop.good || uri.parameter("lr")) return;
  hop.strict = true;
  hop.routeAppended = hop.requestUri;
  hop.requestUri = uri.text;
}

/// The top one has been read when the request was checked.
void followRoute(NextHop& hop, Parser::Message& message, std::string_view next) {
  const auto* top = message.topRoute();
  if (top && top->uriText.data() == next.data()) return route(hop, top->uri);
  if (const auto uri = Parser::Uri::parse(next)) route(hop, *uri);
}

/// Behind the Routes that are there, or before all headers.
void appendRoute(const Parser::Message& message, std::string_view value, bool bare, Parser::Edits& edits) {
  if (!Parser::isHeaderSafe(value)) return;
  std::string line("Route: ");
  line.append(bare ? "<" : "").append(value).append(bare ? ">" : "").append("\r\n");
  uint32_t at = message.headersBegin();
  for (const auto* header = message.first(Parser::HeaderId::route); header; header = message.next(*header)) at = header->line.end();
  edits.insertLines(at, line);
}

Parser::Slice sliceOf(const Parser::Message& message, std::string_view text) {
  return {static_cast<uint32_t>(text.data() - message.octets().data()), static_cast<uint32_t>(text.size())};
}

/// The first value that is left on a Route line: together with its comma, or the whole line when no other is left. Those before it were
/// ours and are gone.
void cutValue(const Request& request, const Parser::Header& line, std::string_view uri, Parser::Edits& edits) {
  Parser::ListValues values(request.message.text(line.value));
  const auto begins = [&](std::string_view value) { return uri.data() >= value.data() && uri.data() < value.data() + value.size(); };
  auto value = values.next();
  while (value && !begins(*value)) value = values.next();
  if (!value) return;
  const auto own = sliceOf(request.message, *value);
  const auto behind = values.next();
  if (!behind || request.edits.removes(sliceOf(request.message, *behind)))
    edits.removeHeader(line);
  else
    edits.remove({own.begin, sliceOf(request.message, *behind).begin - own.begin});
}

/// The strict router's own value, which has become the Request-URI: the one whose URI is the next route.
void cutFirstRoute(Service& core, Request& request, Parser::Edits& edits) {
  const auto uri = core.nextRoute(request);
  for (const auto* line = request.message.first(Parser::HeaderId::route); line; line = request.message.next(*line)) {
    const auto all = request.message.text(line->value);
    if (uri.data() >= all.data() && uri.data() < all.data() + all.size()) return cutValue(request, *line, uri, edits);
  }
}

/// Whether the text stands in the message as it was received.
bool isOfSender(const Request& request, std::string_view text) {
  const auto octets = request.message.octets();
  return text.data() >= octets.data() && text.data() < octets.data() + octets.size();
}

/// Nobody sends by us to where he cannot reach himself, as this machine's own services. Within a dialog that we have opened the other side
/// may be in a private network that we are in, too.
Runtime::Scope leastFor(const Request& request) {
  const auto own = request.flow.peer.address.scope();
  if (own > Runtime::Scope::global) return Runtime::Scope::global;
  return request.route.verified ? std::min(own, Runtime::Scope::privateUse) : own;
}

}  // namespace

void NextHop::applyRoutes(Service& core, Request& request, Parser::Edits& edits) const {
  if (strict) cutFirstRoute(core, request, edits);
  if (!pathRoutes.empty()) appendRoute(request.message, pathRoutes, false, edits);
  if (strict) appendRoute(request.message, routeAppended, true, edits);
}

Resolver::Query NextHop::queryFor(const Parser::Uri& uri) {
  Resolver::Query query;
  const auto maddr = uri.parameter("maddr");
  query.host = maddr && !maddr->empty() ? *maddr : uri.host;
  query.port = uri.port;
  if (const auto transport = uri.parameter("transport")) {
    query.protocol = Transport::protocolOf(*transport);
    if (!query.protocol) query.host = {};  // one that we do not speak leads nowhere, and no other takes its place (RFC 3263, 4.1)
  }
  query.secure = uri.scheme == Parser::Uri::Scheme::sips;
  return query;
}

NextHop NextHop::of(Service& core, Request& request, const Destination& destination) {
  NextHop hop;
  hop.requestUri = destination.uri;
  hop.pathRoutes = destination.path;
  if (destination.flow) {
    hop.flow = destination.flow;
    hop.good = true;
  } else if (!destination.nextHop.empty()) {
    aim(hop, Parser::Uri::parse(destination.nextHop));
  } else if (const auto next = core.nextRoute(request); !next.empty()) {
    followRoute(hop, request.message, next);
  } else if (!destination.path.empty()) {
    aim(hop, firstOf(destination.path));
  } else if (&destination == &request.destinations.main()) {
    aim(hop, request.uri());
  } else {
    aim(hop, Parser::Uri::parse(destination.uri));
  }
  if (hop.good && !hop.flow && isOfSender(request, hop.query.host)) hop.query.least = leastFor(request);
  return hop;
}

}  // namespace Patchbay::Core
