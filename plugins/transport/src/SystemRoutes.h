#pragma once

#include "patchbay/transport/Routes.h"

namespace Patchbay::Transport {

/// Asks the system by connecting a datagram socket, which sends nothing.
class SystemRoutes : public Routes {
 public:
  std::optional<Runtime::IpAddress> sourceFor(const Runtime::IpAddress& target) override;
};

}  // namespace Patchbay::Transport
