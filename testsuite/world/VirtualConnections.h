#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "FakeEnvironment.h"

namespace Patchbay::Testsuite {

/// The peers' side of all connections of a world: opens them when a peer has something to say, and cuts what the server writes into
/// messages.
class VirtualConnections {
 public:
  explicit VirtualConnections(FakeStreams& streams) : _streams(streams) {}

  /// By the peer's newest connection that is open, to the server or from it, else by a new one to `server`. False when nobody listens
  /// there.
  bool send(const Runtime::Endpoint& peer, const Runtime::Endpoint& server, std::string_view octets, size_t chunk);
  /// The peer ends its sending, or its newest connection breaks.
  void close(const Runtime::Endpoint& peer);
  void reset(const Runtime::Endpoint& peer);
  /// Whether the server has ended all connections with that peer, and there was one.
  bool isClosed(const Runtime::Endpoint& peer);
  /// Each message and each keep-alive that is whole. `from` is the server's end.
  void collect(const std::function<void(FakeNetwork::Packet)>& told);
  /// What the server wrote that is no whole message.
  std::string leftover() const;

 private:
  struct Connection {
    FakeStreams::PeerPointer peer;
    std::string written;
  };
  Connection* newest(const Runtime::Endpoint& peer);
  void adopt();

  FakeStreams& _streams;
  std::map<Runtime::Endpoint, std::vector<Connection>> _connections;
  size_t _adopted = 0;
};

}  // namespace Patchbay::Testsuite
