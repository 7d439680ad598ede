#include "UdpSocket.h"

#include <utility>

#include "Sendable.h"

namespace Patchbay::Transport {

using Runtime::Endpoint;

namespace {

/// CRLF, CRLFCRLF, nothing, NULs: what keeps a binding in a NAT open (RFC 5626, 3.5.1, and the field's habits). A message begins with a
/// letter.
bool isKeepalive(std::string_view octets) {
  for (const char c : octets)
    if (c != '\r' && c != '\n' && c != '\0') return false;
  return true;
}

/// Of what is under way: a reply, or a request that nothing new begins with.
bool endsSomething(std::string_view octets) {
  for (const std::string_view begin : {"SIP/2.0 ", "ACK ", "BYE ", "CANCEL ", "PRACK "})
    if (octets.starts_with(begin)) return true;
  return false;
}

}  // namespace

UdpSocket::UdpSocket(std::unique_ptr<Runtime::DatagramSocket> socket, const Listener& listener, Runtime::Worker& worker,
                     const Common& common)
    : _socket(std::move(socket)),
      _listener(&listener),
      _worker(worker),
      _common(common),
      _handover(worker, listener, {*common.receiver, common.workers, common.board, *common.meters.handed}),
      _queue(*_socket, common.meters.queues[worker.index() + 1]),
      _self(std::make_shared<UdpSocket*>(this)) {
  _socket->onRefusal(this);
  _worker.add(static_cast<Runtime::Poller&>(*this));
  _worker.add(static_cast<Runtime::Flusher&>(*this));
}

UdpSocket::~UdpSocket() {
  *_self = nullptr;
  _worker.remove(static_cast<Runtime::Poller&>(*this));
  _worker.remove(static_cast<Runtime::Flusher&>(*this));
}

void UdpSocket::become(const Listener& listener) {
  _listener = &listener;
  _handover.become(listener);
}

bool UdpSocket::poll() {
  if (_batch.empty()) receive();
  _handover.note(!_batch.empty());
  if (_batch.empty()) return false;
  while (!_batch.empty()) {
    const auto& datagram = _batch.front();
    _batch = _batch.subspan(1);
    deliver(datagram);
  }
  if (_handover.active()) _handover.send();
  return true;
}

void UdpSocket::receive() {
  _batch = _socket->receive();
  if (_batch.empty()) return _queue.empty();
  _queue.received(_batch, _worker.now());
  uint64_t octets = 0;
  for (const auto& datagram : _batch) octets += datagram.octets.size();
  _common.meters.received->add(_batch.size());
  _common.meters.receivedOctets->add(octets);
}

void UdpSocket::deliver(const Runtime::Datagram& datagram) {
  if (isKeepalive(datagram.octets)) return _common.meters.drop(Drop::keepalive);
  if (_retired && !endsSomething(datagram.octets)) [[unlikely]]
    return _common.meters.drop(Drop::closing);
  // port 0 cannot be answered, our own address would have us talk to ourselves
  if (datagram.source.port == 0 || _common.own.contains(datagram.source, Protocol::udp)) return _common.meters.drop(Drop::source);
  if (_handover.active() && _handover.take(datagram)) return;
  if (datagram.waited >= QueueWatch::Negligible) [[unlikely]]
    return deliverLate(datagram);
  _common.receiver->received(datagram.octets, Flow{_listener, datagram.source, 0});
}

void UdpSocket::deliverLate(const Runtime::Datagram& datagram) {
  _common.meters.late->add();
  _common.receiver->late(datagram.octets, Flow{_listener, datagram.source, 0}, datagram.waited);
}

void UdpSocket::flush() {
  if (_outbox.empty()) return;
  const uint64_t before = _refused;
  const uint64_t count = _outbox.entries().size();
  _socket->send(_outbox);
  _common.meters.sent->add(count - (_refused - before));
  _common.meters.sentOctets->add(std::exchange(_pendingOctets, 0));
}

void UdpSocket::refused(const Endpoint& target, int error) {
  _common.meters.drop(Drop::refused);
  ++_refused;
  tellLater(target, error);
}

/// A storm of them is mostly about few peers; what is left out at its height the timers find.
void UdpSocket::unreachable(const Endpoint& target, int error) {
  _common.meters.unreachable->add();
  const bool again = !_refusals.empty() && _refusals.back().target == target;
  if (!again && _refusals.size() < MostUnreachable) tellLater(target, error);
}

void UdpSocket::tellLater(const Endpoint& target, int error) {
  _refusals.push_back({target, error});
  if (_refusals.size() > 1) return;  // a task is under way
  _worker.post([self = _self] {
    if (*self) (*self)->tellRefusals();
  });
}

void UdpSocket::tellRefusals() {
  _telling.clear();
  std::swap(_telling, _refusals);
  for (const auto& refusal : _telling) _common.receiver->failed(Flow{_listener, refusal.target, 0}, refusal.error);
}

bool UdpSocket::isSendable(const Endpoint& peer) const {
  const auto why = refusalOf(*_listener, _common.own, peer);
  if (why) _common.meters.drop(*why);
  return !why;
}

char* UdpSocket::reserve(const Endpoint& peer, size_t octets) {
  _reserved = 0;
  if (!isSendable(peer)) return nullptr;
  if (octets > Runtime::Outbox::LongestDatagram) {
    _common.meters.drop(Drop::tooLong);
    return nullptr;
  }
  if (!_outbox.hasRoom(octets)) flush();
  _reserved = octets;
  return _outbox.reserve(octets);
}

bool UdpSocket::commit(const Endpoint& peer, size_t octets) {
  if (octets == 0 || octets > _reserved) return false;
  _reserved = 0;
  _pendingOctets += octets;
  _outbox.commit(octets, peer);
  return true;
}

}  // namespace Patchbay::Transport
