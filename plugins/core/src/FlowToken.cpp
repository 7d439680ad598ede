#include "patchbay/core/FlowToken.h"

#include <charconv>

namespace Patchbay::Core {

namespace {

constexpr size_t Digits = 16;

uint64_t hashOf(const Service& core, std::string_view callId, std::string_view side, uint64_t connection) {
  return Runtime::SipHash(core.key()).add(callId).add(uint64_t(0)).add(side).add(connection).finish64();
}

bool readHex(std::string_view text, uint64_t& number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

}  // namespace

void FlowToken::write(Service& core, std::string_view callId, std::string_view side, const Transport::Flow& flow, Parser::Writer& out) {
  if (!flow.isConnection()) return;
  out.raw(";").raw(side).raw("=").hex(flow.connection).hex(hashOf(core, callId, side, flow.connection));
}

uint64_t FlowToken::read(const Service& core, std::string_view callId, std::string_view side, const Parser::Uri& uri) {
  const auto value = uri.parameter(side);
  uint64_t connection = 0, hash = 0;
  if (!value || value->size() != 2 * Digits || !readHex(value->substr(0, Digits), connection) || !readHex(value->substr(Digits), hash))
    return 0;
  return hash == hashOf(core, callId, side, connection) ? connection : 0;
}

}  // namespace Patchbay::Core
