#include "FailureRun.h"

#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {

using Core::TransactionOrders;

FailureRun::FailureRun(Turn& turn, ServerTransaction& ofTransaction, Core::RequestHold on, uint16_t pipeline)
    : Run(turn, ofTransaction, std::move(on)), _pipeline(pipeline) {}

/// Once: it runs again when it says so itself (t_on_failure).
void FailureRun::begin(Turn& turn, ServerTransaction& transaction) {
  if (transaction.isFinal() || !transaction.request || !transaction.fork || transaction.fork->failing) return;
  Fork& fork = *transaction.fork;
  const uint16_t pipeline = std::exchange(fork.onFailure, TransactionOrders::None);
  if (transaction.cancelled || pipeline == TransactionOrders::None) return Fork::deliver(turn, transaction);
  Core::RequestHold subject = transaction.request->beside();
  subject->destinations.reset(transaction.request->destinations.main().uri);
  subject->orders.onFailure = TransactionOrders::None;
  subject->status = fork.bestCode;
  fork.failing = true;
  fork.runs.push_back(std::make_unique<FailureRun>(turn, transaction, std::move(subject), pipeline));
  turn.later([run = fork.runs.back().get()] { run->start(); });
}

/// Relayed, or answered: that goes its own way. Else the reply goes upstream.
void FailureRun::conclude(Turn& turn, Pipeline::Ending ending) {
  transaction.fork->failing = false;
  if (transaction.isFinal()) return;
  if (ending != Pipeline::Ending::settled)
    Fork::deliver(turn, transaction);
  else if (transaction.open == 0)
    Fork::conclude(turn, transaction);
}

}  // namespace Patchbay::Tm
