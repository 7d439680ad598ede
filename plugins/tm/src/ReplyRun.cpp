#include "ReplyRun.h"

#include <algorithm>

#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {

using Pipeline::Ending;

ReplyRun::ReplyRun(Turn& turn, ClientTransaction& ofLeg, Core::Request& reply, bool isFirst)
    : Run(turn, ofLeg.parent, Core::RequestHold(reply)), _leg(ofLeg), _pipeline(ofLeg.from()->orders.onReply), _first(isFirst) {}

bool ReplyRun::offer(Turn& turn, ClientTransaction& leg, Core::Request& reply, bool first) {
  Core::Request* const request = leg.from();
  if (leg.parent.isOwn() || !isWanted(request)) return false;
  auto& runs = leg.parent.needFork().runs;
  const auto before = std::count_if(runs.begin(), runs.end(), [&](const auto& run) {
    const auto* other = dynamic_cast<const ReplyRun*>(run.get());
    return other && &other->_leg == &leg;
  });
  if (before >= static_cast<long>(MostWaiting) && reply.message.status() < 200) return true;
  reply.retain();
  reply.answers(request->origin());
  reply.destinations.reset(request->destinations.all()[leg.target]);
  runs.push_back(std::make_unique<ReplyRun>(turn, leg, reply, first));
  if (before == 0) turn.later([run = runs.back().get()] { run->start(); });
  return true;
}

/// The one that waits behind this one.
ReplyRun* ReplyRun::next() const {
  for (const auto& run : transaction.fork->runs) {
    auto* other = dynamic_cast<ReplyRun*>(run.get());
    if (other && &other->_leg == &_leg) return other;
  }
  return nullptr;
}

void ReplyRun::conclude(Turn& turn, Ending ending) {
  if (Core::Request* const request = _leg.from()) request->destinations.all()[_leg.target] = subject->destinations.main();
  const bool dropped = ending == Ending::settled && subject->message.status() < 200;
  if (!dropped) Fork::received(turn, _leg, *subject, _first);
  if (ReplyRun* const waiting = next()) turn.later([waiting] { waiting->start(); });
}

}  // namespace Patchbay::Tm
