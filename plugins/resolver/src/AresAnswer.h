#pragma once

#include <cstddef>

#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Resolver {

/// What the octets of a name server's answer say, whatever they are; `status` is c-ares's. At most 64 addresses.
NameServer::Addresses readAnswer(int status, const unsigned char* octets, int length, Runtime::IpAddress::Family family);

}  // namespace Patchbay::Resolver
