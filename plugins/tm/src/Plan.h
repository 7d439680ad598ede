#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "Lookup.h"
#include "patchbay/core/NextHop.h"
#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Tm {

/// Where one destination of a request will be sent, found out before any lock is taken.
struct Plan {
  uint8_t destination = 0;
  uint64_t loop = 0;  ///< stands in the branch: see loopValue
  Core::NextHop hop;
  Resolver::Outcome outcome = Resolver::Outcome::failed;
  std::vector<Resolver::Target> targets;  ///< when found
  std::unique_ptr<Lookup> lookup;         ///< when pending
  Core::RequestHold branch;               ///< set instead of all that when a branch pipeline comes first: what it runs on
};

}  // namespace Patchbay::Tm
