#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "Plan.h"
#include "patchbay/runtime/Random.h"

namespace Patchbay::Resolver {

/// A name with SRV records, and the protocol that they are for.
struct ServiceName {
  Transport::Protocol protocol = Transport::Protocol::udp;
  std::string name;
};

/// What NAPTR records name, in their order (RFC 3263, 4.1): only what we have listeners for, only TLS when `secure`, each protocol once.
std::vector<ServiceName> servicesOf(const std::vector<NameServer::Record>& pointers, bool secure, const Offers& offers);

/// The SRV names to try when there are no NAPTR records: of UDP, TCP, TLS, as far as we have listeners for them.
std::vector<ServiceName> servicesOf(std::string_view name, bool secure, const Offers& offers);

/// "_sip._udp.example.org"
ServiceName serviceOf(std::string_view name, Transport::Protocol protocol);

/// RFC 2782: the lowest priority first, among equals by weight and chance; those of weight 0 have next to none beside others. With a `key`
/// the order depends on it and on the single record only (so it changes little when records come or go).
void orderServices(std::vector<NameServer::Record>& services, uint64_t key, Runtime::Random& random);

/// Addresses of equal rank in an order that depends on `key` only.
void orderAddresses(std::vector<Runtime::IpAddress>& addresses, uint64_t key);

}  // namespace Patchbay::Resolver
