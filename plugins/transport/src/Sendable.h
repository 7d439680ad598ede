#pragma once

#include <optional>

#include "Meters.h"
#include "OwnAddresses.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// Why nothing is sent from this listener to that address; none: it is.
std::optional<Drop> refusalOf(const Listener& listener, const OwnAddresses& own, const Runtime::Endpoint& peer);

}  // namespace Patchbay::Transport
