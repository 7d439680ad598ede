#include "ServerTransaction.h"

#include <algorithm>
#include <new>

#include "FailureRun.h"
#include "Launch.h"
#include "Transactions.h"
#include "Upstream.h"

namespace Patchbay::Tm {
namespace {

uint32_t milliseconds(Runtime::Duration duration) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

ServerTransaction::ServerTransaction(const Key& transactionKey, Core::Request& forRequest, const Transport::Flow& replyFlow,
                                     Runtime::Worker& homeWorker)
    : Timed(false), key(transactionKey), request(forRequest), home(homeWorker), upstream(replyFlow), incident(forRequest.incident) {
  invite = forRequest.message.method() == Parser::Method::invite;
}

ServerTransaction::ServerTransaction(Answers& answers, Runtime::Worker& homeWorker) : Timed(false), home(homeWorker) {
  state = State::over;
  needFork().answers = &answers;
}

ServerTransaction::~ServerTransaction() {
  while (legs) {
    ClientTransaction* leg = legs;
    legs = leg->sibling;
    if (leg->inBlock)
      leg->~ClientTransaction();
    else
      delete leg;
  }
}

void ServerTransaction::begin(Turn& turn) {
  turn.shard.servers.insert(*this);
  listed = true;
  const Timing& timing = turn.tm.timing();
  turn.arm(*this, turn.now + (invite ? timing.trying : timing.otherTrying()));
}

ClientTransaction& ServerTransaction::addLeg(Parser::Method method) {
  ClientTransaction* leg = legs ? new ClientTransaction(*this, method) : new (_first) ClientTransaction(*this, method);
  leg->inBlock = !legs;
  ClientTransaction** end = &legs;
  while (*end) end = &(*end)->sibling;
  *end = leg;
  return *leg;
}

void ServerTransaction::dropLegs(Turn& turn) {
  while (legs) {
    ClientTransaction* leg = legs;
    legs = leg->sibling;
    leg->end(turn);
    if (leg->inBlock)
      leg->~ClientTransaction();
    else
      delete leg;
  }
  open = 0;
}

void ServerTransaction::nothingSent(Turn& turn) {
  if (fork && fork->failing) return;
  dropLegs(turn);
  relayed = false;
  if (fork) fork->bestCode = fork->dropCode = 0;
}

void ServerTransaction::copied(Turn& turn, Core::Request& copy) {
  turn.tm.counters().absorbed->add();
  if (state == State::confirmed) return;
  if (!lastReply.empty()) {
    turn.tm.counters().retransmitted->add();
    turn.send(upstream, lastReply.view());
  } else if (tryingSent && !isFinal()) {  // a 100 is not kept: the copy gives a new one
    turn.tm.counters().retransmitted->add();
    turn.write(copy, {.code = 100}, upstream, nullptr);
  }
}

bool ServerTransaction::acknowledged(Turn& turn) {
  if (!invite || state == State::accepted) return false;
  if (state != State::completed) return true;
  const Timing& timing = turn.tm.timing();
  lastReply.clear();
  wait(turn, State::confirmed, Transport::isReliable(upstream.protocol()) ? Runtime::Duration::zero() : timing.t4);
  return true;
}

bool ServerTransaction::comesFrom(const Transport::Flow& flow) const {
  return flow.peer.address == upstream.peer.address && flow.protocol() == upstream.protocol() && flow.connection == upstream.connection;
}

void ServerTransaction::cancel(Turn& turn) {
  if (isFinal()) return;
  cancelled = true;
  if (!relayed) return send(turn, Errand::endPipeline);
  if (fork) fork->later.clear();
  bool waits = false;
  for (ClientTransaction* leg = legs; leg; leg = leg->sibling) {
    waits |= leg->isPreparing() && !leg->final;
    leg->cancel(turn);
  }
  if (open == 0 || (waits && open == lookups)) send(turn, Errand::endPipeline);  // nothing is out
}

void ServerTransaction::wait(Turn& turn, State newState, Runtime::Duration howLong, bool repeat) {
  if (howLong <= Runtime::Duration::zero()) return end(turn);
  state = newState;
  deadline = turn.now + howLong;
  interval = repeat ? milliseconds(turn.tm.timing().t1) : 0;
  turn.arm(*this, repeat ? std::min(deadline, turn.now + turn.tm.timing().t1) : deadline);
}

void ServerTransaction::end(Turn& turn) {
  turn.disarm(*this);
  if (listed) turn.shard.servers.remove(*this);
  listed = false;
  lastReply.clear();
  state = State::over;
  release();
}

/// Observers are told of the final code while the request is there.
void ServerTransaction::told(Turn& turn, int code) {
  if (request) turn.tm.tell([&](Observer& observer) { observer.final(*request, code); });
}

/// The request is not needed any more.
void ServerTransaction::release() {
  request.reset();
  for (ClientTransaction* leg = legs; leg; leg = leg->sibling) leg->source.reset();
}

void ServerTransaction::drop(Turn& turn) {
  end(turn);
}

bool ServerTransaction::isOver() const {
  if (state != State::over || lookups) return false;
  if (fork && (fork->starting || !fork->runs.empty())) return false;
  for (const ClientTransaction* leg = legs; leg; leg = leg->sibling)
    if (!leg->isOver()) return false;
  return true;
}

void ServerTransaction::forward(Turn& turn, Core::Request& reply) {
  const int code = reply.message.status();
  Upstream message(reply);
  char* out = turn.tm.transport().reserve(upstream, message.room());
  const size_t length = out ? message.write(out) : 0;
  if (length) {
    if (!isFinal()) keepForwarded(code, {out, length});
    turn.tm.transport().commit(upstream, length);
  } else if (code >= 200 && !isFinal()) {
    return send(turn, Errand::apologise);
  }
  sent(turn, code == 503 ? 500 : code);
}

/// What a copy of the request gets. A 2xx to an INVITE is its server's to send again (RFC 6026).
void ServerTransaction::keepForwarded(int code, std::string_view octets) {
  const bool reliable = Transport::isReliable(upstream.protocol());
  if (code >= 200 && (reliable || (invite && code < 300)))
    lastReply.clear();
  else
    lastReply.assign(octets);
}

void ServerTransaction::forwardKept(Turn& turn, int code, std::string_view octets) {
  Upstream message(code, octets);
  message.write(lastReply.room(message.room()));
  if (!turn.send(upstream, lastReply.view())) return send(turn, Errand::apologise);
  sent(turn, code == 503 ? 500 : code);
}

bool ServerTransaction::answer(Turn& turn, const Core::Reply& reply) {
  if (isFinal() || !request || state == State::over) return false;
  const bool done = turn.write(*request, reply, upstream, reply.code == 100 ? nullptr : &lastReply);
  if (!done && reply.code < 200) return false;
  if (!done) turn.write(*request, {.code = 500}, upstream, &lastReply);  // too long, perhaps; a short one may do
  sent(turn, done ? reply.code : 500);
  return done;
}

void ServerTransaction::trying(Turn& turn) {
  if (tryingSent || state != State::trying || isFinal()) return;
  answer(turn, {.code = 100});
}

void ServerTransaction::sent(Turn& turn, int code) {
  turn.tm.counters().replies[static_cast<size_t>(code / 100) % 7]->add();
  if (code >= 200) return sentFinal(turn, code);
  if (code == 100) tryingSent = true;
  turn.disarm(*this);
  state = State::proceeding;
}

void ServerTransaction::sentFinal(Turn& turn, int code) {
  if (isFinal()) {  // another 2xx of a fork goes through (RFC 3261, 16.7 step 5); behind a refusal it ends that one's repetition
    if (code >= 300 || finalCode < 300 || state != State::completed) return;
    lastReply.clear();
    interval = 0;
    return turn.arm(*this, deadline);
  }
  finalCode = static_cast<uint16_t>(code);
  told(turn, code);
  complete(turn, code);
  if (!fork || !fork->keepsRequest) release();
  if (fork) fork->forget();
}

void ServerTransaction::complete(Turn& turn, int code) {
  const Timing& timing = turn.tm.timing();
  const bool reliable = Transport::isReliable(upstream.protocol());
  if (!invite) {
    wait(turn, State::completed, reliable ? Runtime::Duration::zero() : timing.life());  // J
  } else if (code < 300) {
    wait(turn, State::accepted, timing.life());  // L
  } else {
    wait(turn, State::completed, timing.life(), !reliable);  // G and H
  }
}

void ServerTransaction::send(Turn& turn, Errand errand) {
  if (&turn.worker == &home) return run(turn, errand);
  turn.tm.post(home, turn.shard.index, key, errand);
}

void ServerTransaction::run(Turn& turn, Errand errand) {
  switch (errand) {
    case Errand::trying:
      return trying(turn);
    case Errand::conclude:
      return Fork::concludeLocally(turn, *this);
    case Errand::apologise:
      return static_cast<void>(answer(turn, {.code = 500}));
    case Errand::endPipeline:
      return endPipelines(turn);
    case Errand::next:
      return turn.later([&tm = turn.tm, shard = turn.shard.index, own = key] { Launch::next(tm, shard, own); });
    case Errand::failover:
      return Failover::go(turn, *this);
    case Errand::failure:
      return FailureRun::begin(turn, *this);
  }
}

void ServerTransaction::endPipelines(Turn& turn) {
  if (isFinal() || !request) return;
  const auto cancel = [&](Core::Request& subject) { turn.later([held = Core::RequestHold(subject)] { held->machine.cancel(); }); };
  cancel(*request);
  if (fork)
    for (const auto& run : fork->runs)
      if (run->isCancellable()) cancel(*run->subject);
  answer(turn, {.code = 487});
}

void ServerTransaction::fire(Turn& turn) {
  if (state == State::trying) return send(turn, Errand::trying);
  if (turn.now >= deadline) {
    if (state == State::completed && invite) turn.tm.counters().timeouts->add();
    return end(turn);
  }
  turn.tm.counters().retransmitted->add();  // G
  turn.send(upstream, lastReply.view());
  interval = std::min(2 * interval, milliseconds(turn.tm.timing().t2));
  turn.arm(*this, std::min(deadline, turn.now + std::chrono::milliseconds(interval)));
}

}  // namespace Patchbay::Tm
