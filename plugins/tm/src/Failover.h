#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Tm {

class ClientTransaction;
class ServerTransaction;
class Turn;

/// The targets that are left of a destination whose name led to several (RFC 3263, 4.3): tried in order, each on a branch of its own, while
/// upstream sees one. The next one's turn comes when a target cannot be reached, says 503, or is silent.
struct Failover {
  /// No more than so many targets of one destination are tried.
  static constexpr size_t Most = 8;

  ClientTransaction* leg = nullptr;  ///< the branch that tries the one before
  std::vector<Resolver::Target> rest;
  bool due = false;  ///< the branch has failed, its place among the open ones is the next one's

  static bool hasNext(const ClientTransaction& leg);
  /// What comes behind the first of `targets`. Does nothing when that is all.
  static void keep(ClientTransaction& leg, std::span<const Resolver::Target> targets);
  static void forget(ClientTransaction& leg);
  /// The branch has failed: true when another target will be tried, on the home worker, in its place.
  static bool begin(Turn& turn, ClientTransaction& leg);
  /// Tries what is due. On the home worker.
  static void go(Turn& turn, ServerTransaction& transaction);
};

}  // namespace Patchbay::Tm
