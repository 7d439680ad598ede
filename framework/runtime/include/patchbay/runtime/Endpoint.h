#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>

#include "patchbay/log/Api.h"

namespace Patchbay::Runtime {

/// How far an address reaches, from narrow to wide.
enum class Scope : uint8_t { unspecified, loopback, linkLocal, privateUse, global, multicast };

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 addresses are kept as IPv4, so that they compare equal. 24 octets, no heap.
class PATCHBAY_API IpAddress {
 public:
  enum class Family : uint8_t { none, v4, v6 };

  IpAddress() = default;
  static IpAddress fromV4(const in_addr& address);
  static IpAddress fromV6(const in6_addr& address, uint32_t scopeId = 0);
  /// Dotted decimal or IPv6 text, the latter with or without brackets and with an optional zone. Nothing else: no octal, no short forms.
  static std::optional<IpAddress> parse(std::string_view text);

  Family family() const { return _family; }
  bool isV6() const { return _family == Family::v6; }
  bool valid() const { return _family != Family::none; }
  Scope scope() const;
  /// True for 0.0.0.0 and ::.
  bool isWildcard() const;
  uint32_t scopeId() const { return _scopeId; }
  /// 4 or 16 octets in network order.
  std::string_view octets() const { return {reinterpret_cast<const char*>(_octets.data()), isV6() ? 16u : 4u}; }
  /// RFC 5952 for IPv6; without brackets and zone.
  std::string toString() const;
  /// Writes toString() (in brackets for IPv6 when asked) to `out`, which has room for 48 octets; returns the end. No allocation.
  char* write(char* out, bool brackets) const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<uint8_t, 16> _octets{};
  uint32_t _scopeId = 0;
  Family _family = Family::none;
};

/// An address and a port: where a datagram comes from or goes to.
struct PATCHBAY_API Endpoint {
  IpAddress address;
  uint16_t port = 0;

  static Endpoint fromSockaddr(const sockaddr* address);
  /// "192.0.2.1:5060" or "[2001:db8::1]:5060"; the port must be there.
  static std::optional<Endpoint> parse(std::string_view text);
  /// Returns the length that bind and sendmsg want.
  socklen_t toSockaddr(sockaddr_storage& out) const;
  std::string toString() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace Patchbay::Runtime
