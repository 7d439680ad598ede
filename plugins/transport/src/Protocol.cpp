#include <array>
#include <cstring>

#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

namespace {

constexpr std::array<std::string_view, 5> ViaNames{"UDP", "TCP", "TLS", "WS", "WSS"};
constexpr std::array<std::string_view, 5> Names{"udp", "tcp", "tls", "ws", "wss"};

bool sameWord(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if ((text[i] | 0x20) != lower[i]) return false;
  return true;
}

}  // namespace

std::string_view viaNameOf(Protocol protocol) {
  return ViaNames[static_cast<size_t>(protocol)];
}

std::string_view nameOf(Protocol protocol) {
  return Names[static_cast<size_t>(protocol)];
}

std::optional<Protocol> protocolOf(std::string_view name) {
  for (size_t i = 0; i < Names.size(); ++i)
    if (sameWord(name, Names[i])) return static_cast<Protocol>(i);
  return std::nullopt;
}

bool Service::send(const Flow& flow, std::string_view message) {
  char* room = reserve(flow, message.size());
  if (!room) return false;
  std::memcpy(room, message.data(), message.size());
  return commit(flow, message.size());
}

}  // namespace Patchbay::Transport
