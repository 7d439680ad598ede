#include "Plan.h"

namespace Patchbay::Resolver {

using Transport::Protocol;

namespace {

uint16_t defaultPort(Protocol protocol) {
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

std::optional<Plan> planOf(const Query& query) {
  auto protocol = query.protocol.value_or(query.secure ? Protocol::tls : Protocol::udp);
  if (query.secure) {
    const auto safe = secured(protocol);
    if (!safe) return std::nullopt;
    protocol = *safe;
  }
  return Plan{protocol, query.port ? query.port : defaultPort(protocol)};
}

std::optional<Runtime::IpAddress> literalOf(std::string_view host) {
  if (!host.starts_with('[') && host.find(':') != host.npos) return std::nullopt;
  return Runtime::IpAddress::parse(host);
}

size_t writeName(std::string_view host, char* out) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 253) return 0;
  for (size_t i = 0; i < host.size(); ++i) out[i] = host[i] >= 'A' && host[i] <= 'Z' ? static_cast<char>(host[i] + 32) : host[i];
  return isName({out, host.size()}) ? host.size() : 0;
}

}  // namespace Patchbay::Resolver
