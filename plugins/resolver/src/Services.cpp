#include "Services.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Resolver {

using Record = NameServer::Record;
using Transport::Protocol;

namespace {

/// RFC 3263, 4.1 and its register; SCTP and WebSocket (to which a server does not connect) are not for us.
std::optional<Protocol> protocolOf(std::string_view service) {
  if (service == "sip+d2u") return Protocol::udp;
  if (service == "sip+d2t") return Protocol::tcp;
  if (service == "sips+d2t") return Protocol::tls;
  return std::nullopt;
}

bool names(const std::vector<ServiceName>& services, Protocol protocol) {
  return std::any_of(services.begin(), services.end(), [&](const auto& service) { return service.protocol == protocol; });
}

/// One of 0 to `count` - 1.
uint64_t draw(Runtime::Random& random, uint64_t count) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(random.next()) * count >> 64);
}

/// Draws one of [first, last), which have one priority, and puts it first.
void drawFirst(std::vector<Record>::iterator first, std::vector<Record>::iterator last, Runtime::Random& random) {
  uint64_t sum = 0, zeros = 0;
  for (auto at = first; at != last; ++at) (at->weight ? sum : zeros) += std::max<uint64_t>(at->weight, 1);
  // RFC 2782 draws from 0 to the sum, and 0 is for those without weight; without such there is no 0
  uint64_t drawn = zeros ? draw(random, sum + 1) : 1 + draw(random, sum);
  const bool none = drawn == 0;
  if (none) drawn = 1 + draw(random, zeros);
  for (auto at = first; at != last; ++at) {
    if ((at->weight == 0) != none) continue;
    const uint64_t share = none ? 1 : at->weight;
    if (drawn <= share) return std::iter_swap(first, at);
    drawn -= share;
  }
}

double uniform(uint64_t hash) {
  return (static_cast<double>(hash >> 11) + 1) / 9007199254740993.0;  // above 0, below 1
}

/// Weighted rendezvous: the smallest comes first.
double rankOf(const Record& record, uint64_t key) {
  const auto hash = Runtime::SipHash({key, ~key}).add(record.target).add(uint64_t{record.port}).finish64();
  return -std::log(uniform(hash)) / (record.weight ? record.weight : 0.001);
}

}  // namespace

std::vector<ServiceName> servicesOf(const std::vector<Record>& pointers, bool secure, const Offers& offers) {
  std::vector<const Record*> sorted;
  for (const auto& pointer : pointers)
    if (pointer.flags == "s" && !pointer.target.empty()) sorted.push_back(&pointer);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return std::tie(a->priority, a->weight) < std::tie(b->priority, b->weight); });
  std::vector<ServiceName> services;
  for (const auto* pointer : sorted) {
    const auto protocol = protocolOf(pointer->service);
    if (!protocol || !offers.has(*protocol) || (secure && *protocol != Protocol::tls) || names(services, *protocol)) continue;
    services.push_back({*protocol, pointer->target});
  }
  return services;
}

std::vector<ServiceName> servicesOf(std::string_view name, bool secure, const Offers& offers) {
  std::vector<ServiceName> services;
  for (const auto protocol : {Protocol::udp, Protocol::tcp, Protocol::tls})
    if (offers.has(protocol) && (!secure || protocol == Protocol::tls)) services.push_back(serviceOf(name, protocol));
  return services;
}

ServiceName serviceOf(std::string_view name, Protocol protocol) {
  const char* prefix = protocol == Protocol::udp ? "_sip._udp." : protocol == Protocol::tcp ? "_sip._tcp." : "_sips._tcp.";
  return {protocol, std::string(prefix).append(name)};
}

void orderServices(std::vector<Record>& services, uint64_t key, Runtime::Random& random) {
  const auto byPriority = [](const Record& a, const Record& b) { return a.priority < b.priority; };
  if (key) {
    std::sort(services.begin(), services.end(), [key](const Record& a, const Record& b) {
      return a.priority != b.priority ? a.priority < b.priority : rankOf(a, key) < rankOf(b, key);
    });
    return;
  }
  std::stable_sort(services.begin(), services.end(), byPriority);
  for (auto first = services.begin(); first != services.end(); ++first)
    drawFirst(first, std::upper_bound(first, services.end(), *first, byPriority), random);
}

void orderAddresses(std::vector<Runtime::IpAddress>& addresses, uint64_t key) {
  const auto rank = [key](const Runtime::IpAddress& address) { return Runtime::SipHash({key, ~key}).add(address.octets()).finish64(); };
  std::sort(addresses.begin(), addresses.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

}  // namespace Patchbay::Resolver
