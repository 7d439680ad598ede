#pragma once

#include "Run.h"

namespace Patchbay::Tm {

class ClientTransaction;

/// The reply pipeline, run on a reply of a branch before it counts. The replies of one branch come one after the other: the next one's
/// pipeline begins when the one before has ended.
class ReplyRun : public Run {
 public:
  ReplyRun(Turn& turn, ClientTransaction& ofLeg, Core::Request& reply, bool isFirst);

  /// Whether replies of this request's branches have a pipeline.
  static bool isWanted(const Core::Request* request) { return request && request->orders.onReply < Core::TransactionOrders::Usual; }
  /// Takes the reply when there is a pipeline for it; on the home worker. It is reported to the response context when that has ended.
  static bool offer(Turn& turn, ClientTransaction& leg, Core::Request& reply, bool first);
  /// Of a branch that never ends ringing no more replies than this wait; provisional ones above it are dropped.
  static constexpr size_t MostWaiting = 32;

  bool isCancellable() const override { return false; }

 protected:
  uint16_t pipeline() const override { return _pipeline; }
  void conclude(Turn& turn, Pipeline::Ending ending) override;

 private:
  ReplyRun* next() const;
  ClientTransaction& _leg;
  const uint16_t _pipeline;
  const bool _first;
};

}  // namespace Patchbay::Tm
