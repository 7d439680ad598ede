#include "SystemRoutes.h"

#include <sys/socket.h>
#include <unistd.h>

namespace Patchbay::Transport {

namespace {

struct Descriptor {
  explicit Descriptor(int family) : number(::socket(family, SOCK_DGRAM, 0)) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  int number;
};

}  // namespace

std::optional<Runtime::IpAddress> SystemRoutes::sourceFor(const Runtime::IpAddress& target) {
  constexpr uint16_t AnyPort = 5060;
  sockaddr_storage address;
  const socklen_t length = Runtime::Endpoint{target, AnyPort}.toSockaddr(address);
  const Descriptor probe(target.isV6() ? AF_INET6 : AF_INET);
  if (probe.number < 0 || ::connect(probe.number, reinterpret_cast<const sockaddr*>(&address), length) != 0) return std::nullopt;
  sockaddr_storage own;
  socklen_t ownLength = sizeof own;
  if (::getsockname(probe.number, reinterpret_cast<sockaddr*>(&own), &ownLength) != 0) return std::nullopt;
  const auto source = Runtime::Endpoint::fromSockaddr(reinterpret_cast<const sockaddr*>(&own)).address;
  return source.valid() && !source.isWildcard() ? std::optional(source) : std::nullopt;
}

}  // namespace Patchbay::Transport
