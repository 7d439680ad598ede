#include "BranchRun.h"

#include "Launch.h"
#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {

using Pipeline::Ending;

BranchRun::BranchRun(Turn& turn, ClientTransaction& ofLeg) : Run(turn, ofLeg.parent, Core::RequestHold(*ofLeg.source)), _leg(ofLeg) {}

uint16_t BranchRun::pipeline() const {
  return subject->orders.onBranch;
}

void BranchRun::prepare(Ending ending) {
  if (goesOn(ending)) Launch::plan(tm, *subject, loopValue(tm.core().key(), subject->message), 0, _plan);
}

void BranchRun::conclude(Turn& turn, Ending ending) {
  --transaction.lookups;
  if (ending != Ending::settled) return Launch::settle(turn, _leg, goesOn(ending) ? Launch::start(turn, _leg, _plan) : 503);
  if (!_leg.final) transaction.fork->dropCode = subject->dropCode;
  Launch::settle(turn, _leg, Launch::Dropped);
}

}  // namespace Patchbay::Tm
