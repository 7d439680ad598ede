#include "Fork.h"

#include "ServerTransaction.h"
#include "Transactions.h"

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

void keep(Parser::Message& message, Octets& out) {
  const std::string_view octets = message.octets();
  const Parser::Slice cut = message.topViaCut();
  char* room = out.room(octets.size() - cut.length);
  std::memcpy(room, octets.data(), cut.begin);
  std::memcpy(room + cut.begin, octets.data() + cut.end(), octets.size() - cut.end());
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

void Fork::consider(Core::Received& reply) {
  const int code = reply.message.status();
  if (isBetter(code)) {
    bestCode = static_cast<uint16_t>(code);
    keep(reply.message, best);
  } else if (isChallenge(code)) {
    appendChallenges(reply.message, challenges);
  }
}

void Fork::consider(int code) {
  if (!isBetter(code)) return;
  bestCode = static_cast<uint16_t>(code);
  best.clear();
}

void Fork::tell(Turn& turn, ServerTransaction& transaction, int code, Core::Received* reply) {
  Answers* answers = transaction.fork->answers;
  if (code >= 200) transaction.fork->answers = nullptr;
  if (&transaction.home == &turn.worker)
    turn.later([answers, code, reply] { answers->answer(code, reply); });
  else
    turn.later([answers, code, home = &transaction.home] { home->post([answers, code] { answers->answer(code, nullptr); }); });
}

void Fork::provisional(Turn& turn, ServerTransaction& transaction, Core::Received& reply) {
  if (transaction.isOwn()) return tell(turn, transaction, reply.message.status(), &reply);
  if (!transaction.isFinal()) transaction.forward(turn, reply);
}

void Fork::cancelRest(Turn& turn, ServerTransaction& transaction) {
  for (ClientTransaction* leg = transaction.legs; leg; leg = leg->sibling) {
    if (leg->state == ClientTransaction::State::resolving && !std::exchange(leg->final, true)) {
      leg->end(turn);
      --transaction.open;
      if (!transaction.isFinal()) transaction.needFork().consider(487);
    }
    leg->cancel(turn);
  }
}

void Fork::success(Turn& turn, ServerTransaction& transaction, Core::Received& reply, bool first) {
  if (first) --transaction.open;
  if (transaction.isOwn()) return tell(turn, transaction, reply.message.status(), &reply);
  if (transaction.isFinal() && !transaction.invite) return;
  const bool settled = transaction.isFinal();
  transaction.forward(turn, reply);
  if (!settled) cancelRest(turn, transaction);
}

void Fork::failure(Turn& turn, ServerTransaction& transaction, int code, Core::Received* reply) {
  --transaction.open;
  if (transaction.isOwn()) return tell(turn, transaction, code, reply);
  if (transaction.isFinal()) return;
  if (reply && transaction.open == 0 && !transaction.fork) return transaction.forward(turn, *reply);
  Fork& fork = transaction.needFork();
  if (reply)
    fork.consider(*reply);
  else
    fork.consider(code);
  if (code >= 600) cancelRest(turn, transaction);
  if (transaction.open == 0) conclude(turn, transaction);
}

void Fork::conclude(Turn& turn, ServerTransaction& transaction) {
  Fork& fork = *transaction.fork;
  if (fork.waiting) return;  // the condition that waits for the name server decides
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
  int code = transaction.fork ? transaction.fork->bestCode : 500;
  if (transaction.cancelled) code = 487;
  if (code == 503) code = 500;
  if (code == 408 && !transaction.invite) return transaction.drop(turn);  // its client has given up as well (RFC 4320, 4.2)
  transaction.answer(turn, {.code = code});
}

}  // namespace Patchbay::Tm
