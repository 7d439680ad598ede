#pragma once

#include <span>
#include <vector>

#include "patchbay/core/Request.h"
#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Core {

/// A request that could be cut into fragments on its way goes by TCP (RFC 3261, 18.1.1).
struct PATCHBAY_API LargeRequest {
  static constexpr size_t MostByUdp = 1300;

  /// The targets, each UDP one behind the same by TCP, when the request is large and we have TCP: UDP comes next when TCP is refused.
  /// `room` holds them then.
  static std::span<const Resolver::Target> targets(const Transport::Service& transport, const Request& request,
                                                   std::span<const Resolver::Target> found, std::vector<Resolver::Target>& room);
};

}  // namespace Patchbay::Core
