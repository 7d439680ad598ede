#pragma once

#include "patchbay/core/Request.h"

namespace Patchbay::Tm {

class ClientTransaction;
class Turn;

/// Following a 3xx (RFC 3261, 16.5 and 16.7 step 4) instead of passing it on, when t_relay was told to: its Contacts become destinations,
/// each once, no deeper than told.
struct Redirection {
  /// False: the reply counts as any other. On the home worker.
  static bool follow(Turn& turn, ClientTransaction& leg, Core::Request& reply);
};

}  // namespace Patchbay::Tm
