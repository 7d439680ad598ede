#include "Fork.h"

#include "Redirection.h"
#include "ServerTransaction.h"
#include "Transactions.h"
#include "Upstream.h"

namespace Patchbay::Tm {
namespace {

using Parser::HeaderId;

bool isChallenge(int code) {
  return code == 401 || code == 407;
}

/// The challenge lines of a 401 or 407, as they came.
void appendChallenges(Parser::Message& message, std::string& out) {
  for (const Parser::Header& header : message.headers())
    if (header.id == HeaderId::wwwAuthenticate || header.id == HeaderId::proxyAuthenticate) out.append(message.text(header.line));
}

}  // namespace

int Fork::rankOf(int code) {
  if (code >= 600) return 0;
  const int rank = code / 100 * 100;
  switch (code) {
    case 401:
    case 407:
      return rank;
    case 415:
    case 420:
    case 484:
      return rank + 10;
    case 408:
    case 503:
      return rank + 90;  // somebody who did answer knows better
    default:
      return rank + 50;
  }
}

void Fork::consider(Core::Request& reply) {
  const int code = reply.message.status();
  if (isBetter(code)) {
    bestCode = static_cast<uint16_t>(code);
    Upstream(reply).keep(best);
  } else if (isChallenge(code)) {
    appendChallenges(reply.message, challenges);
  }
}

void Fork::consider(int code) {
  if (!isBetter(code)) return;
  bestCode = static_cast<uint16_t>(code);
  best.clear();
}

std::vector<Waiting> Fork::nextGroup() {
  std::vector<Waiting> group;
  const size_t most = breadth ? breadth : later.size();
  const auto belongs = [&](const Waiting& one) { return one.q == group.front().q && one.source.get() == group.front().source.get(); };
  auto end = later.begin();
  while (end != later.end() && group.size() < most && (group.empty() || belongs(*end))) group.push_back(std::move(*end++));
  later.erase(later.begin(), end);
  return group;
}

void Fork::forget() {
  best.clear();
  std::string().swap(challenges);
  later.clear();
}

void Fork::tell(Turn& turn, ServerTransaction& transaction, int code, Core::Request* reply) {
  Answers* answers = transaction.fork->answers;
  if (code >= 200) transaction.fork->answers = nullptr;
  if (&transaction.home == &turn.worker)
    turn.later([answers, code, reply] { answers->answer(code, reply); });
  else
    turn.later([answers, code, home = &transaction.home] { home->post([answers, code] { answers->answer(code, nullptr); }); });
}

void Fork::received(Turn& turn, ClientTransaction& leg, Core::Request& reply, bool first) {
  const int status = reply.message.status();
  if (status < 200) return provisional(turn, leg.parent, reply);
  if (status < 300) return success(turn, leg.parent, reply, first);
  if (status < 400 && Redirection::follow(turn, leg, reply)) return;
  failure(turn, leg.parent, status, &reply);
}

void Fork::provisional(Turn& turn, ServerTransaction& transaction, Core::Request& reply) {
  if (transaction.isOwn()) return tell(turn, transaction, reply.message.status(), &reply);
  if (!transaction.isFinal()) transaction.forward(turn, reply);
}

void Fork::cancelRest(Turn& turn, ServerTransaction& transaction) {
  if (transaction.fork) transaction.fork->later.clear();
  for (ClientTransaction* leg = transaction.legs; leg; leg = leg->sibling) {
    if (leg->isPreparing() && !std::exchange(leg->final, true)) {
      leg->end(turn);
      --transaction.open;
      if (!transaction.isFinal()) transaction.needFork().consider(487);
    }
    leg->cancel(turn);
  }
}

void Fork::success(Turn& turn, ServerTransaction& transaction, Core::Request& reply, bool first) {
  if (first) --transaction.open;
  if (transaction.isOwn()) return tell(turn, transaction, reply.message.status(), &reply);
  if (transaction.isFinal() && !transaction.invite) return;
  const bool settled = transaction.isFinal();
  transaction.forward(turn, reply);
  if (!settled) cancelRest(turn, transaction);
}

void Fork::failure(Turn& turn, ServerTransaction& transaction, int code, Core::Request* reply) {
  --transaction.open;
  if (transaction.isOwn()) return tell(turn, transaction, code, reply);
  if (transaction.isFinal()) return;
  if (reply && transaction.open == 0 && !transaction.fork) return transaction.forward(turn, *reply);
  Fork& fork = transaction.needFork();
  if (transaction.cancelled && code == 487 && fork.bestCode != 487 && fork.bestCode < 600) fork.bestCode = 0;  // what the caller wants
  if (reply)
    fork.consider(*reply);
  else
    fork.consider(code);
  if (code >= 600) cancelRest(turn, transaction);
  if (transaction.open == 0) conclude(turn, transaction);
}

void Fork::conclude(Turn& turn, ServerTransaction& transaction) {
  Fork& fork = *transaction.fork;
  if (fork.waiting || fork.starting || transaction.isFinal()) return;
  const auto send = [&](Errand errand) { turn.tm.post(transaction.home, turn.shard.index, transaction.key, errand); };
  if (!transaction.cancelled) {
    if (!fork.later.empty()) return send(Errand::next);
    if (fork.bestCode == 0) fork.consider(fork.dropCode ? fork.dropCode : 500);
    if (fork.onFailure != Core::TransactionOrders::None) return send(Errand::failure);
  }
  deliver(turn, transaction);
}

void Fork::deliver(Turn& turn, ServerTransaction& transaction) {
  Fork& fork = *transaction.fork;
  if (fork.best.empty() || fork.bestCode == 0) return transaction.send(turn, Errand::conclude);
  if (!isChallenge(fork.bestCode) || fork.challenges.empty()) return transaction.forwardKept(turn, fork.bestCode, fork.best.view());
  const std::string_view best = fork.best.view();
  const size_t headersEnd = best.find("\r\n\r\n") + 2;
  std::string all(best.substr(0, headersEnd));
  all.append(fork.challenges).append(best.substr(headersEnd));
  transaction.forwardKept(turn, fork.bestCode, all);
}

void Fork::concludeLocally(Turn& turn, ServerTransaction& transaction) {
  if (transaction.isFinal() || !transaction.request || transaction.open != 0) return;
  int code = transaction.fork && transaction.fork->bestCode ? transaction.fork->bestCode : 500;
  if (transaction.cancelled) code = 487;
  if (code == 503) code = 500;
  if (code == 408 && !transaction.invite) return transaction.drop(turn);  // its client has given up as well (RFC 4320, 4.2)
  transaction.answer(turn, {.code = code});
}

}  // namespace Patchbay::Tm
