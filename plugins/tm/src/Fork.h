#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "Failover.h"
#include "Octets.h"
#include "Run.h"
#include "patchbay/core/Core.h"
#include "patchbay/pipeline/Machine.h"

namespace Patchbay::Tm {

class Answers;
class ClientTransaction;
class ServerTransaction;
class Turn;

/// A destination whose turn has not come (serial forking): tried when all before it have failed.
struct Waiting {
  Core::RequestHold source;  ///< what it is a destination of
  uint8_t destination = 0;
  uint16_t q = 0;
  uint8_t hops = 0;

  Waiting(Core::RequestHold of, uint8_t which, uint16_t preference, uint8_t redirections)
      : source(std::move(of)), destination(which), q(preference), hops(redirections) {}
};

/// The response context of a relayed request (RFC 3261, 16.7): the best final reply so far, and what is still to be tried. Only made when
/// one is needed: a request with one branch, whose reply is there, does without.
struct Fork {
  Octets best;            ///< empty: one of ours
  uint16_t bestCode = 0;  ///< 0: none yet
  uint16_t dropCode = 0;  ///< of branches that their pipeline took away; counts when nothing else does
  uint16_t onFailure = Core::TransactionOrders::None;
  uint16_t breadth = 0;        ///< how many branches may be open at once (RFC 5393, 5.3)
  uint8_t mostHops = 0;        ///< how many redirections are followed
  bool starting = false;       ///< branches are being added: no conclusions yet
  std::string challenges;      ///< header lines of the other 401s and 407s
  Pipeline::Ticket waiting;    ///< a t_relay in a condition waits until something was sent
  Answers* answers = nullptr;  ///< of a request of our own
  std::vector<Waiting> later;  ///< in the order in which they are tried
  std::vector<Failover> failovers;
  std::vector<std::unique_ptr<Run>> runs;  ///< pipelines under way
  bool homebound = false;                  ///< replies are dealt with on the home worker
  bool keepsRequest = false;               ///< to the end, for the pipeline of replies that come late
  bool failing = false;                    ///< a failure pipeline is under way

  /// The lower the better (16.7 step 6): 6xx, then the class, in 4xx those that let the client try again.
  static int rankOf(int code);
  /// A final reply that is not 2xx; our Via is cut off when kept.
  void consider(Core::Request& reply);
  /// One of ours for a branch: 408, 503, 487 and so on.
  void consider(int code);
  /// Those of the same preference that are tried next, together; no more than may be open at once. Not empty unless `later` is.
  std::vector<Waiting> nextGroup();
  /// The transaction has its final reply: what only the choice needed goes.
  void forget();

  // The branches' news.
  static void received(Turn& turn, ClientTransaction& leg, Core::Request& reply, bool first);
  /// `reply` is null when the code is ours.
  static void failure(Turn& turn, ServerTransaction& transaction, int code, Core::Request* reply);
  /// Every branch has its final reply: the next destinations' turn, the failure pipeline's, or the best reply goes upstream.
  static void conclude(Turn& turn, ServerTransaction& transaction);
  /// The best reply goes upstream.
  static void deliver(Turn& turn, ServerTransaction& transaction);
  /// The same on the home worker, when the best one is ours.
  static void concludeLocally(Turn& turn, ServerTransaction& transaction);

 private:
  static void provisional(Turn& turn, ServerTransaction& transaction, Core::Request& reply);
  static void success(Turn& turn, ServerTransaction& transaction, Core::Request& reply, bool first);
  static void tell(Turn& turn, ServerTransaction& transaction, int code, Core::Request* reply);
  static void cancelRest(Turn& turn, ServerTransaction& transaction);
  bool isBetter(int code) const { return bestCode == 0 || rankOf(code) < rankOf(bestCode); }
};

}  // namespace Patchbay::Tm
