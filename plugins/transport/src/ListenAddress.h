#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// One value of the setting `listen`: `udp:ADDRESS[:PORT][/HOST[:PORT]]`; what stands behind the slash is what we say of ourselves.
struct ListenAddress {
  Protocol protocol = Protocol::udp;
  Runtime::Endpoint local;
  std::string host;   ///< advertised; empty when not given
  uint16_t port = 0;  ///< advertised; 0 when not given

  /// None, with the reason in `why`, for anything else.
  static std::optional<ListenAddress> parse(std::string_view text, std::string& why);
};

}  // namespace Patchbay::Transport
