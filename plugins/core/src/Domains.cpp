#include "Domains.h"

#include <algorithm>
#include <array>

#include "patchbay/parser/Names.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Core {

namespace {

constexpr size_t LongestHost = 255;
constexpr int MostHops = 4;

/// Host in lower case without a trailing dot, an IPv6 address in its one form, in `room`; empty when too long.
std::string_view folded(std::string_view host, std::array<char, LongestHost>& room) {
  if (host.starts_with('[')) {
    const auto address = Runtime::IpAddress::parse(host);
    if (address) return {room.data(), address->write(room.data(), true)};
  }
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (host.size() > room.size()) return {};
  std::transform(host.begin(), host.end(), room.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return {room.data(), host.size()};
}

bool isHost(std::string_view name) {
  return !name.empty() && (Runtime::IpAddress::parse(name).has_value() || std::all_of(name.begin(), name.end(), [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
                           }));
}

}  // namespace

bool Domains::add(std::string_view name) {
  std::array<char, LongestHost> room;
  const auto host = folded(name, room);
  if (!isHost(host)) return false;
  const auto place = std::lower_bound(_names.begin(), _names.end(), host);
  if (place == _names.end() || *place != host) _names.emplace(place, host);
  return true;
}

void Domains::settle(const Transport::Service& transport) {
  _transport = &transport;
  _fromListeners = _names.empty();
  for (const auto& listener : transport.listeners()) {
    if (_fromListeners) add(listener.host);
    for (auto port : {listener.port, listener.local.port})
      if (!listensOn(port)) _ports.push_back(port);
  }
}

bool Domains::listensOn(uint16_t port) const {
  return std::find(_ports.begin(), _ports.end(), port) != _ports.end();
}

bool Domains::contains(std::string_view host) const {
  std::array<char, LongestHost> room;
  const auto wanted = folded(host, room);
  if (wanted.empty()) return false;
  const auto place = std::lower_bound(_names.begin(), _names.end(), wanted);
  return (place != _names.end() && *place == wanted) || (_fromListeners && isAddressOfOurs(wanted)) || (_source && _source->serves(wanted));
}

/// A name of a name counts, too; a circle leaves the host as it is.
std::string_view Domains::mainOf(std::string_view host, DomainName& room) const {
  if (!_source || !_source->hasSecondNames()) return host;
  std::array<char, LongestHost> lower;
  std::string_view main = folded(host, lower);
  for (int hop = 0; hop < MostHops; ++hop) {
    DomainName next;
    const size_t length = _source->firstName(main, next);
    if (length == 0 || !contains({next.data(), length})) return hop == 0 ? host : main;
    room = next;
    main = {room.data(), length};
  }
  return host;
}

bool Domains::isAddressOfOurs(std::string_view host) const {
  const auto address = Runtime::IpAddress::parse(host);
  return address && std::any_of(_ports.begin(), _ports.end(), [&](uint16_t port) { return _transport->isOurs({*address, port}); });
}

bool Domains::isMyself(const Parser::Uri& uri) const {
  if (!uri.isSip()) return false;
  if ((uri.port == 0 || listensOn(uri.port)) && contains(uri.host)) return true;
  return isListener(uri);
}

bool Domains::isListener(const Parser::Uri& uri) const {
  if (!_transport) return false;
  if (const auto address = Runtime::IpAddress::parse(uri.host)) return _transport->isOurs({*address, uri.portOrDefault()});
  std::array<char, LongestHost> room, roomOfListener;
  const auto host = folded(uri.host, room);
  for (const auto& listener : _transport->listeners())
    if (listener.port == uri.portOrDefault() && folded(listener.host, roomOfListener) == host) return true;
  return false;
}

}  // namespace Patchbay::Core
