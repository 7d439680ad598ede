#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "SendQueue.h"
#include "StreamCommon.h"

namespace Patchbay::Transport {

/// One connection, from its beginning to its end; one worker's own. The hub keeps it and destroys it behind the turn in which it ended.
class Connection : public Runtime::Watcher, public Timed {
 public:
  enum class State : uint8_t {
    connecting,
    opening,  ///< the codec's handshake
    open,
    draining,   ///< what is queued still goes, nothing is read
    lingering,  ///< we have ended our side and wait for the peer's, so that it reads our last words
    dead
  };

  /// `way`: what stood in the flow's place for `connection` when it was opened; for one that came from outside as the flow.
  Connection(StreamHub& hub, const Flow& flow, uint64_t way, std::unique_ptr<Runtime::Stream> stream, Layers layers, bool outgoing);
  ~Connection() override;
  Connection(const Connection&) = delete;

  void start();
  void ready(unsigned events) override;
  void due(Runtime::Instant now) override;
  /// Queues one message, which leaves at the end of the turn. `byPeer`: to whoever is there, not to this connection.
  void send(std::string_view message, bool byPeer);
  /// Sends what can be sent.
  void flush();
  /// Messages that have waited for the peer to read.
  void resume();
  void finish(End why, int error = 0);

  uint64_t id() const { return _flow.connection; }
  bool isOutgoing() const { return _outgoing; }
  const Flow& flow() const { return _flow; }
  /// As those who sent by it knew it.
  Flow asked() const { return {_flow.listener, _flow.peer, _way}; }
  /// Whether nobody would miss it: nothing under way, and silent for that long (the message limit, for one that has never said anything).
  bool isEvictable(Runtime::Instant now) const;
  bool hasSpoken() const { return _spoken; }

  Connection *before = nullptr, *behind = nullptr;  ///< in the hub's list, in order of last activity

 private:
  void connected();
  void opened(Codec::State state);
  void handshakeFailed(std::string_view why);
  void receive();
  void take(std::string_view octets);
  void decode(std::string_view octets);
  void pump();
  bool handle(const Framing::Event& event);
  void deliver(std::string_view message);
  void refuse(const Framing::Event& event);
  void peerEnded();
  void drain();
  void drained();
  void encode();
  void settle();
  void active();
  void watch();
  void rearm();
  Runtime::Instant deadline() const;
  bool isAlive() const { return _state != State::dead; }
  bool isReading() const { return _state != State::connecting && isAlive() && !_paused && !_peerEnded; }
  size_t queued() const { return _wire.size() + _plain.size(); }

  StreamHub& _hub;
  const Flow _flow;
  const uint64_t _way;
  const std::unique_ptr<Runtime::Stream> _stream;
  const std::unique_ptr<Codec> _codec;
  const std::unique_ptr<Framing> _framing;
  SendQueue _wire;
  std::string _plain;             ///< what waits for the handshake
  Runtime::Instant _since;        ///< of the state
  Runtime::Instant _activity;     ///< octets came or went
  Runtime::Instant _insideSince;  ///< of the message that is not whole
  Runtime::Instant _progress;     ///< when octets last left
  Runtime::Instant _endedSince;
  Runtime::Instant _forgiven;
  uint32_t _owed = 0;       ///< requests of the peer that have no final reply yet
  uint32_t _askedById = 0;  ///< requests of ours that have none
  uint32_t _askedByPeer = 0;
  unsigned _watching = 0;
  State _state;
  const bool _outgoing;
  bool _inside = false, _paused = false, _peerEnded = false, _spoken = false, _pumping = false;
  int64_t _told = 0;  ///< of queued octets, to the metric
};

}  // namespace Patchbay::Transport
