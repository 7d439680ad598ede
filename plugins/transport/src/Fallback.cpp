#include "Fallback.h"

#include "patchbay/parser/Message.h"

namespace Patchbay::Transport {

std::optional<Flow> Fallback::of(const Flow& gone, std::string_view reply) {
  if (gone.protocol() != Protocol::tcp) return std::nullopt;
  Parser::Message message;
  message.parse(reply);
  const auto* via = message.topVia();
  if (!via) return std::nullopt;
  const auto address = Runtime::IpAddress::parse(via->received.empty() ? via->host : via->received);
  if (!address) return std::nullopt;
  return Flow{gone.listener, {*address, via->port ? via->port : uint16_t{5060}}, 0};
}

}  // namespace Patchbay::Transport
