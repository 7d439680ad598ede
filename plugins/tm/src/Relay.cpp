#include "Relay.h"

#include "LegWriter.h"
#include "Lookup.h"
#include "Transactions.h"

namespace Patchbay::Tm {
namespace {

using Pipeline::Verdict;
using Resolver::Outcome;

constexpr std::string_view InProcess = "transaction already in process";
/// The resolver's own deadline is shorter: this one is for a resolver that is broken.
constexpr auto LookupDeadline = std::chrono::seconds(10);

int codeOf(Outcome outcome) {
  return outcome == Outcome::notFound ? 478 : 503;
}

void tellBranch(Transactions& tm, Core::Request& request, const Core::Destination& destination, const Transport::Flow& flow) {
  tm.tell([&](Observer& observer) { observer.branch(request, destination.uri, flow); });
}

/// Sends one branch; 0, or the code that stands for why it could not be sent.
int sendLeg(Turn& turn, ClientTransaction& leg, Core::Request& request, uint64_t loop, const Core::NextHop& hop,
            const Transport::Flow& flow) {
  if (!flow) return 503;
  const Core::Destination& destination = request.destinations.all()[leg.target];
  const Branch branch{loop, static_cast<uint8_t>(turn.shard.index), turn.worker.random().next()};
  leg.flow = flow;
  leg.key = branch.key(leg.method);
  leg.begin(turn);
  if (LegWriter(turn.tm, request).send(destination, hop, flow, branch, &leg.octets)) {
    tellBranch(turn.tm, request, destination, flow);
    return 0;
  }
  leg.end(turn);
  return turn.tm.transport().isOurs(flow.peer) ? 482 : 503;
}

int sendTo(Turn& turn, ClientTransaction& leg, Core::Request& request, uint64_t loop, const Core::NextHop& hop, Outcome outcome,
           const std::vector<Resolver::Target>& targets) {
  if (outcome != Outcome::found || targets.empty()) return codeOf(outcome);
  const Core::Destination& destination = request.destinations.all()[leg.target];
  int code = 503;
  for (const Resolver::Target& target : targets) {  // RFC 3263, 4.3: the next one when it cannot even be sent
    code = sendLeg(turn, leg, request, loop, hop, LegWriter(turn.tm, request).flowTo(destination, target));
    if (code == 0) break;
  }
  return code;
}

std::unique_ptr<Lookup> takeLookup(Transactions& tm, Transactions::Desk& desk) {
  if (desk.lookups.empty()) return std::make_unique<Lookup>(tm);
  auto lookup = std::move(desk.lookups.back());
  desk.lookups.pop_back();
  return lookup;
}

/// Asks for the place of a destination; no lock is held.
void plan(Transactions& tm, Core::Request& request, size_t destination, Plan& made) {
  made.destination = static_cast<uint8_t>(destination);
  made.targets.clear();
  made.hop = Core::NextHop::of(tm.core(), request, request.destinations.all()[destination]);
  if (!made.hop.good || made.hop.flow) return;
  Transactions::Desk& desk = tm.desk(*Runtime::Worker::current());
  auto lookup = takeLookup(tm, desk);
  made.outcome = tm.resolver().resolve(made.hop.query, made.targets, *lookup);
  if (made.outcome == Outcome::pending)
    made.lookup = std::move(lookup);
  else
    desk.lookups.push_back(std::move(lookup));
}

/// Starts a branch; 0 when it is on its way or waits for the name server.
int startLeg(Turn& turn, ServerTransaction& transaction, ClientTransaction& leg, Core::Request& request, uint64_t loop, Plan& plan) {
  if (!plan.hop.good) return 416;
  if (plan.hop.flow) return sendLeg(turn, leg, request, loop, plan.hop, plan.hop.flow);
  if (!plan.lookup) return sendTo(turn, leg, request, loop, plan.hop, plan.outcome, plan.targets);
  plan.lookup->waitFor(leg, static_cast<uint16_t>(turn.shard.index));
  turn.tm.desk(turn.worker).keep(std::move(plan.lookup));
  ++transaction.lookups;
  return 0;
}

}  // namespace

Relay::~Relay() {
  for (Plan& plan : _desk.plans) plan.lookup.reset();  // of a relay that was refused
}

Relay::Relay(Transactions& transactions, Pipeline::Machine& machine, Core::Request& request, bool predicate)
    : _tm(transactions),
      _machine(machine),
      _request(request),
      _desk(transactions.desk(*Runtime::Worker::current())),
      _predicate(predicate) {}

Verdict Relay::run() {
  if (_request.message.method() == Parser::Method::ack) {
    relayAck(_tm, _request);
    return Verdict::settled;
  }
  _loop = loopValue(_tm.core().key(), _request.message);
  if (hasLooped(_request.message, _tm.core().instanceId(), _loop)) {
    _tm.counters().loops->add();
    return refuse(482);
  }
  _request.retain();
  _tm.core().stampVia(_request);
  makePlans();
  const Key key = _tm.keyOf(_request);
  Turn turn(_tm, _tm.shardOf(key));
  ServerTransaction* found = turn.shard.servers.find(key);
  const bool made = !_request.transaction;
  if (made && found) return Verdict::settled;  // another worker has just made it for a copy of this request, which is thereby absorbed
  if (made) found = _tm.make(turn, key, _request);
  if (!found && made) {
    turn.finish();
    return refuse(503);
  }
  if (!found || found->relayed || found->isFinal()) return found && found->cancelled ? Verdict::settled : _machine.fail(InProcess);
  const Verdict verdict = relay(turn, *found);
  if (verdict == Verdict::no && made) {
    found->drop(turn);
    turn.tidy(*found);
    _request.transaction = nullptr;
  }
  return verdict;
}

Verdict Relay::refuse(int code) {
  if (_predicate && code != 482) return Verdict::no;
  _tm.core().answer(_request, {.code = code, .lines = code == 503 ? "Retry-After: 5\r\n" : ""});
  return Verdict::settled;
}

Verdict Relay::relay(Turn& turn, ServerTransaction& transaction) {
  if (transaction.cancelled) {
    transaction.answer(turn, {.code = 487});
    return Verdict::settled;
  }
  transaction.relayed = true;
  addLegs(turn, transaction);
  if (transaction.lookups) return _predicate && transaction.lookups == transaction.open ? suspend(turn, transaction) : Verdict::settled;
  return conclude(turn, transaction);
}

bool Relay::isDuplicate(size_t index) const {
  const auto& all = _request.destinations.all();
  const Core::Destination& one = all[index];
  for (size_t i = 0; i < index; ++i)
    if (all[i].uri == one.uri && all[i].nextHop == one.nextHop && all[i].path == one.path && all[i].flow == one.flow) return true;
  return false;
}

void Relay::makePlans() {
  const size_t count = _request.destinations.all().size();
  _plans = 0;
  for (size_t i = 0; i < count; ++i) {
    if (isDuplicate(i)) continue;
    if (_desk.plans.size() == _plans) _desk.plans.emplace_back();
    plan(_tm, _request, i, _desk.plans[_plans++]);
  }
}

void Relay::addLegs(Turn& turn, ServerTransaction& transaction) {
  bool trying = false;
  for (size_t i = 0; i < _plans; ++i) {
    Plan& plan = _desk.plans[i];
    ClientTransaction& leg = transaction.addLeg(_request.message.method());
    leg.target = plan.destination;
    if (const int code = startLeg(turn, transaction, leg, _request, _loop, plan)) {
      leg.end(turn);
      leg.final = true;
      transaction.needFork().consider(code);
      continue;
    }
    ++transaction.open;
    const bool sent = leg.state != ClientTransaction::State::resolving;
    if (sent && transaction.invite && _tm.timing().tryingAtOnce && !std::exchange(trying, true)) transaction.trying(turn);
  }
}

/// Everything that could be sent is sent.
Verdict Relay::conclude(Turn& turn, ServerTransaction& transaction) {
  if (transaction.open) return Verdict::settled;
  if (_predicate) {
    transaction.dropLegs(turn);
    transaction.relayed = false;
    return Verdict::no;
  }
  Fork::conclude(turn, transaction);
  return Verdict::settled;
}

Verdict Relay::suspend(Turn& turn, ServerTransaction& transaction) {
  turn.finish();  // the machine may ask for a transaction; all answers come on this worker, so nothing changes meanwhile
  const Pipeline::Ticket ticket = _machine.suspend(LookupDeadline);
  Turn again(_tm, turn.shard);
  transaction.needFork().waiting = ticket;
  return Verdict::suspended;
}

void Relay::resolved(Transactions& tm, size_t shard, ClientTransaction& branch, Outcome outcome,
                     const std::vector<Resolver::Target>& targets) {
  Turn turn(tm, tm.shards().at(shard));
  ServerTransaction& transaction = branch.parent;
  --transaction.lookups;
  bool failed = false;
  if (!branch.isOver()) {
    int code = 487;
    if (!transaction.isFinal() && transaction.request && !branch.cancelWanted) {
      const auto& destination = transaction.request->destinations.all()[branch.target];
      const uint64_t loop = loopValue(tm.core().key(), transaction.request->message);
      code = sendTo(turn, branch, *transaction.request, loop, Core::NextHop::of(tm.core(), *transaction.request, destination), outcome,
                    targets);
    }
    failed = code != 0;
    if (failed) branch.fail(turn, code);
  }
  if (transaction.fork && transaction.fork->waiting && (!failed || transaction.open == 0 || transaction.isFinal())) {
    Pipeline::Ticket ticket = std::exchange(transaction.fork->waiting, {});
    const bool nothing = transaction.open == 0 && !transaction.isFinal();
    if (nothing) {
      transaction.dropLegs(turn);
      transaction.relayed = false;
      transaction.fork->bestCode = 0;
    }
    turn.later([ticket, nothing]() mutable { ticket.resume(nothing ? Verdict::no : Verdict::yes); });
  }
  turn.tidy(transaction);
}

void Lookup::resolved(Outcome outcome, const std::vector<Resolver::Target>& targets) {
  Relay::resolved(_transactions, _shard, *_branch, outcome, targets);
  _branch = nullptr;
  Transactions::Desk& desk = _transactions.desk(*Runtime::Worker::current());
  if (desk.take(*this).release()) desk.lookups.emplace_back(this);
}

}  // namespace Patchbay::Tm
