#pragma once

#include <array>

#include "patchbay/runtime/Counter.h"

namespace Patchbay::Tm {

/// What tm counts. Counters live in the server's registry.
struct Counters {
  Runtime::Counter* invites = nullptr;  ///< server transactions
  Runtime::Counter* others = nullptr;
  Runtime::Counter* own = nullptr;  ///< requests of our own
  Runtime::Counter* branches = nullptr;
  Runtime::Counter* ended = nullptr;
  Runtime::Counter* absorbed = nullptr;        ///< copies of requests that came again
  Runtime::Counter* retransmitted = nullptr;   ///< requests and replies that we sent again
  std::array<Runtime::Counter*, 7> replies{};  ///< sent upstream, by class (1 to 6)
  Runtime::Counter* timeouts = nullptr;
  Runtime::Counter* stray = nullptr;           ///< replies that fit no branch
  Runtime::Counter* crowded = nullptr;         ///< over the cap of a target
  Runtime::Counter* refused = nullptr;         ///< over the cap
  Runtime::Counter* foreignCancels = nullptr;  ///< CANCELs from another source than the INVITE's
  Runtime::Counter* loops = nullptr;
  Runtime::Counter* failovers = nullptr;     ///< targets given up for the next one of the same name
  Runtime::Counter* leftOut = nullptr;       ///< destinations above the limit
  Runtime::Counter* redirections = nullptr;  ///< 3xx replies that were followed
  Runtime::Counter* acks = nullptr;          ///< ACKs to a 2xx, forwarded
};

}  // namespace Patchbay::Tm
