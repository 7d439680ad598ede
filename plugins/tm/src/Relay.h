#pragma once

#include <cstdint>

#include "ServerTransaction.h"
#include "Transactions.h"
#include "patchbay/core/NextHop.h"
#include "patchbay/pipeline/Machine.h"
#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Tm {

/// t_relay: sends a request to all its destinations, each a branch of its transaction (RFC 3261, 16.6).
///
/// What cannot be sent counts as a final reply of ours for its branch: 478 when the name does not exist, 503 when the name servers do not
/// answer or nothing we listen on fits, 482 when the target is ourselves, 416 when it is no SIP URI. The best one goes upstream, 503 as 500
/// (16.7 step 6).
class Relay {
 public:
  Relay(Transactions& transactions, Pipeline::Machine& machine, Core::Request& request, bool predicate);
  ~Relay();
  Relay(const Relay&) = delete;
  Pipeline::Verdict run();

  /// A name server has answered for a branch. On the home worker.
  static void resolved(Transactions& transactions, size_t shard, ClientTransaction& branch, Resolver::Outcome outcome,
                       const std::vector<Resolver::Target>& targets);

 private:
  Pipeline::Verdict refuse(int code);
  Pipeline::Verdict relay(Turn& turn, ServerTransaction& transaction);
  Pipeline::Verdict conclude(Turn& turn, ServerTransaction& transaction);
  Pipeline::Verdict suspend(Turn& turn, ServerTransaction& transaction);
  void makePlans();
  void addLegs(Turn& turn, ServerTransaction& transaction);
  bool isDuplicate(size_t index) const;

  Transactions& _tm;
  Pipeline::Machine& _machine;
  Core::Request& _request;
  Transactions::Desk& _desk;
  const bool _predicate;
  size_t _plans = 0;
  uint64_t _loop = 0;
};

/// Sends an ACK to a 2xx on, without a transaction (16.6, 17.1.1.3): never answered, whatever happens.
void relayAck(Transactions& transactions, Core::Request& request);

}  // namespace Patchbay::Tm
