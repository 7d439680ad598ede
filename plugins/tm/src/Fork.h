#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "Octets.h"
#include "patchbay/core/Core.h"
#include "patchbay/pipeline/Machine.h"

namespace Patchbay::Tm {

class Answers;
class ClientTransaction;
class ServerTransaction;
class Turn;

/// The response context of a relayed request (RFC 3261, 16.7): the best final reply so far, and who waits. Only made when one is needed: a
/// request with one branch, whose reply is there, does without.
struct Fork {
  Octets best;                 ///< empty: one of ours
  uint16_t bestCode = 0;       ///< 0: none yet
  std::string challenges;      ///< header lines of the other 401s and 407s
  Pipeline::Ticket waiting;    ///< a t_relay in a condition waits for the name server
  Answers* answers = nullptr;  ///< of a request of our own

  /// The lower the better (16.7 step 6): 6xx, then the class, in 4xx those that let the client try again.
  static int rankOf(int code);
  /// A final reply that is not 2xx; our Via is cut off when kept.
  void consider(Core::Received& reply);
  /// One of ours for a branch: 408, 503, 487 and so on.
  void consider(int code);

  // The branches' news. `reply` is null when the code is ours.
  static void provisional(Turn& turn, ServerTransaction& transaction, Core::Received& reply);
  static void success(Turn& turn, ServerTransaction& transaction, Core::Received& reply, bool first);
  static void failure(Turn& turn, ServerTransaction& transaction, int code, Core::Received* reply);
  /// Every branch has its final reply: the best one goes upstream.
  static void conclude(Turn& turn, ServerTransaction& transaction);
  /// The same on the home worker, when the best one is ours.
  static void concludeLocally(Turn& turn, ServerTransaction& transaction);

 private:
  static void tell(Turn& turn, ServerTransaction& transaction, int code, Core::Received* reply);
  static void cancelRest(Turn& turn, ServerTransaction& transaction);
  bool isBetter(int code) const { return bestCode == 0 || rankOf(code) < rankOf(bestCode); }
};

}  // namespace Patchbay::Tm
