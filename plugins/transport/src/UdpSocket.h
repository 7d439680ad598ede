#pragma once

#include <memory>
#include <span>
#include <vector>

#include "Handover.h"
#include "Meters.h"
#include "OwnAddresses.h"
#include "QueueWatch.h"
#include "patchbay/runtime/Datagram.h"
#include "patchbay/runtime/Worker.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// One listener's share on one worker: its socket and what waits to be sent. Used by that worker only.
class UdpSocket : public Runtime::Poller, public Runtime::Flusher, public Runtime::DatagramSocket::Refusals {
 public:
  /// What all sockets of the server share.
  struct Common {
    Receiver* receiver;
    const OwnAddresses& own;
    const Meters& meters;
    Runtime::Workers& workers;
    LoadBoard& board;
  };

  /// Registers with the worker; all borrowed things outlive this.
  UdpSocket(std::unique_ptr<Runtime::DatagramSocket> socket, const Listener& listener, Runtime::Worker& worker, const Common& common);
  ~UdpSocket() override;
  UdpSocket(const UdpSocket&) = delete;

  /// Hands one batch to the receiver, in order.
  bool poll() override;
  int descriptor() const override { return _socket->descriptor(); }
  void flush() override;
  void refused(const Runtime::Endpoint& target, int error) override;
  /// What arrives from now on arrives by this listener: the same address with another name.
  void become(const Listener& listener);
  const Listener& listener() const { return *_listener; }
  /// Its listener is no longer configured: of what arrives only replies and requests that end something are handed on, so that what is
  /// under way ends well. `false`: it is configured again.
  void retire(bool retired) { _retired = retired; }
  void unreachable(const Runtime::Endpoint& target, int error) override;

  /// Null when the peer must not be sent to; counted.
  char* reserve(const Runtime::Endpoint& peer, size_t octets);
  bool commit(const Runtime::Endpoint& peer, size_t octets);

 private:
  /// In a turn.
  static constexpr size_t MostUnreachable = 256;
  struct Refusal {
    Runtime::Endpoint target;
    int error;
  };
  void receive();
  void deliverLate(const Runtime::Datagram& datagram);
  void deliver(const Runtime::Datagram& datagram);
  bool isSendable(const Runtime::Endpoint& peer) const;
  void tellLater(const Runtime::Endpoint& target, int error);
  void tellRefusals();

  std::unique_ptr<Runtime::DatagramSocket> _socket;
  const Listener* _listener;
  Runtime::Worker& _worker;
  Common _common;
  Handover _handover;
  QueueWatch _queue;
  std::span<const Runtime::Datagram> _batch;  ///< not handed over yet; between polls only after an exception
  Runtime::Outbox _outbox;
  bool _retired = false;
  size_t _reserved = 0;
  uint64_t _pendingOctets = 0;
  uint64_t _refused = 0;  ///< datagrams, ever
  std::vector<Refusal> _refusals, _telling;
  /// Posted tasks look here whether the socket is still there.
  std::shared_ptr<UdpSocket*> _self;
};

}  // namespace Patchbay::Transport
