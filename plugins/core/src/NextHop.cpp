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

void aim(NextHop& hop, const std::optional<Parser::Uri>& uri) {
  if (!uri || !uri->isSip()) return;
  hop.query = NextHop::queryFor(*uri);
  hop.good = true;
}

void route(NextHop& hop, const Parser::Uri& uri) {
  aim(hop, uri);
  if (!hop.good || uri.parameter("lr")) return;
  hop.strict = true;
  hop.routeAppended = hop.requestUri;
  hop.requestUri = uri.text;
}

}  // namespace

Resolver::Query NextHop::queryFor(const Parser::Uri& uri) {
  Resolver::Query query;
  const auto maddr = uri.parameter("maddr");
  query.host = maddr && !maddr->empty() ? *maddr : uri.host;
  query.port = uri.port;
  if (const auto transport = uri.parameter("transport")) query.protocol = Transport::protocolOf(*transport);
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
    if (const auto uri = Parser::Uri::parse(next)) route(hop, *uri);
  } else if (!destination.path.empty()) {
    aim(hop, firstOf(destination.path));
  } else {
    aim(hop, Parser::Uri::parse(destination.uri));
  }
  return hop;
}

}  // namespace Patchbay::Core
