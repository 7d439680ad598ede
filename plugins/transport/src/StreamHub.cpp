#include "StreamHub.h"

#include <algorithm>
#include <cerrno>

#include "Fallback.h"
#include "Sendable.h"

namespace Patchbay::Transport {

namespace {

/// Of one message, on any stream.
constexpr size_t LongestMessage = 65535;
constexpr unsigned MostWarnings = 10;  // a second

}  // namespace

StreamCommon::~StreamCommon() = default;

void StreamHub::List::append(Connection& connection) {
  connection.before = last;
  connection.behind = nullptr;
  (last ? last->behind : first) = &connection;
  last = &connection;
}

void StreamHub::List::remove(Connection& connection) {
  (connection.before ? connection.before->behind : first) = connection.behind;
  (connection.behind ? connection.behind->before : last) = connection.before;
}

StreamHub::StreamHub(StreamCommon& common, Runtime::Worker& worker)
    : _common(common),
      _worker(worker),
      _wheel(worker.now()),
      _room(std::make_unique_for_overwrite<char[]>(RoomOctets)),
      _handshakes(common.limits.handshakeRate / static_cast<double>(common.workers), worker.now()),
      _self(std::make_shared<StreamHub*>(this)) {}

void StreamHub::attach() {
  if (_attached) _worker.remove(static_cast<Runtime::Flusher&>(*this));
  _worker.add(static_cast<Runtime::Flusher&>(*this));
  if (!std::exchange(_attached, true)) _worker.add(static_cast<Runtime::Ticker&>(*this));
}

StreamHub::~StreamHub() {
  *_self = nullptr;
  _acceptors.clear();
  std::vector<Connection*> left;
  for (const auto& [id, connection] : _connections) left.push_back(connection.get());
  for (Connection* connection : left) {
    connection->flush();  // as far as it goes at once
    connection->finish(End::stop);
  }
  if (!_attached) return;
  _worker.remove(static_cast<Runtime::Flusher&>(*this));
  _worker.remove(static_cast<Runtime::Ticker&>(*this));
}

void StreamHub::add(std::unique_ptr<Runtime::StreamListener> socket, const Listener& listener) {
  _acceptors.push_back(std::make_unique<Acceptor>(*this, std::move(socket), listener));
}

void StreamHub::close(const Listener& listener) {
  for (const auto& acceptor : _acceptors)
    if (&acceptor->listener() == &listener) acceptor->ready(Runtime::Worker::readable);
  std::erase_if(_acceptors, [&](const auto& acceptor) { return &acceptor->listener() == &listener; });
}

void StreamHub::rename(const Listener& from, const Listener& to) {
  for (const auto& acceptor : _acceptors)
    if (&acceptor->listener() == &from) acceptor->become(to);
}

void StreamHub::flush() {
  std::swap(_dirty, _flushing);
  for (const uint64_t id : _flushing)
    if (Connection* connection = find(id)) connection->flush();
  _flushing.clear();
  handOver();
  _buried.clear();
}

void StreamHub::tick(Runtime::Instant now) {
  _wheel.advance(now, [now](Runtime::Timer& timer) { static_cast<Timed&>(timer).due(now); });
}

Connection* StreamHub::find(uint64_t id) {
  const auto found = _connections.find(id);
  return found == _connections.end() ? nullptr : found->second.get();
}

void StreamHub::add(std::unique_ptr<Connection> connection) {
  Connection& added = *connection;
  _fresh.append(added);
  _common.open.with([&](auto& ids) { ids.emplace(added.id(), added.flow()); });
  _connections.emplace(added.id(), std::move(connection));
  added.start();
}

void StreamHub::adopt(const Listener& listener, std::unique_ptr<Runtime::Stream> stream) {
  const Flow flow{&listener, stream->peer(), freshId()};
  _common.meters.accepted->add();
  add(std::make_unique<Connection>(*this, flow, flow.connection, std::move(stream), _common.layers.layersFor(listener, nullptr), false));
}

void StreamHub::open(const Flow& flow, uint64_t id) {
  int error = 0;
  auto stream = _common.network.connect(flow.listener->local.address, flow.peer, error);
  if (!stream) {
    _common.opened.forget(flow, id);
    _common.meters.end(End::connect);
    return;
  }
  _common.caps.count();
  _common.meters.opened->add();
  const Flow own{flow.listener, flow.peer, id};
  const auto name = _common.names.nameOf(flow.connection);
  add(std::make_unique<Connection>(*this, own, flow.connection, std::move(stream), _common.layers.layersFor(*flow.listener, &name), true));
}

bool StreamHub::evict() {
  const auto now = _worker.now();
  for (List* list : {&_fresh, &_spoken})
    if (list->first && list->first->isEvictable(now)) {
      list->first->finish(End::evicted);
      return true;
    }
  return false;
}

void StreamHub::unlist(Connection& connection) {
  // links are the same in either list, ends are not
  const bool fresh = _fresh.first == &connection || _fresh.last == &connection;
  (fresh ? _fresh : _spoken).remove(connection);
}

void StreamHub::moved(Connection& connection) {
  unlist(connection);
  listOf(connection).append(connection);
}

void StreamHub::bury(Connection& connection) {
  unlist(connection);
  _common.caps.release(connection.flow().peer.address, !connection.isOutgoing());
  if (connection.isOutgoing()) _common.opened.forget(connection.asked(), connection.id());
  _common.open.with([&](auto& ids) { ids.erase(connection.id()); });
  const auto found = _connections.find(connection.id());
  _buried.push_back(std::move(found->second));
  _connections.erase(found);
}

void StreamHub::resumeLater(Connection& connection) {
  _worker.post([self = _self, id = connection.id()] {
    Connection* left = *self ? (*self)->find(id) : nullptr;
    if (left) left->resume();
  });
}

char* StreamHub::reserve(const Flow& flow, size_t octets) {
  _reserved = 0;
  if (PeerNames::isWay(flow.connection)) {
    if (isWebSocket(flow.protocol())) return _common.meters.drop(Drop::gone), nullptr;  // its peers cannot be connected to (RFC 7118)
    if (const auto why = refusalOf(*flow.listener, _common.own, flow.peer)) return _common.meters.drop(*why), nullptr;
  }
  if (octets > LongestMessage) return _common.meters.drop(Drop::tooLong), nullptr;
  _reserved = octets;
  if (_message.size() < octets) _message.resize(octets);
  return _message.data();
}

bool StreamHub::commit(const Flow& flow, size_t octets) {
  if (octets == 0 || octets > _reserved) return false;
  _reserved = 0;
  send(flow, {_message.data(), octets}, Try::first);
  return true;
}

void StreamHub::send(const Flow& flow, std::string_view message, Try attempt) {
  if (!PeerNames::isWay(flow.connection)) return sendBy(flow.connection, flow, message, attempt);
  const uint64_t fresh = freshId();
  const uint64_t id = _common.opened.findOr(flow, fresh);
  if (id == fresh) open(flow, id);
  sendBy(id, flow, message, id == fresh ? Try::again : attempt);
}

void StreamHub::sendBy(uint64_t id, const Flow& flow, std::string_view message, Try attempt) {
  if (id % Runtime::Workers::Most != _worker.index()) return post(id, flow, message, attempt);
  if (Connection* connection = find(id)) return connection->send(message, PeerNames::isWay(flow.connection));
  // it has ended meanwhile: one that leads to a peer can be opened anew
  if (PeerNames::isWay(flow.connection) && attempt == Try::first) return send(flow, message, Try::again);
  lost(flow, message);
}

void StreamHub::post(uint64_t id, const Flow& flow, std::string_view message, Try attempt) {
  if (id % Runtime::Workers::Most >= _common.hubs.size()) return lost(flow, message);
  _parcels.push_back({id, flow, std::string(message), attempt});
}

void StreamHub::handOver() {
  for (auto& parcel : _parcels) {
    StreamHub& other = hubOf(parcel.id);
    other._worker.post([self = other._self, parcel = std::move(parcel)] {
      if (*self) (*self)->sendBy(parcel.id, parcel.flow, parcel.message, parcel.attempt);
    });
  }
  _parcels.clear();
}

void StreamHub::lost(const Flow& flow, std::string_view message) {
  if (!message.starts_with("SIP/")) return tell(flow, ECONNRESET);
  const auto other = !PeerNames::isWay(flow.connection) ? Fallback::of(flow, message) : std::nullopt;
  if (!other || refusalOf(*other->listener, _common.own, other->peer)) return _common.meters.drop(Drop::gone);
  send(*other, message, Try::again);
}

void StreamHub::tell(const Flow& flow, int error) {
  _failures.push_back({flow, error});
  if (_failures.size() > 1) return;  // a task is under way
  _worker.post([self = _self] {
    if (*self) (*self)->tellAll();
  });
}

void StreamHub::tellAll() {
  _telling.clear();
  std::swap(_telling, _failures);
  for (const auto& failure : _telling) _common.receiver->failed(failure.flow, failure.error);
}

void StreamHub::warn(const Connection& connection, std::string_view what, std::string_view why) {
  if (_worker.now() - _warnedAt >= std::chrono::seconds(1)) {
    if (_untold) _common.log.warning("more such lines were left out", {{"lines", std::to_string(_untold)}});
    _warnedAt = _worker.now();
    _warned = _untold = 0;
  }
  if (++_warned > MostWarnings) {
    ++_untold;
    return;
  }
  _common.log.warning(what, {{"why", why}, {"listener", connection.flow().listener->text}, {"peer", connection.flow().peer.toString()}});
}

void StreamHub::report(const Connection& connection, std::string_view what, std::string_view why) const {
  if (!_common.log.enabled(Log::Level::debug)) return;
  _common.log.debug(what, {{"why", why}, {"listener", connection.flow().listener->text}, {"peer", connection.flow().peer.toString()}});
}

}  // namespace Patchbay::Transport
