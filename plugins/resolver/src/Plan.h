#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Resolver {

/// What our listeners can send: protocols, each with its families. Asked while a reload changes it.
class Offers {
 public:
  Offers() = default;
  Offers(const Offers& other) : _transport(other._transport), _known(other._known.load()) {}
  void add(const Transport::Listener& listener) { _known |= bitOf(listener.protocol, listener.local.address.isV6()); }
  void use(Transport::Service& transport) { _transport = &transport; }
  /// What these listeners can, and no more.
  void take(const Transport::ListenerList& listeners) {
    uint16_t known = 0;
    for (const auto& listener : listeners) known |= bitOf(listener.protocol, listener.local.address.isV6());
    _known = known;
  }
  /// Target::way.
  uint64_t wayTo(Transport::Protocol protocol, std::string_view host) const {
    return protocol == Transport::Protocol::tls && _transport ? _transport->wayTo(host) : 0;
  }
  bool has(Transport::Protocol protocol) const { return has(protocol, false) || has(protocol, true); }
  bool has(Transport::Protocol protocol, bool v6) const { return (_known.load(std::memory_order_relaxed) & bitOf(protocol, v6)) != 0; }

 private:
  static uint16_t bitOf(Transport::Protocol protocol, bool v6) {
    return static_cast<uint16_t>(1u << (2 * static_cast<unsigned>(protocol) + (v6 ? 1u : 0u)));
  }
  Transport::Service* _transport = nullptr;
  std::atomic<uint16_t> _known{0};
};

/// What follows from the query before DNS is asked: where to begin, and how to send when DNS says nothing of it (RFC 3263, 4.1 and 4.2).
struct Plan {
  enum class Start : uint8_t {
    addresses,  ///< literal, or a port is given, or a protocol that has no SRV records
    services,   ///< the protocol is given: SRV
    pointers    ///< nothing is given: NAPTR, then SRV
  };
  Start start = Start::addresses;
  Transport::Protocol protocol = Transport::Protocol::udp;
  uint16_t port = 0;
  bool secure = false;
  std::optional<Runtime::IpAddress> literal = {};  ///< the host is one: there is nothing to look up
  Runtime::Scope least = Runtime::Scope::unspecified;
};

uint16_t defaultPortOf(Transport::Protocol protocol);

/// None when the query contradicts itself (sips over UDP), or needs what we have no listener for.
std::optional<Plan> planOf(const Query& query, const Offers& offers);

/// An address literal: IPv4, or IPv6 in brackets.
std::optional<Runtime::IpAddress> literalOf(std::string_view host);

/// An address that something can be sent to; those of this machine's loopback only when `loopback`.
bool isReachable(const Runtime::IpAddress& address, bool loopback);

/// Whether it is narrower than the query allows; loopback addresses are not when `loopback`.
bool isTooNarrow(const Runtime::IpAddress& address, const Plan& plan, bool loopback);

/// Longest name and the octet for its type.
constexpr size_t MostKeyOctets = 255;

/// Writes the host in lower case without a trailing dot to `out`, which has room for MostKeyOctets; returns the length, 0 for what no name
/// server could know: RFC 3261's hostname (its last label begins with a letter, so that 0177.0.0.1 and 2130706433 are none), underscores
/// allowed.
size_t writeName(std::string_view host, char* out);

}  // namespace Patchbay::Resolver
