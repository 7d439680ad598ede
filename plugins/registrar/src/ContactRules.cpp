#include "ContactRules.h"

#include <algorithm>

#include "patchbay/parser/Names.h"

namespace Patchbay::Registrar {

namespace {

using Runtime::Scope;

/// The wider, the greater; what nobody may register is 0.
int widthOf(Scope scope) {
  switch (scope) {
    case Scope::loopback:
      return 1;
    case Scope::linkLocal:
      return 2;
    case Scope::privateUse:
      return 3;
    case Scope::global:
      return 4;
    default:
      return 0;
  }
}

bool isBroadcast(const Runtime::IpAddress& address) {
  return address.octets() == std::string_view("\xff\xff\xff\xff");
}

Refusal judgeAddress(const Runtime::IpAddress& address, const Runtime::IpAddress& source) {
  const int width = isBroadcast(address) ? 0 : widthOf(address.scope());
  if (width == 0) return {403, "Contact Address Not Allowed"};
  if (width < widthOf(source.scope())) return {403, "Contact Address Narrower Than Source"};
  return {};
}

/// In any spelling, and the names below it (RFC 6761, 6.3).
bool isLocalhost(std::string_view host) {
  constexpr std::string_view Name = "localhost";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() < Name.size() || !Parser::equalIgnoringCase(host.substr(host.size() - Name.size()), Name)) return false;
  return host.size() == Name.size() || host[host.size() - Name.size() - 1] == '.';
}

Refusal judgeHost(std::string_view host, const Runtime::IpAddress& source) {
  if (const auto address = Runtime::IpAddress::parse(host)) return judgeAddress(*address, source);
  if (isLocalhost(host) && source.scope() != Scope::loopback) return {403, "Contact Address Narrower Than Source"};
  return {};
}

}  // namespace

Refusal ContactRules::judge(const Parser::Uri& uri, const Runtime::IpAddress& source, bool behindNat) const {
  if (!uri.isSip()) return {400, "Contact Is No SIP URI"};
  if (!uri.headers.empty()) return {403, "Contact With Headers"};
  if (uri.parameter("maddr")) return {403, "Contact With maddr"};
  if (behindNat) return {};
  if ((uri.port != 0 && uri.port < policy.leastPort) || isRefusedPort(uri)) return {403, "Contact Port Not Allowed"};
  if (core.isMyself(uri)) return {403, "Contact Points to This Server"};
  return judgeHost(uri.host, source);
}

/// What listens in our own network and speaks no SIP, such as databases and this server's admin endpoint.
bool ContactRules::isRefusedPort(const Parser::Uri& uri) const {
  const auto& ports = policy.refusedPorts;
  if (uri.port == 0 || std::find(ports.begin(), ports.end(), uri.port) == ports.end()) return false;
  const auto address = Runtime::IpAddress::parse(uri.host);
  return !address || address->scope() != Scope::global;
}

bool ContactRules::isPath(const Parser::Uri& uri, const Runtime::IpAddress& source) const {
  return uri.isSip() && uri.headers.empty() && !uri.parameter("maddr") && !isRefusedPort(uri) && !judgeHost(uri.host, source);
}

bool ContactRules::isOf(const Parser::Uri& uri, const Transport::Flow& flow) const {
  if (flow.protocol() == Transport::Protocol::ws || flow.protocol() == Transport::Protocol::wss) return true;
  const auto address = Runtime::IpAddress::parse(uri.host);
  return address && *address == flow.peer.address;
}

bool ContactRules::isElsewhere(const Parser::Uri& uri, const Runtime::Endpoint& source) const {
  const auto address = Runtime::IpAddress::parse(uri.host);
  return !address || *address != source.address || uri.portOrDefault() != source.port;
}

}  // namespace Patchbay::Registrar
