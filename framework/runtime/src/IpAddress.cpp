#include <arpa/inet.h>
#include <net/if.h>

#include <charconv>

#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Runtime {

namespace {

bool isLinkLocal(const std::array<uint8_t, 16>& o) {
  const bool unicast = o[0] == 0xfe && (o[1] & 0xc0) == 0x80;
  const bool multicast = o[0] == 0xff && (o[1] & 0x0f) == 0x02;
  return unicast || multicast;
}

/// 0 when there is no such interface.
uint32_t zoneOf(std::string_view zone) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
  if (error == std::errc() && end == zone.data() + zone.size()) return number;
  char name[IF_NAMESIZE] = {};
  if (zone.empty() || zone.size() >= sizeof name) return 0;
  std::memcpy(name, zone.data(), zone.size());
  return if_nametoindex(name);
}

/// inet_pton wants a terminated string; none when the text cannot be an address.
std::optional<in6_addr> convertExactV6(std::string_view text) {
  char copy[INET6_ADDRSTRLEN] = {};
  if (text.empty() || text.size() >= sizeof copy || text.find('\0') != text.npos) return std::nullopt;
  std::memcpy(copy, text.data(), text.size());
  in6_addr address{};
  if (inet_pton(AF_INET6, copy, &address) != 1) return std::nullopt;
  return address;
}

/// Old implementations write a third colon before an IPv4 tail, as an error in RFC 3261's grammar wanted it (RFC 5118, 4.10).
std::string withoutThirdColon(std::string_view text, size_t at) {
  return std::string(text.substr(0, at)).append(text.substr(at + 1));
}

std::optional<in6_addr> convertV6(std::string_view text) {
  const auto third = text.find(":::");
  if (third == text.npos || text.find('.') == text.npos) return convertExactV6(text);
  return convertExactV6(withoutThirdColon(text, third));
}

/// As inet_pton reads them: four decimal numbers without leading zeros. Our own, since several addresses are read a message.
std::optional<IpAddress> parseV4(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  uint8_t octets[4];
  for (int i = 0; i < 4; ++i) {
    if (i && (at == end || *at++ != '.')) return std::nullopt;
    const char* const begin = at;
    unsigned number = 0;
    for (; at != end && *at >= '0' && *at <= '9' && number < 256; ++at) number = number * 10 + static_cast<unsigned>(*at - '0');
    if (at == begin || number > 255 || (*begin == '0' && at - begin > 1)) return std::nullopt;
    octets[i] = static_cast<uint8_t>(number);
  }
  if (at != end) return std::nullopt;
  in_addr address;
  std::memcpy(&address, octets, sizeof octets);
  return IpAddress::fromV4(address);
}

std::optional<IpAddress> parseV6(std::string_view text) {
  const auto percent = text.find('%');
  const auto address = convertV6(text.substr(0, percent));
  if (!address) return std::nullopt;
  if (percent == text.npos) return IpAddress::fromV6(*address);
  const uint32_t zone = zoneOf(text.substr(percent + 1));
  const IpAddress result = IpAddress::fromV6(*address, zone);
  if (zone == 0 || result.scopeId() != zone) return std::nullopt;
  return result;
}

Scope scopeOfV4(const uint8_t* o) {
  if (o[0] == 0) return Scope::unspecified;
  if (o[0] == 127) return Scope::loopback;
  if (o[0] == 169 && o[1] == 254) return Scope::linkLocal;
  if (o[0] == 10 || (o[0] == 172 && (o[1] & 0xf0) == 16) || (o[0] == 192 && o[1] == 168)) return Scope::privateUse;
  if (o[0] == 100 && (o[1] & 0xc0) == 64) return Scope::privateUse;  // RFC 6598: shared with the carrier's NAT
  const bool broadcast = o[0] == 255 && o[1] == 255 && o[2] == 255 && o[3] == 255;
  return (o[0] & 0xf0) == 224 || broadcast ? Scope::multicast : Scope::global;
}

Scope scopeOfV6(const std::array<uint8_t, 16>& o) {
  if (o[0] == 0xff) return Scope::multicast;
  if (isLinkLocal(o)) return Scope::linkLocal;
  if ((o[0] & 0xfe) == 0xfc || (o[0] == 0xfe && (o[1] & 0xc0) == 0xc0)) return Scope::privateUse;
  for (size_t i = 0; i < 15; ++i)
    if (o[i] != 0) return Scope::global;
  if (o[15] == 0) return Scope::unspecified;
  return o[15] == 1 ? Scope::loopback : Scope::global;
}

char* writeNumber(char* out, unsigned number, int base) {
  return std::to_chars(out, out + 5, number, base).ptr;
}

char* writeV4(char* out, const uint8_t* octets) {
  for (int i = 0; i < 4; ++i) {
    if (i) *out++ = '.';
    out = writeNumber(out, octets[i], 10);
  }
  return out;
}

struct Run {
  int from = 8, length = 1;
};

/// RFC 5952, 4.2: the longest run of two zero groups or more, the first of equals.
Run longestZeros(const unsigned* groups) {
  Run best;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best.length) best = {i, end - i};
    if (end > i) i = end;
  }
  return best;
}

char* writeV6(char* out, const uint8_t* octets) {
  unsigned groups[8];
  for (int i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(octets[2 * i] << 8 | octets[2 * i + 1]);
  const Run zeros = longestZeros(groups);
  for (int i = 0; i < 8; ++i) {
    if (i == zeros.from) {
      *out++ = ':';
      i += zeros.length - 1;
      if (i == 7) *out++ = ':';
      continue;
    }
    if (i) *out++ = ':';
    out = writeNumber(out, groups[i], 16);
  }
  return out;
}

}  // namespace

IpAddress IpAddress::fromV4(const in_addr& address) {
  IpAddress result;
  result._family = Family::v4;
  std::memcpy(result._octets.data(), &address, 4);
  return result;
}

IpAddress IpAddress::fromV6(const in6_addr& address, uint32_t scopeId) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr v4;
    std::memcpy(&v4, address.s6_addr + 12, 4);
    return fromV4(v4);
  }
  IpAddress result;
  result._family = Family::v6;
  std::memcpy(result._octets.data(), address.s6_addr, 16);
  // a zone means something for link-local addresses only; kept elsewhere it would make equal addresses differ
  if (isLinkLocal(result._octets)) result._scopeId = scopeId;
  return result;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[') {
    if (text.back() != ']') return std::nullopt;
    return parseV6(text.substr(1, text.size() - 2));
  }
  if (text.find(':') != text.npos) return parseV6(text);
  return parseV4(text);
}

Scope IpAddress::scope() const {
  if (_family == Family::v4) return scopeOfV4(_octets.data());
  return _family == Family::v6 ? scopeOfV6(_octets) : Scope::unspecified;
}

bool IpAddress::isWildcard() const {
  return valid() && _octets == std::array<uint8_t, 16>{};
}

char* IpAddress::write(char* out, bool brackets) const {
  if (!valid()) return out;
  if (!isV6()) return writeV4(out, _octets.data());
  if (brackets) *out++ = '[';
  out = writeV6(out, _octets.data());
  if (brackets) *out++ = ']';
  return out;
}

std::string IpAddress::toString() const {
  char text[48];
  return {text, write(text, false)};
}

}  // namespace Patchbay::Runtime
