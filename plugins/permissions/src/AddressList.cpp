#include "AddressList.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <tuple>

#include "patchbay/core/Account.h"

namespace Patchbay::Permissions {

namespace {

using Data::Column;
using Runtime::IpAddress;

constexpr std::string_view TransportWord = "transport=";

int widthOf(const IpAddress& address) {
  return address.isV6() ? 128 : 32;
}

/// With the bits behind the mask set to zero.
IpAddress networkOf(const IpAddress& address, int mask) {
  unsigned char octets[16] = {};
  const auto own = address.octets();
  for (size_t i = 0; i < own.size(); ++i) {
    const int bits = std::clamp(mask - static_cast<int>(8 * i), 0, 8);
    octets[i] = static_cast<unsigned char>(static_cast<unsigned char>(own[i]) & (0xff00 >> bits));
  }
  if (address.isV6()) {
    in6_addr v6;
    std::memcpy(&v6, octets, sizeof v6);
    return IpAddress::fromV6(v6);
  }
  in_addr v4;
  std::memcpy(&v4, octets, sizeof v4);
  return IpAddress::fromV4(v4);
}

auto orderOf(const Trusted& entry) {
  return std::make_tuple(entry.group, entry.address.isV6(), entry.mask, entry.address);
}

std::optional<int64_t> numberOf(const Data::Field& field) {
  if (const auto* number = std::get_if<int64_t>(&field)) return *number;
  return {};
}

/// `transport=tls` among the words of a tag; false when it names none that we know.
bool readTag(std::string_view tag, Trusted& entry) {
  entry.tag = tag;
  const size_t at = tag.find(TransportWord);
  if (at == tag.npos) return true;
  std::string_view name = tag.substr(at + TransportWord.size());
  name = name.substr(0, name.find_first_of(" ,;"));
  if (name == "any") return true;
  entry.protocol = Transport::protocolOf(name);
  return entry.protocol.has_value();
}

}  // namespace

AddressList::AddressList(std::vector<Trusted> entries) : _entries(std::move(entries)) {
  std::sort(_entries.begin(), _entries.end(), [](const auto& a, const auto& b) { return orderOf(a) < orderOf(b); });
  for (size_t i = 0; i < _entries.size(); ++i) {
    const auto& entry = _entries[i];
    const Kind kind{entry.group, entry.address.isV6(), entry.mask, i, i};
    if (_kinds.empty() || std::tie(_kinds.back().group, _kinds.back().v6, _kinds.back().mask) != std::tie(kind.group, kind.v6, kind.mask))
      _kinds.push_back(kind);
    _kinds.back().end = i + 1;
  }
}

bool AddressList::contains(int64_t group, const Runtime::Endpoint& peer, Transport::Protocol protocol) const {
  for (const auto& kind : _kinds) {
    if (kind.group != group || kind.v6 != peer.address.isV6()) continue;
    const auto network = networkOf(peer.address, kind.mask);
    const auto begin = _entries.begin() + static_cast<ptrdiff_t>(kind.begin), end = _entries.begin() + static_cast<ptrdiff_t>(kind.end);
    auto found = std::lower_bound(begin, end, network, [](const Trusted& e, const IpAddress& a) { return e.address < a; });
    for (; found != end && found->address == network; ++found)
      if ((found->port == 0 || found->port == peer.port) && (!found->protocol || *found->protocol == protocol)) return true;
  }
  return false;
}

Data::Table AddressList::tableNamed(const std::string& name) {
  return {name,
          6,
          {{"id", Column::Type::integer},
           {"grp", Column::Type::integer, 255, false, "1"},
           {"ip_addr", Column::Type::text, 50},
           {"mask", Column::Type::integer, 255, false, "32"},
           {"port", Column::Type::integer},
           {"tag", Column::Type::text, 64, true}},
          {"id"},
          {},
          1,
          99};
}

std::string AddressList::read(const Data::Row& row, Trusted& entry) {
  if (row.size() < 6) return "a column is missing";
  const auto id = numberOf(row[0]), group = numberOf(row[1]), mask = numberOf(row[3]), port = numberOf(row[4]);
  const std::string where = "row " + std::to_string(id.value_or(0)) + ": ";
  const auto text = Core::textOf(row[2]);
  const auto address = IpAddress::parse(text);
  if (!id || !group || !mask || !port) return where + "a number is missing";
  if (!address) return where + "'" + std::string(text) + "' is no address";
  if (*mask < 0 || *mask > widthOf(*address)) return where + "the mask is not between 0 and " + std::to_string(widthOf(*address));
  if (*port < 0 || *port > 65535) return where + std::to_string(*port) + " is no port";
  entry = {*group, networkOf(*address, static_cast<int>(*mask)), static_cast<int>(*mask), static_cast<uint16_t>(*port), {}, *id, {}};
  if (!readTag(Core::textOf(row[5]), entry)) return where + "the tag names an unknown transport; known: udp, tcp, tls, ws, wss, any";
  return {};
}

Data::Row AddressList::rowOf(const Trusted& entry) {
  return {entry.id,
          entry.group,
          entry.address.toString(),
          int64_t{entry.mask},
          int64_t{entry.port},
          entry.tag.empty() ? Data::Field() : Data::Field(entry.tag)};
}

std::string AddressList::networkText(const Trusted& entry) {
  return entry.address.toString() + "/" + std::to_string(entry.mask);
}

bool AddressList::readNetwork(std::string_view text, Trusted& entry) {
  const size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return false;
  entry.mask = widthOf(*address);
  if (slash != text.npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), entry.mask);
    if (error != std::errc() || end != digits.data() + digits.size() || entry.mask < 0 || entry.mask > widthOf(*address)) return false;
  }
  entry.address = networkOf(*address, entry.mask);
  return true;
}

}  // namespace Patchbay::Permissions
