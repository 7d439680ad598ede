#pragma once

#include <optional>
#include <string_view>

#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// Where a reply goes whose connection is gone (RFC 3261, 18.2.2).
struct Fallback {
  /// A connection to be opened to the topmost Via's `received` (else its address) and the port of its sent-by. None when only a name is
  /// known, or when a peer's name would have to be proved (TLS), or when nobody can be connected to (WebSocket).
  static std::optional<Flow> of(const Flow& gone, std::string_view reply);
};

}  // namespace Patchbay::Transport
