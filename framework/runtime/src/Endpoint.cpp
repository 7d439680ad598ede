#include "patchbay/runtime/Endpoint.h"

#include <arpa/inet.h>

#include <charconv>

namespace Patchbay::Runtime {

Endpoint Endpoint::fromSockaddr(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return {IpAddress::fromV4(v4.sin_addr), ntohs(v4.sin_port)};
  }
  if (address->sa_family != AF_INET6) return {};
  sockaddr_in6 v6;
  std::memcpy(&v6, address, sizeof v6);
  return {IpAddress::fromV6(v6.sin6_addr, v6.sin6_scope_id), ntohs(v6.sin6_port)};
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  const auto host = text.substr(0, colon), port = text.substr(colon + 1);
  const bool bracketed = !host.empty() && host.front() == '[';
  if (!bracketed && host.find(':') != host.npos) return std::nullopt;
  const auto address = IpAddress::parse(host);
  Endpoint result;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (!address || port.size() > 5 || error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  result.address = *address;
  return result;
}

socklen_t Endpoint::toSockaddr(sockaddr_storage& out) const {
  if (address.isV6()) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_scope_id = address.scopeId();
    std::memcpy(&v6.sin6_addr, address.octets().data(), 16);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  std::memcpy(&v4.sin_addr, address.octets().data(), 4);
  std::memcpy(&out, &v4, sizeof v4);
  return sizeof v4;
}

std::string Endpoint::toString() const {
  char text[56];
  char* end = address.write(text, true);
  *end++ = ':';
  end = std::to_chars(end, text + sizeof text, port).ptr;
  return {text, end};
}

}  // namespace Patchbay::Runtime
