#pragma once

#include <optional>

#include "patchbay/log/Api.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Transport {

/// What the machine's routing tables say: its own, or a test's, offered through Services::override_.
class PATCHBAY_API Routes {
 public:
  virtual ~Routes() = default;
  /// The address that a datagram to `target` would leave from; none without a route. From any thread; a few microseconds, never waits.
  virtual std::optional<Runtime::IpAddress> sourceFor(const Runtime::IpAddress& target) = 0;
};

}  // namespace Patchbay::Transport
