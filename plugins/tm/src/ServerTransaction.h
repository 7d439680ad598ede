#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "ClientTransaction.h"
#include "Fork.h"
#include "Octets.h"
#include "Turn.h"
#include "patchbay/core/Core.h"
#include "patchbay/tm/Tm.h"

namespace Patchbay::Tm {

/// What a transaction has to do on its request's worker, since only there the request may be touched.
enum class Errand : uint8_t {
  trying,       ///< 100, if nothing was sent yet
  conclude,     ///< the best response is one of ours
  apologise,    ///< the reply cannot be sent: 500 instead
  endPipeline,  ///< a CANCEL came while the rules were still at it
  next,         ///< all destinations so far have failed: the next ones
  failover,     ///< a target has failed: the next one of the same name
  failure       ///< the failure pipeline
};

/// The server side of one request (RFC 3261, 17.2; RFC 6026), with the branches it was relayed to. In the shard's table as long as copies
/// may come.
///
/// Belongs to its shard's lock, but the request itself: that is touched on its home worker only, where its pipeline ran. When the final
/// reply is sent the request goes back to its pool; what stays are the key, the last reply and a timer. One block with the first branch
/// inside.
///
/// For a request of our own there is no server side: state `over` from the beginning, not in the table, branches only.
class ServerTransaction : public Timed {
 public:
  enum class State : uint8_t { trying, proceeding, completed, confirmed, accepted, over };

  ServerTransaction(const Key& transactionKey, Core::Request& request, const Transport::Flow& replyFlow, Runtime::Worker& homeWorker);
  /// For a request of our own.
  ServerTransaction(Answers& answers, Runtime::Worker& homeWorker);
  ~ServerTransaction();

  // -- the client's messages
  void begin(Turn& turn);
  /// The request came again.
  void copied(Turn& turn, Core::Request& copy);
  /// False when the ACK is one to a 2xx.
  bool acknowledged(Turn& turn);
  /// RFC 3261, 16.10. The CANCEL itself has been answered.
  void cancel(Turn& turn);
  bool comesFrom(const Transport::Flow& flow) const;

  // -- replies
  /// A branch's reply, upstream: without its top Via, else octet for octet; a 503 becomes a 500.
  void forward(Turn& turn, Core::Request& reply);
  /// A reply that was kept for the choice, with our Via already cut off.
  void forwardKept(Turn& turn, int code, std::string_view octets);
  /// One of ours; on the home worker. False when a final one was sent before, or it cannot be sent.
  bool answer(Turn& turn, const Core::Reply& reply);
  void trying(Turn& turn);
  /// Ends without a final reply: dropped by the rules, or nothing to say (RFC 4320).
  void drop(Turn& turn);

  /// Does it at once when this is the home worker, else posts it there.
  void send(Turn& turn, Errand errand);
  void run(Turn& turn, Errand errand);
  void fire(Turn& turn);

  // -- branches
  ClientTransaction& addLeg(Parser::Method method);
  /// Nothing was sent on any branch of a round: forgets them when it was the first one.
  void nothingSent(Turn& turn);
  Fork& needFork() {
    if (!fork) fork = std::make_unique<Fork>();
    return *fork;
  }
  bool isOwn() const { return fork && fork->answers; }
  bool isOver() const;
  /// However often failure pipelines relay again.
  static constexpr size_t MostBranches = 64;
  bool isFinal() const { return finalCode != 0; }

  Key key;
  ClientTransaction* legs = nullptr;  ///< in order
  std::unique_ptr<Fork> fork;         ///< made when there is something to choose, or to wait for
  Core::RequestHold request;
  Runtime::Worker& home;
  Octets lastReply;
  Transport::Flow upstream;
  Runtime::Instant deadline{};
  uint64_t incident = 0;
  uint32_t interval = 0;   ///< of timer G, milliseconds; 0: nothing is sent again
  uint16_t finalCode = 0;  ///< sent upstream
  uint8_t open = 0;        ///< branches without a final reply
  uint8_t lookups = 0;     ///< of these, those that wait for their pipeline or a name server
  uint8_t branches = 0;    ///< there have been so many
  State state = State::trying;
  bool invite = false;
  bool listed = false;   ///< in the table
  bool byRules = false;  ///< made by t_newtran
  bool relayed = false;
  bool cancelled = false;
  bool tryingSent = false;

 private:
  void dropLegs(Turn& turn);
  void keepForwarded(int code, std::string_view octets);
  void sent(Turn& turn, int code);
  void sentFinal(Turn& turn, int code);
  void complete(Turn& turn, int code);
  void wait(Turn& turn, State newState, Runtime::Duration howLong, bool repeat = false);
  void end(Turn& turn);
  void endPipelines(Turn& turn);
  void told(Turn& turn, int code);
  void release();
  alignas(ClientTransaction) std::byte _first[sizeof(ClientTransaction)];
};

}  // namespace Patchbay::Tm
