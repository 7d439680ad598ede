#pragma once

#include "patchbay/runtime/BlockingPool.h"
#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Counter.h"
#include "patchbay/runtime/Datagram.h"
#include "patchbay/runtime/Random.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

/// Everything that the server takes from outside, so that a test can be the outside: real threads, sockets and clocks in the program, one
/// thread, virtual time and a virtual network in the virtual world. Borrowed: it outlives the server.
struct Environment {
  const Clock& clock;
  Workers& workers;
  BlockingPool& pool;
  Network& network;
  Metrics& metrics;
  /// For load time and secrets, on the thread that starts the server; each worker has its own.
  Random& random;
};

}  // namespace Patchbay::Runtime
