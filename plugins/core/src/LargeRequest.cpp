#include "patchbay/core/LargeRequest.h"

namespace Patchbay::Core {

namespace {

/// What our own Via adds, about.
constexpr size_t OwnLines = 100;

}  // namespace

std::span<const Resolver::Target> LargeRequest::targets(const Transport::Service& transport, const Request& request,
                                                        std::span<const Resolver::Target> found, std::vector<Resolver::Target>& room) {
  using Transport::Protocol;
  if (request.message.octets().size() + request.edits.growth() + OwnLines <= MostByUdp) return found;
  for (const Resolver::Target& target : found) {
    const auto& address = target.endpoint.address;
    if (target.protocol == Protocol::udp && transport.listenerFor(Protocol::tcp, address, nullptr))
      room.push_back({Protocol::tcp, target.endpoint, 0});
    room.push_back(target);
  }
  return room;
}

}  // namespace Patchbay::Core
