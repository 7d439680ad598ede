#include "ClientTransaction.h"

#include <algorithm>

#include "Fork.h"
#include "HopRequest.h"
#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {
namespace {

uint32_t milliseconds(Runtime::Duration duration) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

void ClientTransaction::begin(Turn& turn) {
  const Timing& timing = turn.tm.timing();
  state = State::calling;
  interval = Transport::isReliable(flow.protocol()) ? 0 : milliseconds(timing.t1);
  deadline = turn.now + timing.noReply;
  turn.shard.clients.insert(*this);
  listed = true;
  turn.tm.counters().branches->add();
  schedule(turn);
}

void ClientTransaction::schedule(Turn& turn) {
  const auto again = turn.now + std::chrono::milliseconds(interval);
  turn.arm(*this, interval && again < deadline ? again : deadline);
}

void ClientTransaction::end(Turn& turn) {
  turn.disarm(*this);
  if (listed) turn.shard.clients.remove(*this);
  listed = false;
  octets.clear();
  state = State::over;
}

void ClientTransaction::wait(Turn& turn, State newState, Runtime::Duration howLong) {
  if (howLong <= Runtime::Duration::zero()) return end(turn);
  state = newState;
  interval = 0;
  deadline = turn.now + howLong;
  turn.arm(*this, deadline);
}

bool ClientTransaction::isOwnCancel() const {
  return method == Parser::Method::cancel && parent.invite;
}

void ClientTransaction::receive(Turn& turn, Core::Received& reply) {
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

void ClientTransaction::receiveProvisional(Turn& turn, Core::Received& reply) {
  const int status = reply.message.status();
  const bool first = state == State::calling;
  state = State::proceeding;
  if (!isInvite()) return;  // E goes on, from its next firing on with T2; nothing but a final reply goes upstream (RFC 4320, 4.1)
  const Timing& timing = turn.tm.timing();
  if (!cancelSent && (first || status > 100)) {  // C runs from the sending on, and anew from each 101 to 199 (16.7 step 2)
    const auto since = status > 100 ? turn.now : deadline - timing.noReply;
    interval = 0;
    deadline = since + timing.noAnswer;
    turn.arm(*this, deadline);
  }
  if (status > 100) Fork::provisional(turn, parent, reply);
  if (cancelWanted && !cancelSent) sendCancel(turn);
}

void ClientTransaction::receiveSuccess(Turn& turn, Core::Received& reply) {
  const bool first = !final;
  const Timing& timing = turn.tm.timing();
  octets.clear();
  if (isInvite())
    wait(turn, State::accepted, timing.life());
  else
    wait(turn, State::completed, Transport::isReliable(flow.protocol()) ? Runtime::Duration::zero() : timing.t4);
  final = true;
  Fork::success(turn, parent, reply, first);
}

void ClientTransaction::receiveFailure(Turn& turn, Core::Received& reply) {
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
  Fork::failure(turn, parent, reply.message.status(), &reply);
}

void ClientTransaction::receiveAgain(Turn& turn, Core::Received& reply) {
  const int status = reply.message.status();
  if (state == State::accepted && status >= 200 && status < 300) return Fork::success(turn, parent, reply, false);
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
  if (std::exchange(final, true)) return;
  Fork::failure(turn, parent, code, nullptr);
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
  if (isInvite() && state == State::proceeding && !cancelSent) {  // C (16.8)
    sendCancel(turn);
    if (!std::exchange(final, true)) Fork::failure(turn, parent, 408, nullptr);
    return;
  }
  fail(turn, cancelWanted ? 487 : 408);
}

}  // namespace Patchbay::Tm
