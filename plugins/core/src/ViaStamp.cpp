#include "ViaStamp.h"

#include <charconv>
#include <cstring>

namespace Patchbay::Core {

namespace {

/// The place of a parameter's value within the list, or the empty place behind its name when it has none; data() is null when it is absent.
struct Place {
  std::string_view value;
  bool hasValue = false;
  bool there() const { return value.data() != nullptr; }
};

Place placeOf(std::string_view parameters, std::string_view name) {
  Parser::ParameterList list(parameters);
  while (auto parameter = list.next())
    if (Parser::equalIgnoringCase(parameter->name, name)) {
      if (parameter->hasValue) return {parameter->value, true};
      return {parameter->name.substr(parameter->name.size()), false};
    }
  return {};
}

/// Whether a Via's host is the address, in whatever spelling. `ip` is the address as we write it.
bool names(std::string_view host, std::string_view ip, const Runtime::IpAddress& address) {
  if (!host.starts_with('[')) return host == ip;
  const auto written = Runtime::IpAddress::parse(host);
  return written && written->octets() == address.octets();
}

}  // namespace

ViaStamp::ViaStamp(Received& request) {
  const auto* via = request.message.topVia();
  if (!via) return;
  const auto octets = request.message.octets();
  char address[48];
  const std::string_view ip(address, static_cast<size_t>(request.flow.peer.address.write(address, false) - address));
  const bool wanted = via->hasRport || !via->received.empty() || !names(via->host, ip, request.flow.peer.address);
  if (!wanted) return;
  char digits[8];
  const std::string_view port(digits,
                              static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, request.flow.peer.port).ptr - digits));
  const auto rport = via->hasRport ? placeOf(via->parameters, "rport") : Place{};
  const auto received = via->received.empty() ? Place{} : placeOf(via->parameters, "received");
  const auto equals = [](const Place& place) { return std::string_view(place.hasValue ? "" : "="); };
  const auto end = via->text.substr(via->text.size());
  if (!received.there() && rport.there() && !rport.hasValue) {  // the usual case, one splice
    add(octets, rport.value, "=", port, ";received=");
    auto& splice = _splices[0];
    std::memcpy(splice.text.data() + splice.length, ip.data(), ip.size());
    splice.length += ip.size();
    return;
  }
  if (rport.there()) add(octets, rport.value, equals(rport), port, "");
  if (received.there())
    add(octets, received.value, equals(received), ip, "");
  else
    add(octets, end, ";received=", ip, "");
  if (_count == 2 && _splices[1].where.begin < _splices[0].where.begin) std::swap(_splices[0], _splices[1]);
}

void ViaStamp::add(std::string_view octets, std::string_view where, std::string_view prefix, std::string_view value,
                   std::string_view suffix) {
  auto& splice = _splices[_count++];
  splice.where = {static_cast<uint32_t>(where.data() - octets.data()), static_cast<uint32_t>(where.size())};
  char* out = splice.text.data();
  for (auto part : {prefix, value, suffix}) {
    std::memcpy(out, part.data(), part.size());
    out += part.size();
  }
  splice.length = static_cast<size_t>(out - splice.text.data());
}

void ViaStamp::write(const Parser::Message& message, Parser::Slice line, Parser::Writer& out) const {
  uint32_t at = line.begin;
  for (size_t i = 0; i < _count; ++i) {
    const auto& splice = _splices[i];
    out.raw(message.text({at, splice.where.begin - at})).raw(splice.view());
    at = splice.where.end();
  }
  out.raw(message.text({at, line.end() - at}));
}

}  // namespace Patchbay::Core
