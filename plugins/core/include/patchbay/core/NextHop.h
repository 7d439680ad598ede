#pragma once

#include <string_view>

#include "patchbay/core/Core.h"
#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Core {

/// Where a destination's request is sent, decided before any look-up (RFC 3261, 16.6 steps 6 and 7; RFC 3327, 5.2): the destination's flow,
/// its next hop, the first remaining Route, its Path, its URI - in this order.
struct PATCHBAY_API NextHop {
  Transport::Flow flow;  ///< set: no look-up is needed
  Resolver::Query query;
  bool good = false;               ///< false: there is no SIP URI to go to
  bool strict = false;             ///< the next hop's URI has no lr: see requestUri and routeAppended
  std::string_view requestUri;     ///< what stands in the request line
  std::string_view routeAppended;  ///< strict: becomes the last Route value (the former Request-URI)
  std::string_view pathRoutes;     ///< Path values: become Route values on top

  static NextHop of(Service& core, Request& request, const Destination& destination);
  /// The query for a SIP URI: transport, maddr and port as RFC 3263, 4 reads them.
  static Resolver::Query queryFor(const Parser::Uri& uri);
};

}  // namespace Patchbay::Core
