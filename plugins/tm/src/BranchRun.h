#pragma once

#include "Plan.h"
#include "Run.h"

namespace Patchbay::Tm {

class ClientTransaction;

/// The branch pipeline, run before a branch is sent. `drop` takes the branch away; its edits and its target's changes are the branch's own.
class BranchRun : public Run {
 public:
  BranchRun(Turn& turn, ClientTransaction& ofLeg);

  static bool isWanted(const Core::Request& request) { return request.orders.onBranch < Core::TransactionOrders::Usual; }

 protected:
  uint16_t pipeline() const override;
  void prepare(Pipeline::Ending ending) override;
  void conclude(Turn& turn, Pipeline::Ending ending) override;

 private:
  static bool goesOn(Pipeline::Ending ending) { return ending == Pipeline::Ending::completed || ending == Pipeline::Ending::stopped; }
  ClientTransaction& _leg;
  Plan _plan;
};

}  // namespace Patchbay::Tm
