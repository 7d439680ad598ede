#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "patchbay/runtime/Guarded.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// The connections that we opened, by where they lead: what is sent to a peer goes by the one there is. Never those that others opened to
/// us: an address and port say nothing of who is behind them (RFC 5923). Shared by all workers.
class OpenedConnections {
 public:
  /// The connection's id; `fresh` as is when there is none yet, and it is then the one.
  uint64_t findOr(const Flow& flow, uint64_t fresh) {
    return _ids.with([&](auto& ids) { return ids.try_emplace(keyOf(flow), fresh).first->second; });
  }
  /// `flow` as it was asked for.
  void forget(const Flow& flow, uint64_t id) {
    _ids.with([&](auto& ids) {
      const auto found = ids.find(keyOf(flow));
      if (found != ids.end() && found->second == id) ids.erase(found);
    });
  }

 private:
  /// The listener's id stands for the protocol, too; the way for the name that was proved: what leads to one name never serves another.
  using Key = std::tuple<uint16_t, Runtime::Endpoint, uint64_t>;
  static Key keyOf(const Flow& flow) { return {flow.listener->id, flow.peer, flow.connection}; }
  Runtime::Guarded<std::map<Key, uint64_t>> _ids;
};

}  // namespace Patchbay::Transport
