#include "Failover.h"

#include <algorithm>

#include "Launch.h"
#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {
namespace {

Failover* find(const ClientTransaction& leg) {
  if (!leg.parent.fork) return nullptr;
  for (Failover& one : leg.parent.fork->failovers)
    if (one.leg == &leg) return &one;
  return nullptr;
}

}  // namespace

bool Failover::hasNext(const ClientTransaction& leg) {
  return find(leg) != nullptr;
}

void Failover::keep(ClientTransaction& leg, std::span<const Resolver::Target> targets) {
  if (targets.size() < 2) return;
  const auto rest = targets.subspan(1, std::min(targets.size(), Most) - 1);
  leg.parent.needFork().failovers.push_back({&leg, {rest.begin(), rest.end()}});
}

void Failover::forget(ClientTransaction& leg) {
  if (leg.parent.fork) std::erase_if(leg.parent.fork->failovers, [&](const Failover& one) { return one.leg == &leg; });
}

bool Failover::begin(Turn& turn, ClientTransaction& leg) {
  Failover* const next = find(leg);
  ServerTransaction& transaction = leg.parent;
  if (!next || transaction.isFinal() || transaction.cancelled) return false;
  next->due = true;
  turn.tm.counters().failovers->add();
  turn.tm.post(transaction.home, turn.shard.index, transaction.key, Errand::failover);
  return true;
}

void Failover::go(Turn& turn, ServerTransaction& transaction) {
  if (!transaction.fork) return;
  auto& all = transaction.fork->failovers;
  for (auto due = all.begin(); (due = std::find_if(all.begin(), all.end(), [](const Failover& one) { return one.due; })) != all.end();) {
    const Failover next = std::move(*due);
    all.erase(due);
    const bool over = transaction.isFinal() || transaction.cancelled || transaction.fork->bestCode >= 600;
    const int code = over ? 487 : Launch::instead(turn, *next.leg, next.rest);
    if (code) Fork::failure(turn, transaction, code, nullptr);
  }
}

}  // namespace Patchbay::Tm
