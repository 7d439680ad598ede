#include "Run.h"

#include <algorithm>

#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {

Run::Run(Turn& turn, ServerTransaction& runFor, Core::RequestHold on)
    : subject(std::move(on)), tm(turn.tm), transaction(runFor), shard(turn.shard.index) {}

void Run::start() {
  const Pipeline::Snapshot& snapshot = *subject->origin().snapshot.get();
  subject->machine.start(tm.core().engine(), snapshot.program(), pipeline(), *subject, *this);
}

/// As its machine's last deed: the run, and with it its hold on the machine's request, may go.
void Run::ended(Pipeline::Machine& machine, Pipeline::Ending ending) {
  if (ending == Pipeline::Ending::failed) tm.report(*subject, machine);
  prepare(ending);
  Turn turn(tm, tm.shards().at(shard));
  auto& runs = transaction.fork->runs;
  const auto own = std::find_if(runs.begin(), runs.end(), [this](const auto& run) { return run.get() == this; });
  const std::unique_ptr<Run> last = std::move(*own);
  runs.erase(own);
  conclude(turn, ending);
  turn.tidy(transaction);
}

}  // namespace Patchbay::Tm
