#pragma once

#include <string_view>

#include "Octets.h"
#include "patchbay/parser/Message.h"

namespace Patchbay::Tm {

/// The ACK to a final reply other than 2xx (RFC 3261, 17.1.1.3): from the INVITE as it was sent, with the reply's To. `scratch` is parsed
/// anew. Empty when the reply's To cannot be read.
void writeHopAck(Parser::Message& scratch, std::string_view invite, Parser::Message& reply, Octets& out);

/// The CANCEL of an INVITE as it was sent (9.1).
void writeHopCancel(Parser::Message& scratch, std::string_view invite, Octets& out);

}  // namespace Patchbay::Tm
