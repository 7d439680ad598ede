#include "Launch.h"

#include <algorithm>
#include <new>

#include "BranchRun.h"
#include "LegWriter.h"
#include "patchbay/core/LargeRequest.h"

namespace Patchbay::Tm {
namespace {

using Resolver::Outcome;

int codeOf(Outcome outcome) {
  return outcome == Outcome::notFound ? 478 : 503;
}

const Core::Destination& destinationOf(const ClientTransaction& leg) {
  return leg.from()->destinations.all()[leg.target];
}

void tellBranch(Transactions& tm, const ClientTransaction& leg, const Transport::Flow& flow) {
  tm.tell([&](Observer& observer) { observer.branch(leg.from()->origin(), destinationOf(leg).uri, flow); });
}

/// 0, or the code that stands for why it could not be sent.
int write(Turn& turn, ClientTransaction& leg, const Branch& branch, const Core::NextHop& hop, const Transport::Flow& flow) {
  Core::Request& request = *leg.from();
  leg.flow = flow;
  leg.begin(turn);
  LegWriter writer(turn.tm, request);
  const auto sent = writer.send(destinationOf(leg), hop, flow, branch, leg.breadth, &leg.octets);
  if (sent == LegWriter::Sent::yes) return 0;
  if (sent == LegWriter::Sent::tooLong) return 513;
  return turn.tm.transport().isOurs(flow.peer) ? 482 : 503;
}

/// Sends one branch; the same.
int sendLeg(Turn& turn, ClientTransaction& leg, uint64_t loop, const Core::NextHop& hop, const Transport::Flow& flow) {
  if (!flow) return 503;
  const Branch branch{loop, static_cast<uint8_t>(turn.shard.index), turn.worker.random().next()};
  leg.key = branch.key(leg.method);
  turn.shard.clients.prefetch(leg.key);
  leg.place = turn.tm.open().enter(flow.peer);
  if (leg.place == 0) {
    turn.tm.counters().crowded->add();
    return 503;
  }
  ServerTransaction& transaction = leg.parent;
  // before the request: the callee's answer may come by another worker, and would overtake it
  if (transaction.invite && turn.tm.timing().tryingAtOnce) transaction.trying(turn);
  int code = 500;
  try {
    code = write(turn, leg, branch, hop, flow);
  } catch (const std::bad_alloc&) {  // that branch fails, the others do not know
  }
  if (code != 0) return leg.end(turn), code;
  tellBranch(turn.tm, leg, flow);
  return 0;
}

/// RFC 3263, 4.3: the next target when one cannot even be sent to.
int sendTo(Turn& turn, ClientTransaction& leg, uint64_t loop, const Core::NextHop& hop, std::span<const Resolver::Target> targets) {
  const LegWriter writer(turn.tm, *leg.from());
  int code = 503;
  for (; !targets.empty(); targets = targets.subspan(1)) {
    Failover::forget(leg);
    Failover::keep(leg, targets);
    code = sendLeg(turn, leg, loop, hop, writer.flowTo(destinationOf(leg), targets.front()));
    if (code == 0) return 0;
  }
  return code;
}

/// The targets as they were found, for the first time.
int sendFirst(Turn& turn, ClientTransaction& leg, uint64_t loop, const Core::NextHop& hop, std::span<const Resolver::Target> found) {
  std::vector<Resolver::Target> room;
  return sendTo(turn, leg, loop, hop, Core::LargeRequest::targets(turn.tm.transport(), *leg.from(), found, room));
}

std::unique_ptr<Lookup> takeLookup(Transactions& tm, Transactions::Desk& desk) {
  if (desk.lookups.empty()) return std::make_unique<Lookup>(tm);
  auto lookup = std::move(desk.lookups.back());
  desk.lookups.pop_back();
  return lookup;
}

}  // namespace

Launch::Launch(Transactions& transactions, Core::Request& source, uint64_t loop)
    : _tm(transactions), _source(source), _desk(transactions.desk(*Runtime::Worker::current())), _loop(loop) {}

Launch::~Launch() {
  for (size_t i = 0; i < _plans; ++i) {  // of a relay that was refused
    _desk.plans[i].lookup.reset();
    _desk.plans[i].branch.reset();
  }
}

void Launch::plan(size_t destination) {
  if (_desk.plans.size() == _plans) _desk.plans.emplace_back();
  Plan& plan = _desk.plans[_plans++];
  if (!BranchRun::isWanted(_source)) return Launch::plan(_tm, _source, _loop, destination, plan);
  plan.branch = _source.beside();
  plan.branch->destinations.reset(_source.destinations.all()[destination]);
  plan.branch->transaction = nullptr;  // a branch answers nobody
  plan.destination = 0;
}

void Launch::plan(Transactions& tm, Core::Request& source, uint64_t loop, size_t destination, Plan& made) {
  made.loop = loop;
  made.destination = static_cast<uint8_t>(destination);
  made.targets.clear();
  made.hop = Core::NextHop::of(tm.core(), source, source.destinations.all()[destination]);
  if (!made.hop.good || made.hop.flow) return;
  Transactions::Desk& desk = tm.desk(*Runtime::Worker::current());
  auto lookup = takeLookup(tm, desk);
  made.outcome = tm.resolver().resolve(made.hop.query, made.targets, *lookup);
  if (made.outcome == Outcome::pending)
    made.lookup = std::move(lookup);
  else
    desk.lookups.push_back(std::move(lookup));
}

int Launch::start(Turn& turn, ClientTransaction& leg, Plan& plan) {
  if (leg.final || leg.cancelWanted || leg.parent.isFinal()) return 487;
  if (!plan.hop.good) return 416;
  if (plan.hop.flow) return sendLeg(turn, leg, plan.loop, plan.hop, plan.hop.flow);
  if (!plan.lookup) return plan.outcome == Outcome::found ? sendFirst(turn, leg, plan.loop, plan.hop, plan.targets) : codeOf(plan.outcome);
  plan.lookup->waitFor(leg, static_cast<uint16_t>(turn.shard.index));
  turn.tm.desk(turn.worker).keep(std::move(plan.lookup));
  ++leg.parent.lookups;
  return 0;
}

void Launch::add(Turn& turn, ServerTransaction& transaction, uint16_t breadth, uint8_t hops) {
  for (size_t i = 0; i < _plans; ++i) {
    Plan& plan = _desk.plans[i];
    ClientTransaction& leg = transaction.addLeg(_source.message.method());
    ++transaction.open;
    ++transaction.branches;
    leg.target = plan.destination;
    leg.hops = hops;
    if (breadth) leg.breadth = static_cast<uint8_t>(breadth / _plans + (i < breadth % _plans ? 1 : 0));
    if (plan.branch) {
      leg.source = std::move(plan.branch);
      auto run = std::make_unique<BranchRun>(turn, leg);
      _runs.push_back(run.get());
      transaction.needFork().runs.push_back(std::move(run));
      ++transaction.lookups;
      continue;
    }
    if (&_source != transaction.request.get()) leg.source = Core::RequestHold(_source);
    const int code = start(turn, leg, plan);
    if (code == 0) continue;
    leg.end(turn);
    leg.final = true;
    --transaction.open;
    transaction.needFork().consider(code);
  }
}

bool Launch::isCrowded() const {
  const auto crowded = [this](const Plan& plan) {
    if (plan.branch || plan.lookup) return false;
    const auto isFull = [this](const Resolver::Target& target) { return _tm.open().isFull(target.endpoint); };
    if (plan.hop.flow) return _tm.open().isFull(plan.hop.flow.peer);
    return plan.hop.good && !plan.targets.empty() && std::all_of(plan.targets.begin(), plan.targets.end(), isFull);
  };
  const auto plans = std::span(_desk.plans).first(_plans);
  return std::all_of(plans.begin(), plans.end(), crowded);
}

void Launch::undo(Turn& turn, ServerTransaction& transaction) {
  for (const Run* run : _runs)
    transaction.lookups -= static_cast<uint8_t>(std::erase_if(transaction.fork->runs, [run](const auto& one) { return one.get() == run; }));
  _runs.clear();
  transaction.open = 0;
  for (ClientTransaction* leg = transaction.legs; leg; leg = leg->sibling) {
    if (leg->isPreparing()) leg->end(turn);
    leg->final |= leg->isOver();
    if (!leg->final) ++transaction.open;
  }
}

void Launch::startRuns() {
  for (Run* run : _runs) run->start();
  _runs.clear();
}

int Launch::instead(Turn& turn, ClientTransaction& failed, const std::vector<Resolver::Target>& targets) {
  ServerTransaction& transaction = failed.parent;
  Core::Request* const request = failed.from();
  if (!request) return 487;
  ClientTransaction& leg = transaction.addLeg(failed.method);
  leg.target = failed.target;
  leg.breadth = failed.breadth;
  leg.hops = failed.hops;
  if (failed.source) leg.source = Core::RequestHold(*request);
  const uint64_t loop = loopValue(turn.tm.core().key(), request->message);
  const int code = sendTo(turn, leg, loop, Core::NextHop::of(turn.tm.core(), *request, destinationOf(leg)), targets);
  if (code == 0) return 0;
  leg.end(turn);
  leg.final = true;
  return code;
}

void Launch::settle(Turn& turn, ClientTransaction& leg, int code) {
  ServerTransaction& transaction = leg.parent;
  if (code == Dropped && !leg.final) {
    leg.end(turn);
    leg.final = true;
    if (--transaction.open == 0 && !transaction.isFinal()) Fork::conclude(turn, transaction);
  } else if (code != 0 && !leg.final) {  // it may be over already: it could not even be sent
    leg.fail(turn, code);
  }
  Fork* const fork = transaction.fork.get();
  if (!fork || !fork->waiting || (code != 0 && transaction.open != 0 && !transaction.isFinal())) return;
  const bool nothing = transaction.open == 0 && !transaction.isFinal();
  if (nothing) transaction.nothingSent(turn);
  turn.later([ticket = std::exchange(fork->waiting, {}), nothing]() mutable {
    ticket.resume(nothing ? Pipeline::Verdict::no : Pipeline::Verdict::yes);
  });
}

void Launch::resolved(Transactions& tm, size_t shard, ClientTransaction& leg, Outcome outcome,
                      const std::vector<Resolver::Target>& targets) {
  Turn turn(tm, tm.shards().at(shard));
  ServerTransaction& transaction = leg.parent;
  --transaction.lookups;
  int code = 487;
  if (!leg.isOver() && !transaction.isFinal() && leg.from() && !leg.cancelWanted) {
    const auto hop = Core::NextHop::of(tm.core(), *leg.from(), destinationOf(leg));
    const uint64_t loop = loopValue(tm.core().key(), leg.from()->message);
    code = outcome == Outcome::found ? sendFirst(turn, leg, loop, hop, targets) : codeOf(outcome);
  }
  settle(turn, leg, code);
  turn.tidy(transaction);
}

void Launch::next(Transactions& tm, size_t shard, const Key& key) {
  Turn turn(tm, tm.shards().at(shard));
  ServerTransaction* transaction = turn.shard.servers.find(key);
  if (!transaction || !transaction->fork || transaction->isFinal() || transaction->open != 0) return;
  Fork& fork = *transaction->fork;
  if (transaction->cancelled || fork.later.empty()) return Fork::conclude(turn, *transaction);
  const std::vector<Waiting> group = fork.nextGroup();
  const uint16_t breadth = fork.breadth;
  fork.starting = true;
  turn.finish();

  Core::Request& source = *group.front().source;
  Launch launch(tm, source, loopValue(tm.core().key(), source.message));
  for (const Waiting& one : group) launch.plan(one.destination);
  {
    Turn again(tm, tm.shards().at(shard));
    try {
      launch.add(again, *transaction, breadth, group.front().hops);
    } catch (const std::bad_alloc&) {
      launch.undo(again, *transaction);
    }
  }
  launch.startRuns();
  Turn last(tm, tm.shards().at(shard));
  transaction->fork->starting = false;
  if (transaction->open == 0) Fork::conclude(last, *transaction);
  last.tidy(*transaction);
}

void Lookup::resolved(Outcome outcome, const std::vector<Resolver::Target>& targets) {
  Launch::resolved(_transactions, _shard, *_branch, outcome, targets);
  _branch = nullptr;
  Transactions::Desk& desk = _transactions.desk(*Runtime::Worker::current());
  if (desk.take(*this).release()) desk.lookups.emplace_back(this);
}

}  // namespace Patchbay::Tm
