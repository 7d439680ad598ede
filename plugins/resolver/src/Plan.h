#pragma once

#include <optional>

#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Resolver {

/// What of a query does not depend on DNS: how to send and to which port (RFC 3263, 4.1 and 4.2, as far as they need no NAPTR and SRV
/// records).
struct Plan {
  Transport::Protocol protocol = Transport::Protocol::udp;
  uint16_t port = 0;
};

/// None when the query contradicts itself (sips over UDP).
std::optional<Plan> planOf(const Query& query);

/// An address literal: IPv4, or IPv6 in brackets.
std::optional<Runtime::IpAddress> literalOf(std::string_view host);

/// Longest name and the octet for its family.
constexpr size_t MostKeyOctets = 255;

/// Writes the host in lower case without a trailing dot to `out`, which has room for MostKeyOctets; returns the length, 0 for what no name
/// server could know: RFC 3261's hostname (its last label begins with a letter, so that 0177.0.0.1 and 2130706433 are none), underscores
/// allowed.
size_t writeName(std::string_view host, char* out);

}  // namespace Patchbay::Resolver
