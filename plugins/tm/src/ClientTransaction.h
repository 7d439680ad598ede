#pragma once

#include <cstdint>

#include "Octets.h"
#include "Turn.h"
#include "patchbay/core/Request.h"
#include "patchbay/parser/Names.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Tm {

class ServerTransaction;
struct Timing;

/// A branch: one copy of a request on its way to one target (RFC 3261, 17.1; RFC 6026), or the CANCEL of one. Belongs to its server
/// transaction and to the lock of that one's shard. In the shard's table from the time it is sent until nothing of it can come any more.
class ClientTransaction : public Timed {
 public:
  enum class State : uint8_t {
    preparing,   ///< its branch pipeline runs, or the name server is asked
    calling,     ///< sent; "trying" when not an INVITE
    proceeding,  ///< has got a provisional reply
    completed,   ///< has got a final one: copies of it are absorbed, and acknowledged when not 2xx
    accepted,    ///< has got a 2xx to an INVITE: each one goes upstream
    over
  };

  ClientTransaction(ServerTransaction& server, Parser::Method requestMethod) : Timed(true), parent(server), method(requestMethod) {}

  /// The request has been written to `octets` and handed to transport: starts the timers.
  void begin(Turn& turn);
  void receive(Turn& turn, Core::Request& reply);
  /// Ends the branch: with a CANCEL, at once or after its first provisional reply (9.1).
  void cancel(Turn& turn);
  /// It could not be sent, or the connection is lost: the branch has failed with this code of ours.
  void fail(Turn& turn, int code);
  void fire(Turn& turn);
  /// The request that it is written from: its transaction's, or its own beside that. Null when it is not needed any more. Only its orders
  /// may be read on other workers than home.
  Core::Request* from() const;
  /// Gives up sooner or later than usual.
  void limit(Turn& turn, Runtime::Duration timeout) {
    deadline = turn.now + timeout;
    schedule(turn);
  }
  bool isInvite() const { return method == Parser::Method::invite; }
  /// Our own CANCEL of a branch; not one that nobody knew and that the rules relayed.
  bool isOwnCancel() const;
  bool isOver() const { return state == State::over; }
  bool isPreparing() const { return state == State::preparing; }
  /// Out of table and timers. Its memory stays until the server transaction ends.
  void end(Turn& turn);

  Key key;
  ServerTransaction& parent;
  ClientTransaction* sibling = nullptr;
  Octets octets;             ///< what is sent again: the request, then the ACK
  Core::RequestHold source;  ///< set: what it is written from; see from()
  Transport::Flow flow;
  Runtime::Instant deadline{};
  uint32_t interval = 0;  ///< milliseconds until it is sent again; 0: never
  State state = State::preparing;
  const Parser::Method method;
  uint32_t place = 0;   ///< where it is counted as open; see OpenBranches
  uint8_t target = 0;   ///< which destination of the request
  uint8_t breadth = 0;  ///< Max-Breadth that goes out; 0: none
  uint8_t hops = 0;     ///< how many redirections led to it
  bool final = false;   ///< its final reply has been counted
  bool cancelWanted = false;
  bool cancelSent = false;
  bool inBlock = false;  ///< lies in its server transaction's block
  bool listed = false;

 private:
  void receiveProvisional(Turn& turn, Core::Request& reply);
  void receiveSuccess(Turn& turn, Core::Request& reply);
  void receiveFailure(Turn& turn, Core::Request& reply);
  void receiveAgain(Turn& turn, Core::Request& reply);
  void report(Turn& turn, Core::Request& reply, bool first);
  void proceed(Turn& turn, bool first, bool restarts);
  void leavePlace(Turn& turn);
  Runtime::Duration firstWait(const Timing& timing) const;
  Runtime::Duration nextWait(const Timing& timing) const;
  void giveUp(Turn& turn, int code);
  void keepListening(Turn& turn);
  void sendCancel(Turn& turn);
  void repeat(Turn& turn);
  void expire(Turn& turn);
  void wait(Turn& turn, State newState, Runtime::Duration howLong);
  void schedule(Turn& turn);
};

}  // namespace Patchbay::Tm
