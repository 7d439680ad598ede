#include "VirtualConnections.h"

#include <algorithm>

namespace Patchbay::Testsuite {

namespace {

/// The length of the first message or keep-alive; 0: not whole yet. Written for what the server writes, which always says Content-Length
/// so.
size_t firstLength(const std::string& octets) {
  if (octets.compare(0, 2, "\r\n") == 0) return 2;
  const auto end = octets.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  auto at = octets.find("\r\nContent-Length:");
  size_t skip = 17;
  if (at == std::string::npos || at > end) at = octets.find("\r\nl:"), skip = 4;
  if (at == std::string::npos || at > end) return 0;
  const size_t length = end + 4 + std::stoul(octets.substr(at + skip));
  return length <= octets.size() ? length : 0;
}

}  // namespace

void VirtualConnections::adopt() {
  for (; _adopted < _streams.opened.size(); ++_adopted) {
    const auto& peer = _streams.opened[_adopted];
    _connections[peer->local()].push_back({peer, {}});
  }
}

VirtualConnections::Connection* VirtualConnections::newest(const Runtime::Endpoint& peer) {
  adopt();
  auto& all = _connections[peer];
  for (auto at = all.rbegin(); at != all.rend(); ++at)
    if (!at->peer->isEnded()) return &*at;
  return nullptr;
}

bool VirtualConnections::send(const Runtime::Endpoint& peer, const Runtime::Endpoint& server, std::string_view octets, size_t chunk) {
  Connection* connection = newest(peer);
  if (!connection) {
    auto connected = _streams.connect(peer, server);
    if (!connected) return false;
    connection = &_connections[peer].emplace_back(Connection{std::move(connected), {}});
  }
  for (size_t at = 0; at < octets.size(); at += std::min(chunk, octets.size()))
    connection->peer->send(std::string(octets.substr(at, chunk)));
  return true;
}

void VirtualConnections::close(const Runtime::Endpoint& peer) {
  if (Connection* connection = newest(peer)) connection->peer->endSending();
}

void VirtualConnections::reset(const Runtime::Endpoint& peer) {
  if (Connection* connection = newest(peer)) connection->peer->reset();
}

bool VirtualConnections::isClosed(const Runtime::Endpoint& peer) {
  adopt();
  const auto& all = _connections[peer];
  return !all.empty() && std::all_of(all.begin(), all.end(), [](const Connection& one) { return one.peer->isEnded(); });
}

void VirtualConnections::collect(const std::function<void(FakeNetwork::Packet)>& told) {
  adopt();
  for (auto& [endpoint, all] : _connections)
    for (auto& connection : all) {
      connection.written += connection.peer->take();
      while (const size_t length = firstLength(connection.written)) {
        told({connection.peer->server(), endpoint, connection.written.substr(0, length), true});
        connection.written.erase(0, length);
      }
    }
}

std::string VirtualConnections::leftover() const {
  for (const auto& [endpoint, all] : _connections)
    for (const auto& connection : all)
      if (!connection.written.empty()) return connection.written;
  return {};
}

}  // namespace Patchbay::Testsuite
