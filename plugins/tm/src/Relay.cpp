#include "Relay.h"

#include <algorithm>
#include <new>
#include <string>

#include "BranchRun.h"
#include "ReplyRun.h"

namespace Patchbay::Tm {
namespace {

using Core::TransactionOrders;
using Pipeline::Verdict;

constexpr std::string_view InProcess = "transaction already in process";
/// Those that are waited for have shorter deadlines: this one is for what is broken.
constexpr auto SendingDeadline = std::chrono::seconds(10);
/// Of a request that does not say (RFC 5393, 5.3.3).
constexpr uint16_t UsualBreadth = 60;

}  // namespace

Relay::Relay(Transactions& transactions, Pipeline::Machine& machine, Core::Request& request, const RelayManner& manner)
    : _tm(transactions), _machine(machine), _request(request), _manner(manner) {}

Verdict Relay::run() {
  if (_request.message.method() == Parser::Method::ack) {
    relayAck(_tm, _request);
    return Verdict::settled;
  }
  if (Core::refuseProxyRequire(_tm.core(), _request)) return Verdict::settled;
  _loop = loopValue(_tm.core().key(), _request.message);
  if (hasLooped(_request.message, _tm.core().instanceId(), _loop)) {
    _tm.counters().loops->add();
    return refuse(482);
  }
  if (!_request.transaction && !_tm.core().hasRoom(_request)) return refuse(503);
  _request.retain();
  _tm.core().stampVia(_request);
  takeOrders();
  chooseDestinations();
  if (_count == 0) return _manner.predicate ? Verdict::no : _machine.fail("there is no destination that was not tried yet");
  if (!takeBreadth()) return refuse(440);
  Launch launch(_tm, _request, _loop);
  for (size_t i = 0; i < now(); ++i) launch.plan(_chosen[i]);
  if (!_request.transaction && launch.isCrowded()) {
    _tm.counters().crowded->add(launch.planned());
    return refuse(503);
  }
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
  if (!found) return Transactions::isAbsorbed(_request) ? Verdict::settled : _machine.fail(InProcess);
  _made = made;
  return relay(turn, *found, launch);
}

Verdict Relay::refuse(int code) {
  if (_manner.predicate && code != 482) return Verdict::no;
  if (code == 503)
    Core::answerBusy(_tm.core(), _request);
  else
    _tm.core().answer(_request, {.code = code});
  return Verdict::settled;
}

void Relay::takeOrders() {
  TransactionOrders& orders = _request.orders;
  if (orders.onBranch == TransactionOrders::Usual) orders.onBranch = _manner.onBranch;
  if (orders.onReply == TransactionOrders::Usual) orders.onReply = _manner.onReply;
  if (orders.onFailure == TransactionOrders::Usual) orders.onFailure = _manner.onFailure;
}

bool Relay::isDuplicate(size_t index) const {
  const auto& all = _request.destinations.all();
  const Core::Destination& one = all[index];
  for (size_t i = 0; i < index; ++i)
    if (all[i].uri == one.uri && all[i].nextHop == one.nextHop && all[i].path == one.path && all[i].flow == one.flow) return true;
  return false;
}

/// In a failure pipeline: the Request-URI that it began with.
bool Relay::isTried(size_t index) const {
  const Core::Request& origin = _request.origin();
  if (index != 0 || &origin == &_request) return false;
  const Core::Destination& main = _request.destinations.main();
  return main.uri.data() == origin.destinations.main().uri.data() && main.nextHop.empty();
}

void Relay::chooseDestinations() {
  const size_t count = _request.destinations.all().size();
  for (size_t i = 0; i < count; ++i)
    if (!isDuplicate(i) && !isTried(i)) _chosen[_count++] = static_cast<uint8_t>(i);
  if (const size_t leftOut = _request.destinations.leftOut()) _tm.counters().leftOut->add(leftOut);
  if (!_manner.serial) return;
  const auto& all = _request.destinations.all();
  std::stable_sort(_chosen.begin(), _chosen.begin() + _count, [&](uint8_t a, uint8_t b) { return all[a].q > all[b].q; });
}

/// Max-Breadth (RFC 5393, 5.3): shared among the branches that are open at once. A request that has none and goes to one target gets none:
/// the next proxy takes it for the same 60. False when there is none left.
bool Relay::takeBreadth() {
  using Parser::HeaderId;
  const Parser::Header* given = _request.message.first(HeaderId::maxBreadth);
  if (!given && _count < 2) return true;
  _breadth = UsualBreadth;
  if (!given) return true;
  const auto value = Pipeline::parseInteger(_request.message.text(given->value));
  _breadth = static_cast<uint16_t>(std::clamp<int64_t>(value.value_or(UsualBreadth), 0, 255));
  if (!_request.edits.removes(given->line)) _request.edits.removeHeader(*given);
  return _breadth != 0;
}

/// How many of the chosen are sent to at once; the others wait until these have failed.
size_t Relay::now() const {
  size_t many = _breadth ? std::min<size_t>(_count, _breadth) : _count;
  if (!_manner.serial) return many;
  const auto& all = _request.destinations.all();
  size_t same = 1;
  while (same < many && all[_chosen[same]].q == all[_chosen[0]].q) ++same;
  return same;
}

/// What the response context has to know; nothing for a request without pipelines that goes to one target.
void Relay::prepare(ServerTransaction& transaction) {
  const size_t at = now();
  const bool ruled = BranchRun::isWanted(_request);
  const bool listens = ReplyRun::isWanted(&_request);
  if (!ruled && !listens && at == _count && !_manner.redirections && _request.orders.onFailure == TransactionOrders::None) return;
  Fork& fork = transaction.needFork();
  fork.homebound |= listens || _manner.redirections;
  fork.keepsRequest |= listens;
  fork.onFailure = _request.orders.onFailure;
  fork.breadth = _breadth;
  fork.mostHops = _manner.redirections;
  fork.starting = ruled;
  const auto& all = _request.destinations.all();
  for (size_t i = at; i < _count; ++i)
    fork.later.emplace_back(Core::RequestHold(_request), _chosen[i], _manner.serial ? all[_chosen[i]].q : uint16_t{0}, uint8_t{0});
}

Verdict Relay::relay(Turn& turn, ServerTransaction& transaction, Launch& launch) {
  const bool again = transaction.fork && transaction.fork->failing && &_request != transaction.request.get();
  if (transaction.cancelled || (again && transaction.isFinal())) {
    transaction.answer(turn, {.code = 487});
    turn.tidy(transaction);
    return Verdict::settled;
  }
  if ((transaction.relayed && !again) || transaction.isFinal()) return _machine.fail(InProcess);
  if (transaction.branches + _count > ServerTransaction::MostBranches) return _machine.fail("the request has had too many branches");
  transaction.relayed = true;
  prepare(transaction);
  try {
    launch.add(turn, transaction, _breadth);
  } catch (const std::bad_alloc&) {
    return giveUp(turn, transaction, launch);
  }
  if (!transaction.fork || !transaction.fork->starting) return conclude(turn, transaction);
  turn.finish();
  launch.startRuns();
  Turn behind(_tm, turn.shard);  // it is still there: see isOver
  transaction.fork->starting = false;
  return conclude(behind, transaction);
}

/// Everything that could be sent is sent.
Verdict Relay::conclude(Turn& turn, ServerTransaction& transaction) {
  if (transaction.isFinal()) return turn.tidy(transaction), Verdict::settled;
  if (transaction.lookups && transaction.lookups == transaction.open)
    return _manner.predicate ? suspend(turn, transaction) : Verdict::settled;
  if (transaction.open) return Verdict::settled;
  if (_manner.predicate && (!transaction.fork || transaction.fork->later.empty())) {
    transaction.nothingSent(turn);
    if (_made) forget(turn, transaction);
    return Verdict::no;
  }
  Fork::conclude(turn, transaction);
  turn.tidy(transaction);  // on a stream what is answered is over at once
  return Verdict::settled;
}

/// No memory for the branches: those that are out are cancelled, and 500 is answered.
Verdict Relay::giveUp(Turn& turn, ServerTransaction& transaction, Launch& launch) {
  launch.undo(turn, transaction);
  for (ClientTransaction* leg = transaction.legs; leg; leg = leg->sibling) leg->cancel(turn);
  if (transaction.fork) transaction.fork->starting = false;
  transaction.answer(turn, {.code = 500});
  turn.tidy(transaction);
  return Verdict::settled;
}

/// As if it had not been tried.
void Relay::forget(Turn& turn, ServerTransaction& transaction) {
  transaction.drop(turn);
  turn.tidy(transaction);
  _request.transaction = nullptr;
}

Verdict Relay::suspend(Turn& turn, ServerTransaction& transaction) {
  turn.finish();  // the machine may ask for a transaction; all answers come on this worker, so nothing changes meanwhile
  const Pipeline::Ticket ticket = _machine.suspend(SendingDeadline);
  Turn again(_tm, turn.shard);
  transaction.needFork().waiting = ticket;
  return Verdict::suspended;
}

}  // namespace Patchbay::Tm
