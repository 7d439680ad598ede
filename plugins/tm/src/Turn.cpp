#include "Turn.h"

#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {

Turn::Turn(Transactions& transactions, Shard& lockedShard, Runtime::Worker& onWorker)
    : tm(transactions), shard(lockedShard), worker(onWorker), now(onWorker.now()), _lock(lockedShard.mutex) {}

Turn::Turn(Transactions& transactions, Shard& lockedShard) : Turn(transactions, lockedShard, *Runtime::Worker::current()) {}

Turn::~Turn() {
  finish();
}

void Turn::finish() {
  if (!_lock.owns_lock()) return;
  _lock.unlock();
  for (auto& task : _later) {
    try {
      task();
    } catch (...) {  // perhaps another plug-in's: not through our destructor
      Transactions::hand(worker);
    }
  }
  _later.clear();
}

void Turn::arm(Timed& timer, Runtime::Instant due) {
  shard.wheel.arm(timer, due);
  tm.shards().armed(shard, due);
}

bool Turn::send(const Transport::Flow& flow, std::string_view octets) {
  return flow && !octets.empty() && tm.transport().send(flow, octets);
}

bool Turn::write(Core::Received& request, const Core::Reply& reply, const Transport::Flow& flow, Octets* keep) {
  const size_t room = tm.core().replyRoom(request, reply);
  char* octets = tm.transport().reserve(flow, room);
  if (!octets) return false;
  Parser::Writer out(octets, room);
  tm.core().write(request, reply, out);
  if (!out.ok()) return false;
  if (keep) keep->assign(out.written());
  return tm.transport().commit(flow, out.size());
}

void Turn::tidy(ServerTransaction& transaction) {
  if (!transaction.isOver()) return;
  tm.counters().ended->add();
  if (transaction.incident) tm.tell([&](Observer& observer) { observer.ended(transaction.incident); });
  delete &transaction;
}

}  // namespace Patchbay::Tm
