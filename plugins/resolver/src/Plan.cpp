#include "Plan.h"

namespace Patchbay::Resolver {

using Transport::Protocol;

namespace {

std::optional<Protocol> secured(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
    case Protocol::tls:
      return Protocol::tls;
    case Protocol::ws:
    case Protocol::wss:
      return Protocol::wss;
    default:
      return std::nullopt;
  }
}

std::optional<Protocol> given(const Query& query) {
  return query.secure ? secured(*query.protocol) : query.protocol;
}

/// RFC 3263, 4.1: TLS for sips, else UDP. Without a UDP listener what we have; a port that was written is not taken for TLS's.
std::optional<Protocol> chosen(const Query& query, const Offers& offers) {
  if (query.secure) return Protocol::tls;
  for (const auto protocol : {Protocol::udp, Protocol::tcp})
    if (offers.has(protocol)) return protocol;
  return query.port ? std::nullopt : std::optional(Protocol::tls);
}

bool hasServices(Protocol protocol) {
  return protocol == Protocol::udp || protocol == Protocol::tcp || protocol == Protocol::tls;
}

bool isLetter(char c) {
  return c >= 'a' && c <= 'z';
}
bool isNameOctet(char c) {
  return isLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// Labels of 1 to 63 octets, the last one beginning with a letter.
bool isName(std::string_view name) {
  size_t from = 0;
  for (size_t i = 0; i <= name.size(); ++i) {
    if (i < name.size() && name[i] != '.') {
      if (!isNameOctet(name[i])) return false;
      continue;
    }
    if (i == from || i - from > 63) return false;
    if (i == name.size()) return isLetter(name[from]);
    from = i + 1;
  }
  return false;
}

}  // namespace

uint16_t defaultPortOf(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls:
      return 5061;
    case Protocol::ws:
      return 80;  // RFC 7118
    case Protocol::wss:
      return 443;
    default:
      return 5060;
  }
}

std::optional<Plan> planOf(const Query& query, const Offers& offers) {
  const auto literal = literalOf(query.host);
  const auto protocol = query.protocol ? given(query) : chosen(query, offers);
  if (!protocol || !offers.has(*protocol)) return std::nullopt;
  auto start = Plan::Start::addresses;
  if (!literal && query.port == 0 && (!query.protocol || hasServices(*protocol)))
    start = query.protocol ? Plan::Start::services : Plan::Start::pointers;
  return Plan{start, *protocol, query.port ? query.port : defaultPortOf(*protocol), query.secure, literal, query.least};
}

std::optional<Runtime::IpAddress> literalOf(std::string_view host) {
  if (!host.starts_with('[') && host.find(':') != host.npos) return std::nullopt;
  return Runtime::IpAddress::parse(host);
}

bool isReachable(const Runtime::IpAddress& address, bool loopback) {
  const auto scope = address.scope();
  return scope != Runtime::Scope::unspecified && scope != Runtime::Scope::multicast && (loopback || scope != Runtime::Scope::loopback);
}

bool isTooNarrow(const Runtime::IpAddress& address, const Plan& plan, bool loopback) {
  const auto scope = address.scope();
  return scope < plan.least && !(loopback && scope == Runtime::Scope::loopback);
}

size_t writeName(std::string_view host, char* out) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 253) return 0;
  for (size_t i = 0; i < host.size(); ++i) out[i] = host[i] >= 'A' && host[i] <= 'Z' ? static_cast<char>(host[i] + 32) : host[i];
  return isName({out, host.size()}) ? host.size() : 0;
}

}  // namespace Patchbay::Resolver
