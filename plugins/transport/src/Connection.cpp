#include "Connection.h"

#include <algorithm>
#include <cerrno>

#include "StreamHub.h"

namespace Patchbay::Transport {

using namespace std::chrono_literals;
using Runtime::Transfer;
using Runtime::Worker;

namespace {

/// When so much waits for a peer that does not read, his next message waits, too.
constexpr size_t PauseOctets = 16 * 1024;
/// For the peer to read our last words and end his side.
constexpr Runtime::Duration LingerTime = 1s;
/// For what a peer that has ended his side may still get.
constexpr Runtime::Duration HalfClosedTime = 32s;
constexpr Runtime::Duration ForgiveAfter = 1s;
constexpr size_t FinalAt = 8;  // of "SIP/2.0 200"

bool isReply(std::string_view message) {
  return message.starts_with("SIP/");
}
bool isFinal(std::string_view reply) {
  return reply.size() > FinalAt && reply[FinalAt] >= '2';
}
/// One that a final reply is owed to.
bool isAsking(std::string_view message) {
  return !isReply(message) && !message.starts_with("ACK ");
}

}  // namespace

Connection::Connection(StreamHub& hub, const Flow& flow, uint64_t way, std::unique_ptr<Runtime::Stream> stream, Layers layers,
                       bool outgoing)
    : _hub(hub),
      _flow(flow),
      _way(way),
      _stream(std::move(stream)),
      _codec(std::move(layers.codec)),
      _framing(std::move(layers.framing)),
      _since(hub.worker().now()),
      _activity(_since),
      _state(outgoing ? State::connecting : State::opening),
      _outgoing(outgoing) {}

Connection::~Connection() {
  _hub.common().caps.queued.fetch_sub(_told, std::memory_order_relaxed);
}

void Connection::start() {
  if (_state == State::connecting) {
    watch();
    rearm();
  } else {
    opened(_codec ? Codec::State::opening : Codec::State::open);
  }
}

void Connection::connected() {
  if (const int error = _stream->connectError()) return finish(End::connect, error);
  _since = _hub.worker().now();
  _state = State::opening;
  opened(_codec ? _codec->begin(_wire.tail()) : Codec::State::open);
}

/// Goes on with the codec's state.
void Connection::opened(Codec::State state) {
  if (state == Codec::State::failed) {
    flush();  // the alert
    return handshakeFailed(_codec->failure());
  }
  if (state == Codec::State::open && _state == State::opening) {
    _state = State::open;
    _since = _hub.worker().now();
    encode();
  }
  flush();
}

void Connection::handshakeFailed(std::string_view why) {
  if (!isAlive()) return;
  _hub.common().meters.handshake(why);
  _hub.warn(*this, "TLS failed", why);
  finish(End::handshake, why == "time" ? ETIMEDOUT : ECONNABORTED);
}

void Connection::ready(unsigned events) {
  if (_state == State::connecting) return connected();
  if (events & Worker::writable) flush();
  if (isReading() && (events & Worker::readable)) receive();
}

void Connection::receive() {
  const Transfer transfer = _stream->receive(_hub.room());
  switch (transfer.state) {
    case Transfer::State::moved:
      return take({_hub.room().data(), transfer.octets});
    case Transfer::State::ended:
      return peerEnded();
    case Transfer::State::failed:
      return finish(End::reset, transfer.error);
    case Transfer::State::later:
      return;
  }
}

void Connection::take(std::string_view octets) {
  if (_state == State::draining || _state == State::lingering) return;  // nobody listens any more
  active();
  if (_activity - _forgiven >= ForgiveAfter) {
    _forgiven = _activity;
    _framing->forgive();
  }
  _hub.common().meters.receivedOctets->add(octets.size());
  if (_codec) return decode(octets);
  _framing->feed(octets);
  pump();
}

void Connection::decode(std::string_view octets) {
  std::string& plain = _hub.plainRoom();
  plain.clear();
  const auto state = _codec->decode(octets, plain, _wire.tail());
  if (!plain.empty()) _framing->feed(plain);
  opened(state);
  if (!isAlive()) return;
  pump();
  if (isAlive() && state == Codec::State::ended) peerEnded();
}

void Connection::pump() {
  /// Also when whoever is told throws: the octets are only borrowed, and the messages behind have to be told, too.
  struct Settle {
    Connection& connection;
    bool whole = false;
    ~Settle() {
      connection._pumping = false;
      connection._framing->settle();
      if (!whole) connection._hub.resumeLater(connection);
    }
  } settle{*this};
  _pumping = true;
  bool any = false;
  while (_state == State::open) {
    const auto event = _framing->next();
    if (event.kind == Framing::Kind::more) break;
    any = true;
    if (!handle(event)) break;
  }
  settle.whole = true;
  if (!isAlive()) return;
  const bool inside = _framing->isInside();
  if (inside && (any || !_inside)) _insideSince = _hub.worker().now();
  _inside = inside;
  watch();
  rearm();
}

/// False: no more for now.
bool Connection::handle(const Framing::Event& event) {
  switch (event.kind) {
    case Framing::Kind::message:
      deliver(event.octets);
      break;
    case Framing::Kind::answer:
      (_codec ? _plain : _wire.tail()).append(event.octets);
      encode();
      _hub.dirty(*this);
      break;
    case Framing::Kind::fault:
      refuse(event);
      return false;
    default:
      drain();
      return false;
  }
  if (queued() < PauseOctets) return isAlive();
  flush();
  _paused = isAlive() && queued() >= PauseOctets;
  return isAlive() && !_paused;
}

void Connection::deliver(std::string_view message) {
  _hub.common().meters.received->add();
  if (!_spoken) {
    _spoken = true;
    _hub.moved(*this);
  }
  if (isAsking(message)) ++_owed;
  if (isReply(message) && isFinal(message)) {
    if (_askedByPeer)
      --_askedByPeer;
    else if (_askedById)
      --_askedById;
  }
  _hub.common().receiver->received(message, _flow);
}

void Connection::refuse(const Framing::Event& event) {
  _hub.report(*this, "a message cannot be told from what follows it", event.fault.text);
  _hub.common().meters.end(End::framing);
  if (!event.octets.empty()) _hub.common().receiver->malformed(event.octets, _flow, event.fault);
  drain();
}

void Connection::send(std::string_view message, bool byPeer) {
  if (isAsking(message))
    ++(byPeer ? _askedByPeer : _askedById);
  else if (_owed > 0 && isReply(message) && isFinal(message))
    --_owed;
  const size_t most = _hub.common().limits.queue;
  if (queued() > 0 && queued() + message.size() > most) flush();
  if (!isAlive()) return;
  if (queued() > 0 && queued() + message.size() > most) return finish(End::queue, ENOBUFS);
  _framing->write(message, _codec ? _plain : _wire.tail());
  _hub.common().meters.sent->add();
  encode();
  _hub.dirty(*this);
}

void Connection::encode() {
  if (!_codec || _plain.empty() || _state == State::connecting || _state == State::opening) return;
  _codec->encode(_plain, _wire.tail());
  _plain.clear();
  if (_plain.capacity() > PauseOctets) _plain.shrink_to_fit();
}

void Connection::flush() {
  if (!isAlive() || _state == State::connecting) return;
  while (!_wire.empty()) {
    const Transfer transfer = _stream->send(_wire.view());
    if (transfer.state == Transfer::State::failed) return finish(End::reset, transfer.error);
    if (transfer.state != Transfer::State::moved) break;
    _hub.common().meters.sentOctets->add(transfer.octets);
    _wire.sent(transfer.octets);
    _progress = _hub.worker().now();
    active();
  }
  settle();
  if (_wire.empty()) drained();
  if (!isAlive()) return;
  watch();
  rearm();
}

void Connection::settle() {
  const auto now = static_cast<int64_t>(queued());
  if (_told == 0) _progress = _hub.worker().now();
  if (now != _told) _hub.common().caps.queued.fetch_add(now - _told, std::memory_order_relaxed);
  _told = now;
}

void Connection::drained() {
  if (_state == State::draining) {
    _stream->endSending();
    _state = State::lingering;
    _since = _hub.worker().now();
    if (_peerEnded) finish(End::peer);
  } else if (_peerEnded && _owed == 0) {
    finish(End::peer);
  } else if (_paused && !_pumping) {
    _hub.resumeLater(*this);
  }
}

void Connection::resume() {
  if (!isAlive()) return;
  _paused = false;
  pump();
}

void Connection::drain() {
  if (_state != State::open) return;
  _state = State::draining;
  _framing->writeEnd(_codec ? _plain : _wire.tail());
  encode();
  if (_codec) _codec->end(_wire.tail());
  _since = _hub.worker().now();
  _hub.dirty(*this);
}

/// He sends no more, and may still read what he is owed.
void Connection::peerEnded() {
  _peerEnded = true;
  _endedSince = _hub.worker().now();
  if (_state == State::opening) return handshakeFailed("closed");
  if (_state != State::open || (_owed == 0 && queued() == 0 && !_paused)) return finish(End::peer);
  if (_askedById || _askedByPeer) return finish(End::peer, ECONNRESET);  // he was to answer us, too
  watch();
  rearm();
}

void Connection::active() {
  _activity = _hub.worker().now();
  _hub.moved(*this);
}

bool Connection::isEvictable(Runtime::Instant now) const {
  const bool idle = _state == State::open && !_inside && _owed == 0 && _askedById == 0 && _askedByPeer == 0 && queued() == 0;
  const auto& limits = _hub.common().limits;
  return idle && now - _activity >= (_spoken ? limits.idle : limits.message);
}

void Connection::watch() {
  const unsigned reading = isReading() ? unsigned{Worker::readable} : 0u;
  const unsigned writing = _state == State::connecting || !_wire.empty() ? unsigned{Worker::writable} : 0u;
  if (_watching == (reading | writing)) return;
  _watching = reading | writing;
  _stream->watch(_hub.worker(), _watching, *this);
}

Runtime::Instant Connection::deadline() const {
  const auto& limits = _hub.common().limits;
  switch (_state) {
    case State::connecting:
      return _since + limits.connect;
    case State::opening:
      return _since + limits.handshake;
    case State::lingering:
      return _since + LingerTime;
    default:
      break;
  }
  Runtime::Instant first = Runtime::Instant::max();
  if (_told > 0) first = std::min(first, _progress + limits.stall);
  if (_inside && !_paused && _state == State::open) first = std::min(first, _insideSince + limits.message);
  if (_peerEnded) first = std::min(first, _endedSince + HalfClosedTime);
  return first;
}

/// The timer may stand earlier than need be: it is looked at again then.
void Connection::rearm() {
  const auto next = deadline();
  if (next != Runtime::Instant::max() && (!armed() || Timer::due() > next)) _hub.wheel().arm(*this, next);
}

void Connection::due(Runtime::Instant now) {
  if (deadline() > now) return rearm();
  switch (_state) {
    case State::connecting:
      return finish(End::connect, ETIMEDOUT);
    case State::opening:
      return handshakeFailed("time");
    case State::lingering:
      return finish(End::peer);
    default:
      break;
  }
  if (_told > 0 && now >= _progress + _hub.common().limits.stall) return finish(End::stalled, ETIMEDOUT);
  finish(_inside && !_peerEnded ? End::slow : End::peer, ETIMEDOUT);
}

void Connection::finish(End why, int error) {
  if (!isAlive()) return;
  if (_state != State::draining && _state != State::lingering) _hub.common().meters.end(why);
  _state = State::dead;
  if (_watching) _stream->watch(_hub.worker(), _watching = 0, *this);
  if (armed()) _hub.wheel().cancel(*this);
  if (why != End::peer) _hub.report(*this, "a connection ended", nameOf(why));
  if (error == 0) error = ECONNRESET;
  if (_askedByPeer) _hub.tell(asked(), error);
  if (_askedById) _hub.tell(_flow, error);
  _hub.bury(*this);
}

}  // namespace Patchbay::Transport
