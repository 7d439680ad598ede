#include "ClientTransaction.h"

#include <algorithm>

#include "Failover.h"
#include "Fork.h"
#include "HopRequest.h"
#include "ReplyRun.h"
#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {
namespace {

uint32_t milliseconds(Runtime::Duration duration) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

Core::Request* ClientTransaction::from() const {
  return source ? source.get() : parent.request.get();
}

/// B and F: until the first reply. Shorter when there is another target to try.
Runtime::Duration ClientTransaction::firstWait(const Timing& timing) const {
  const Core::Request* request = from();
  const auto most =
      request && request->orders.noReply ? Runtime::Duration(std::chrono::milliseconds(request->orders.noReply)) : timing.noReply;
  return Failover::hasNext(*this) ? std::min(most, timing.failover) : most;
}

/// C: until the final one.
Runtime::Duration ClientTransaction::nextWait(const Timing& timing) const {
  const Core::Request* request = from();
  return request && request->orders.noAnswer ? Runtime::Duration(std::chrono::milliseconds(request->orders.noAnswer)) : timing.noAnswer;
}

void ClientTransaction::begin(Turn& turn) {
  const Timing& timing = turn.tm.timing();
  state = State::calling;
  interval = Transport::isReliable(flow.protocol()) ? 0 : milliseconds(timing.t1);
  deadline = turn.now + firstWait(timing);
  turn.shard.clients.insert(*this);
  listed = true;
  turn.tm.counters().branches->add();
  schedule(turn);
}

void ClientTransaction::schedule(Turn& turn) {
  const auto again = turn.now + std::chrono::milliseconds(interval);
  turn.arm(*this, interval && again < deadline ? again : deadline);
}

/// It is not open any more.
void ClientTransaction::leavePlace(Turn& turn) {
  if (place != 0) turn.tm.open().leave(std::exchange(place, 0));
}

void ClientTransaction::end(Turn& turn) {
  leavePlace(turn);
  turn.disarm(*this);
  if (listed) turn.shard.clients.remove(*this);
  listed = false;
  octets.clear();
  state = State::over;
}

void ClientTransaction::wait(Turn& turn, State newState, Runtime::Duration howLong) {
  if (howLong <= Runtime::Duration::zero()) return end(turn);
  leavePlace(turn);
  state = newState;
  interval = 0;
  deadline = turn.now + howLong;
  turn.arm(*this, deadline);
}

bool ClientTransaction::isOwnCancel() const {
  return method == Parser::Method::cancel && parent.invite;
}

void ClientTransaction::receive(Turn& turn, Core::Request& reply) {
  if (state != State::calling && state != State::proceeding) return receiveAgain(turn, reply);
  const int status = reply.message.status();
  if (status < 200)
    receiveProvisional(turn, reply);
  else if (isOwnCancel())
    end(turn);
  else if (status < 300)
    receiveSuccess(turn, reply);
  else
    receiveFailure(turn, reply);
}

/// Through its reply pipeline when it has one.
void ClientTransaction::report(Turn& turn, Core::Request& reply, bool first) {
  if (!ReplyRun::offer(turn, *this, reply, first)) Fork::received(turn, *this, reply, first);
}

void ClientTransaction::receiveProvisional(Turn& turn, Core::Request& reply) {
  const int status = reply.message.status();
  const bool first = state == State::calling;
  if (!final && !cancelSent) proceed(turn, first, status > 100);
  state = State::proceeding;
  if (!isInvite()) return;  // nothing but a final reply goes upstream (RFC 4320, 4.1)
  if (status > 100 && !final) report(turn, reply, false);
  if (cancelWanted && !cancelSent) sendCancel(turn);
}

/// The timers after a provisional reply. C runs from the sending on, and anew from each 101 to 199 (16.7 step 2). E goes on, from its next
/// firing on with T2; F is not shortened any more by another target.
void ClientTransaction::proceed(Turn& turn, bool first, bool restarts) {
  const Timing& timing = turn.tm.timing();
  const Runtime::Instant sent = deadline - firstWait(timing);
  if (!isInvite()) {
    if (!first || !Failover::hasNext(*this)) return;
    Failover::forget(*this);
    deadline = sent + firstWait(timing);
    return schedule(turn);
  }
  if (!first && !restarts) return;
  interval = 0;
  deadline = (restarts ? turn.now : sent) + nextWait(timing);
  turn.arm(*this, deadline);
}

void ClientTransaction::receiveSuccess(Turn& turn, Core::Request& reply) {
  const bool first = !final;
  const Timing& timing = turn.tm.timing();
  octets.clear();
  if (isInvite())
    wait(turn, State::accepted, timing.life());
  else
    wait(turn, State::completed, Transport::isReliable(flow.protocol()) ? Runtime::Duration::zero() : timing.t4);
  final = true;
  report(turn, reply, first);
}

void ClientTransaction::receiveFailure(Turn& turn, Core::Request& reply) {
  const Timing& timing = turn.tm.timing();
  const bool reliable = Transport::isReliable(flow.protocol());
  if (isInvite()) {
    Octets ack;
    writeHopAck(turn.tm.desk(turn.worker).message, octets.view(), reply.message, ack);
    octets = std::move(ack);
    turn.send(flow, octets.view());
    wait(turn, State::completed, reliable ? Runtime::Duration::zero() : timing.life());
  } else {
    octets.clear();
    wait(turn, State::completed, reliable ? Runtime::Duration::zero() : timing.t4);
  }
  if (std::exchange(final, true)) return;
  if (reply.message.status() == 503 && Failover::begin(turn, *this)) return;
  report(turn, reply, true);
}

void ClientTransaction::receiveAgain(Turn& turn, Core::Request& reply) {
  const int status = reply.message.status();
  if (state == State::accepted && status >= 200 && status < 300) return report(turn, reply, false);
  if (state == State::completed && isInvite() && status >= 300) {
    turn.tm.counters().retransmitted->add();
    turn.send(flow, octets.view());
    return;
  }
  turn.tm.counters().stray->add();
}

void ClientTransaction::cancel(Turn& turn) {
  if (!isInvite() || final) return;
  cancelWanted = true;
  if (state == State::proceeding && !cancelSent) sendCancel(turn);
}

void ClientTransaction::sendCancel(Turn& turn) {
  cancelSent = true;
  deadline = turn.now + turn.tm.timing().life();  // no final reply by then: it is over all the same (9.1)
  turn.arm(*this, deadline);
  ClientTransaction& leg = parent.addLeg(Parser::Method::cancel);
  leg.flow = flow;
  leg.final = true;  // nothing in the choice of the best reply
  leg.key = {key.first ^ static_cast<uint64_t>(Parser::Method::invite) ^ static_cast<uint64_t>(Parser::Method::cancel), key.second};
  writeHopCancel(turn.tm.desk(turn.worker).message, octets.view(), leg.octets);
  turn.send(flow, leg.octets.view());
  leg.begin(turn);
}

void ClientTransaction::fail(Turn& turn, int code) {
  end(turn);
  giveUp(turn, code);
}

/// No reply, or no connection: the next target's turn.
void ClientTransaction::giveUp(Turn& turn, int code) {
  if (std::exchange(final, true)) return;
  if (!cancelWanted && (code == 408 || code == 503) && Failover::begin(turn, *this)) return;
  Fork::failure(turn, parent, code, nullptr);
}

/// It was given up before 64 T1: should it ring after all it is cancelled, should it answer the 2xx goes upstream.
void ClientTransaction::keepListening(Turn& turn) {
  const Timing& timing = turn.tm.timing();
  const auto until = deadline - firstWait(timing) + timing.life();
  if (until <= turn.now) return end(turn);
  interval = 0;
  deadline = until;
  turn.arm(*this, deadline);
}

void ClientTransaction::fire(Turn& turn) {
  if (turn.now >= deadline) return expire(turn);
  repeat(turn);
  schedule(turn);
}

void ClientTransaction::repeat(Turn& turn) {
  turn.tm.counters().retransmitted->add();
  turn.send(flow, octets.view());
  const uint32_t most = milliseconds(turn.tm.timing().t2);
  if (isInvite())
    interval *= 2;  // A
  else
    interval = state == State::proceeding ? most : std::min(2 * interval, most);  // E
}

void ClientTransaction::expire(Turn& turn) {
  if (isOwnCancel() || (state != State::calling && state != State::proceeding)) return end(turn);
  turn.tm.counters().timeouts->add();
  if (final) return end(turn);
  if (isInvite() && state == State::proceeding && !cancelSent) {  // C (16.8)
    sendCancel(turn);
    if (!std::exchange(final, true)) Fork::failure(turn, parent, 408, nullptr);
    return;
  }
  if (state == State::proceeding || cancelWanted) return fail(turn, cancelWanted ? 487 : 408);
  keepListening(turn);
  giveUp(turn, 408);
  cancelWanted = isInvite();
}

}  // namespace Patchbay::Tm
