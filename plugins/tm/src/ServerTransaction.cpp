#include "ServerTransaction.h"

#include <algorithm>
#include <new>

#include "Transactions.h"

namespace Patchbay::Tm {
namespace {

uint32_t milliseconds(Runtime::Duration duration) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

constexpr std::string_view ServerError = "SIP/2.0 500 Server Internal Error";

/// A reply on its way upstream: the received octets, or with another first line (a 503 says nothing about us: 16.7 step 6).
struct Upstream {
  std::string_view line;  ///< replaces the first line when not empty
  std::string_view head, rest;

  Upstream(int code, std::string_view before, std::string_view after) : head(before), rest(after) {
    if (code != 503) return;
    line = ServerError;
    head.remove_prefix(std::min(head.find("\r\n"), head.size()));
  }
  size_t size() const { return line.size() + head.size() + rest.size(); }
  void write(char* out) const {
    for (std::string_view part : {line, head, rest}) {
      if (!part.empty()) std::memcpy(out, part.data(), part.size());
      out += part.size();
    }
  }
};

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
  bool waits = false;
  for (ClientTransaction* leg = legs; leg; leg = leg->sibling) {
    waits |= leg->state == ClientTransaction::State::resolving && !leg->final;
    leg->cancel(turn);
  }
  if (waits && open == lookups) send(turn, Errand::endPipeline);  // nothing was sent yet
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
  release(turn, 0);
}

/// The request is not needed any more. Observers are told of the final code before.
void ServerTransaction::release(Turn& turn, int code) {
  if (!request) return;
  if (code) turn.tm.tell([&](Observer& observer) { observer.final(*request, code); });
  request.reset();
}

void ServerTransaction::drop(Turn& turn) {
  end(turn);
}

bool ServerTransaction::isOver() const {
  if (state != State::over || lookups) return false;
  for (const ClientTransaction* leg = legs; leg; leg = leg->sibling)
    if (!leg->isOver()) return false;
  return true;
}

void ServerTransaction::forward(Turn& turn, Core::Received& reply) {
  const std::string_view octets = reply.message.octets();
  const Parser::Slice cut = reply.message.topViaCut();
  const int code = reply.message.status();
  const Upstream message(code, octets.substr(0, cut.begin), octets.substr(cut.end()));
  char* out = turn.tm.transport().reserve(upstream, message.size());
  if (out) {
    message.write(out);
    if (!isFinal()) keepForwarded(code, {out, message.size()});
    turn.tm.transport().commit(upstream, message.size());
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
  const Upstream message(code, octets, {});
  message.write(lastReply.room(message.size()));
  turn.send(upstream, lastReply.view());
  sent(turn, code == 503 ? 500 : code);
}

bool ServerTransaction::answer(Turn& turn, const Core::Reply& reply) {
  if (isFinal() || !request || state == State::over) return false;
  if (!turn.write(*request, reply, upstream, reply.code == 100 ? nullptr : &lastReply)) {
    if (reply.code >= 200) sent(turn, reply.code);
    return false;
  }
  sent(turn, reply.code);
  return true;
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
  if (isFinal()) return;  // another 2xx of a fork: goes through without a trace (RFC 3261, 16.7 step 5)
  finalCode = static_cast<uint16_t>(code);
  complete(turn, code);
  release(turn, code);
  if (fork) {
    fork->best.clear();
    fork->challenges.clear();
  }
}

void ServerTransaction::complete(Turn& turn, int code) {
  const Timing& timing = turn.tm.timing();
  const bool reliable = Transport::isReliable(upstream.protocol());
  if (!invite) {
    release(turn, code);
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
    case Errand::endPipeline:
      break;
  }
  if (isFinal() || !request) return;
  turn.later([held = Core::RequestHold(*request)] { held->machine.cancel(); });
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
