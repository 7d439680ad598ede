#include "LocalAddresses.h"

#include <ifaddrs.h>
#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include <Poco/Exception.h>

namespace Patchbay::Transport {

using Runtime::IpAddress;
using Runtime::Scope;

std::vector<IpAddress> localAddresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) throw Poco::SystemException("cannot read the machine's addresses", std::strerror(errno));
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  std::vector<IpAddress> result;
  for (const ifaddrs* at = list; at; at = at->ifa_next) {
    if (!at->ifa_addr || (at->ifa_flags & IFF_UP) == 0) continue;
    if (at->ifa_addr->sa_family != AF_INET && at->ifa_addr->sa_family != AF_INET6) continue;
    result.push_back(Runtime::Endpoint::fromSockaddr(at->ifa_addr).address);
  }
  return result;
}

IpAddress preferredOf(const std::vector<IpAddress>& addresses, IpAddress::Family family) {
  IpAddress best;
  for (const IpAddress& address : addresses) {
    if (address.family() != family) continue;
    const Scope scope = address.scope();
    if (scope == Scope::global || scope == Scope::privateUse) return address;
    if (!best.valid() && scope != Scope::linkLocal) best = address;
  }
  return best;
}

}  // namespace Patchbay::Transport
