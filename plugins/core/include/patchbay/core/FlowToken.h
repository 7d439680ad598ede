#pragma once

#include <cstdint>
#include <string_view>

#include "patchbay/core/Core.h"

namespace Patchbay::Core {

/// In our Record-Route: the connection by which one side of a dialog is reached, since most who connect to us cannot be connected to (RFC
/// 5626, 5.2). A URI parameter: the connection's number and a keyed hash of it, of the Call-ID and of the side, so that nobody gets at
/// another's connection. It means nothing to the next process, as connections do not.
struct PATCHBAY_API FlowToken {
  static constexpr std::string_view Caller = "up", Callee = "down";

  /// Nothing for a flow that is no connection. At most 48 octets.
  static void write(Service& core, std::string_view callId, std::string_view side, const Transport::Flow& flow, Parser::Writer& out);
  /// 0 when there is none, or when it is not ours.
  static uint64_t read(const Service& core, std::string_view callId, std::string_view side, const Parser::Uri& uri);
};

}  // namespace Patchbay::Core
