#pragma once

#include <array>
#include <cstdint>

#include "Launch.h"
#include "ServerTransaction.h"
#include "Transactions.h"
#include "patchbay/pipeline/Machine.h"

namespace Patchbay::Tm {

/// How t_relay was told to do it; constant.
struct RelayManner {
  bool predicate = false;
  bool serial = false;       ///< by q, one group after the other
  uint8_t redirections = 0;  ///< how many 3xx one behind the other are followed
  /// The pipelines that run when none is chosen.
  uint16_t onBranch = Core::TransactionOrders::None;
  uint16_t onReply = Core::TransactionOrders::None;
  uint16_t onFailure = Core::TransactionOrders::None;
};

/// t_relay: sends a request to its destinations, each a branch of its transaction (RFC 3261, 16.6). The best final reply goes upstream, 503
/// as 500 (16.7 step 6). In a failure pipeline: to what that has added.
class Relay {
 public:
  Relay(Transactions& transactions, Pipeline::Machine& machine, Core::Request& request, const RelayManner& manner);
  Relay(const Relay&) = delete;
  Pipeline::Verdict run();

 private:
  Pipeline::Verdict refuse(int code);
  void takeOrders();
  void chooseDestinations();
  void order();
  bool isDuplicate(size_t index) const;
  bool isTried(size_t index) const;
  bool takeBreadth();
  size_t now() const;
  Pipeline::Verdict relay(Turn& turn, ServerTransaction& transaction, Launch& launch);
  void prepare(ServerTransaction& transaction);
  Pipeline::Verdict giveUp(Turn& turn, ServerTransaction& transaction, Launch& launch);
  void forget(Turn& turn, ServerTransaction& transaction);
  Pipeline::Verdict conclude(Turn& turn, ServerTransaction& transaction);
  Pipeline::Verdict suspend(Turn& turn, ServerTransaction& transaction);

  Transactions& _tm;
  Pipeline::Machine& _machine;
  Core::Request& _request;
  const RelayManner& _manner;
  std::array<uint8_t, Core::DestinationSet::Most> _chosen{};
  size_t _count = 0;
  bool _made = false;     ///< the transaction is new
  uint16_t _breadth = 0;  ///< 0: need not be written
  uint64_t _loop = 0;
};

/// Sends an ACK to a 2xx on, without a transaction (16.6, 17.1.1.3): never answered, whatever happens.
void relayAck(Transactions& transactions, Core::Request& request);

}  // namespace Patchbay::Tm
