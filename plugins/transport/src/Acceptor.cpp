#include "Acceptor.h"

#include <cerrno>

#include "StreamHub.h"

namespace Patchbay::Transport {

using namespace std::chrono_literals;

namespace {

/// In one turn: others want to be served, too.
constexpr int MostAtOnce = 32;
/// How long those who knock wait in the system's queue when there is no room.
constexpr Runtime::Duration Pause = 200ms;

}  // namespace

Acceptor::Acceptor(StreamHub& hub, std::unique_ptr<Runtime::StreamListener> socket, const Listener& listener)
    : _hub(hub), _socket(std::move(socket)), _listener(&listener) {
  _socket->watch(_hub.worker(), Runtime::Worker::readable, *this);
}

Acceptor::~Acceptor() {
  if (armed()) _hub.wheel().cancel(*this);
}

void Acceptor::ready(unsigned) {
  // one waits for sure; whether another does is not worth a connection that somebody has
  for (int i = 0; i < MostAtOnce && (i == 0 || !_hub.common().caps.isFull()); ++i)
    if (!takeOne()) return;
}

bool Acceptor::takeOne() {
  auto& common = _hub.common();
  if (common.caps.isFull() && !_hub.evict()) return pause(Refusal::cap), false;
  const bool secure = isSecure(_listener->protocol);
  if (secure && !_hub.handshakes().any(_hub.worker().now())) return pause(Refusal::rate), false;
  int error = 0;
  auto stream = _socket->accept(error);
  const bool noRoom = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  if (noRoom) {
    _hub.evict();
    return pause(Refusal::files), false;
  }
  if (!stream) return error != 0;  // another one's connection has failed before it was taken
  if (const auto why = common.caps.admit(stream->peer().address)) {
    common.meters.refuse(*why);
    return true;
  }
  if (secure) _hub.handshakes().take();
  _hub.adopt(*_listener, std::move(stream));
  return true;
}

void Acceptor::pause(Refusal why) {
  _hub.common().meters.refuse(why);
  _socket->watch(_hub.worker(), 0, *this);
  _hub.wheel().arm(*this, _hub.worker().now() + Pause);
}

void Acceptor::due(Runtime::Instant) {
  _socket->watch(_hub.worker(), Runtime::Worker::readable, *this);
}

}  // namespace Patchbay::Transport
