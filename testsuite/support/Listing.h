#pragma once

#include <span>
#include <vector>

#include "patchbay/transport/Transport.h"

namespace Patchbay::Testsuite {

/// The listeners of a fake transport, as Service::listeners gives them.
class Listing {
 public:
  Transport::ListenerList of(std::span<const Transport::Listener> all) const {
    _all.clear();
    for (const auto& listener : all) _all.push_back(&listener);
    return Transport::ListenerList(_all);
  }

 private:
  mutable std::vector<const Transport::Listener*> _all;
};

}  // namespace Patchbay::Testsuite
