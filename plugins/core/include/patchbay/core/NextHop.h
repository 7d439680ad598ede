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
  bool strict = false;             ///< the next hop's URI has no lr: see requestUri and applyRoutes
  std::string_view requestUri;     ///< what stands in the request line
  std::string_view routeAppended;  ///< strict: becomes the last Route value (the former Request-URI)
  std::string_view pathRoutes;     ///< Path values: become Route values

  static NextHop of(Service& core, Request& request, const Destination& destination);
  /// Puts the Route values that belong to this hop among the edits, the request's own or a leg's: its Path behind the Routes that are
  /// there; for a strict next hop its value taken away and the former Request-URI as the last one (RFC 3261, 16.6 step 6; RFC 3327, 5.3).
  void applyRoutes(Service& core, Request& request, Parser::Edits& edits) const;
  /// The query for a SIP URI: transport, maddr and port as RFC 3263, 4 reads them.
  static Resolver::Query queryFor(const Parser::Uri& uri);
};

}  // namespace Patchbay::Core
