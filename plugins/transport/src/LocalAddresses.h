#pragma once

#include <vector>

#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Transport {

/// The addresses of the machine's interfaces that are up, loopback included, in the system's order. Throws Poco::SystemException.
std::vector<Runtime::IpAddress> localAddresses();

/// Which of them a listener on all addresses of that family gives as its own: the first global or private one, else the first that is not
/// link-local; an invalid address when there is none.
Runtime::IpAddress preferredOf(const std::vector<Runtime::IpAddress>& addresses, Runtime::IpAddress::Family family);

}  // namespace Patchbay::Transport
