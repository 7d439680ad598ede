#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace Patchbay::Transport {

/// The request by which a client asks for WebSocket with the subprotocol `sip` (RFC 6455, 4.2; RFC 7118, 4), and our answer.
struct HttpUpgrade {
  bool accepted = false;
  std::string answer;

  /// `head` ends with its empty line. `origins`: those that a browser's page may have; empty: any.
  static HttpUpgrade of(std::string_view head, const std::vector<std::string>& origins);
};

}  // namespace Patchbay::Transport
