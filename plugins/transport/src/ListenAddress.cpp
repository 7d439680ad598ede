#include "ListenAddress.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace Patchbay::Transport {

namespace {

uint16_t defaultPortOf(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls:
      return 5061;
    case Protocol::ws:
      return 80;
    case Protocol::wss:
      return 443;
    default:
      return 5060;
  }
}

struct HostPort {
  std::string_view host;
  std::optional<uint16_t> port;
};

std::optional<uint16_t> parsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return port;
}

/// Cuts `host[:port]`; an IPv6 address keeps its brackets.
std::optional<HostPort> cut(std::string_view text) {
  const size_t from = text.starts_with('[') ? text.find(']') : 0;
  if (from == text.npos) return std::nullopt;
  const auto colon = text.find(':', from);
  if (colon == text.npos) return HostPort{text, std::nullopt};
  const auto port = parsePort(text.substr(colon + 1));
  if (!port) return std::nullopt;
  return HostPort{text.substr(0, colon), port};
}

/// RFC 3261, 25.1: host; strict enough that it can stand in a Via.
bool isHost(std::string_view text) {
  if (text.starts_with('[')) return Runtime::IpAddress::parse(text).has_value() && text.find('%') == text.npos;
  if (text.empty() || text.size() > 253 || text.front() == '.' || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 128 && (std::isalnum(c) != 0 || c == '.' || c == '-'); });
}

bool takeProtocol(std::string_view& text, ListenAddress& address, std::string& why) {
  const auto colon = text.find(':');
  const auto protocol = protocolOf(text.substr(0, colon));
  if (colon == text.npos || !protocol) {
    why = "'" + std::string(text) +
          "' does not begin with a protocol (udp tcp tls ws wss); the form is udp:ADDRESS:PORT or udp:ADDRESS:PORT/HOST:PORT";
    return false;
  }
  address.protocol = *protocol;
  text.remove_prefix(colon + 1);
  return true;
}

bool takeLocal(std::string_view text, ListenAddress& address, std::string& why) {
  const auto parts = cut(text);
  const bool bareV6 = parts && !parts->host.starts_with('[') && parts->host.find(':') != text.npos;
  const auto ip = parts && !bareV6 ? Runtime::IpAddress::parse(parts->host) : std::nullopt;
  if (!ip) {
    why = "'" + std::string(text) + "' is no address and port, such as 192.0.2.1:5060 or [2001:db8::1]:5060 (a name does not do)";
    return false;
  }
  if (ip->scope() == Runtime::Scope::multicast) {
    why = "'" + std::string(text) + "' is a multicast or broadcast address";
    return false;
  }
  address.local = {*ip, parts->port.value_or(defaultPortOf(address.protocol))};
  return true;
}

bool takeAdvertised(std::string_view text, ListenAddress& address, std::string& why) {
  const auto parts = cut(text);
  if (!parts || !isHost(parts->host) || parts->port == uint16_t{0}) {
    why = "'" + std::string(text) + "' behind the slash is no host[:port] to advertise";
    return false;
  }
  address.host = parts->host;
  address.port = parts->port.value_or(0);
  return true;
}

}  // namespace

std::optional<ListenAddress> ListenAddress::parse(std::string_view text, std::string& why) {
  ListenAddress address;
  if (!takeProtocol(text, address, why)) return std::nullopt;
  const auto slash = text.find('/');
  if (!takeLocal(text.substr(0, slash), address, why)) return std::nullopt;
  if (slash != text.npos && !takeAdvertised(text.substr(slash + 1), address, why)) return std::nullopt;
  return address;
}

}  // namespace Patchbay::Transport
