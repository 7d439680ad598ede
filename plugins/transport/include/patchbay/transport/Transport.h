#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "patchbay/log/Api.h"
#include "patchbay/parser/Message.h"
#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Transport {

enum class Protocol : uint8_t { udp, tcp, tls, ws, wss };
/// "UDP", as Via has it; `nameOf` in lower case, as URIs have it.
PATCHBAY_API std::string_view viaNameOf(Protocol protocol);
PATCHBAY_API std::string_view nameOf(Protocol protocol);
/// Without regard to case; none for what we do not know.
PATCHBAY_API std::optional<Protocol> protocolOf(std::string_view name);
constexpr bool isReliable(Protocol protocol) {
  return protocol != Protocol::udp;
}

/// Where we listen; immutable once its sockets are bound, and never freed as long as the server lives: flows, transactions and contacts may
/// point to one that a reload has taken away. One that comes back is the same object.
struct PATCHBAY_API Listener {
  uint16_t id = 0;
  Protocol protocol = Protocol::udp;
  Runtime::Endpoint local;  ///< with the port that the system chose for port 0
  std::string host;         ///< what we say of ourselves: the advertised host or the address, IPv6 in brackets
  uint16_t port = 0;        ///< advertised
  std::string hostPort;     ///< "127.0.0.1:5060"
  std::string viaPrefix;    ///< "SIP/2.0/UDP 127.0.0.1:5060;branch="
  std::string text;         ///< "udp:127.0.0.1:5060", for people
};

/// Listeners, in the order of the configuration. Good as long as the server lives; a later change is seen by who asks anew.
class ListenerList {
 public:
  class Iterator {
   public:
    explicit Iterator(const Listener* const* at) : _at(at) {}
    const Listener& operator*() const { return **_at; }
    Iterator& operator++() {
      ++_at;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Listener* const* _at;
  };
  ListenerList() = default;
  explicit ListenerList(std::span<const Listener* const> all) : _all(all) {}
  Iterator begin() const { return Iterator(_all.data()); }
  Iterator end() const { return Iterator(_all.data() + _all.size()); }
  size_t size() const { return _all.size(); }
  bool empty() const { return _all.empty(); }
  const Listener& operator[](size_t index) const { return *_all[index]; }
  const Listener& front() const { return *_all.front(); }

 private:
  std::span<const Listener* const> _all;
};

/// One way to a peer: the listener it came in by (or goes out by), the peer's address, and the connection when there is one. A value; cheap
/// to copy.
struct Flow {
  const Listener* listener = nullptr;
  Runtime::Endpoint peer;
  /// The number of a connection, never used again for another one. 0: none (UDP), or whichever we open to the peer. What Service::wayTo
  /// gives: one that we open to the peer, who has to prove that name.
  uint64_t connection = 0;

  explicit operator bool() const { return listener != nullptr; }
  Protocol protocol() const { return listener->protocol; }
  /// Whether it names a connection that there is or was.
  bool isConnection() const { return connection != 0 && connection >> 63 == 0; }
  friend bool operator==(const Flow&, const Flow&) = default;
};

/// Takes what arrives; one for the whole server (core). Called on workers; the octets are valid during the call only.
class PATCHBAY_API Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void received(std::string_view octets, const Flow& flow) = 0;
  /// In place of `received`, for a message known to have waited for so long (10 ms or more) before it was read; known only under load.
  virtual void late(std::string_view octets, const Flow& flow, Runtime::Duration waited) {
    (void)waited;
    received(octets, flow);
  }
  /// The readable beginning of a message that no framing can be found for (a stream's; B03): the connection ends behind it, and behind what
  /// is answered here.
  virtual void malformed(std::string_view octets, const Flow& flow, Parser::Fault fault) {
    (void)octets;
    (void)flow;
    (void)fault;
  }
  /// Something sent earlier to this peer cannot be delivered (refused by the system, connection lost, or an ICMP message says so, which can
  /// be forged). On a worker.
  virtual void failed(const Flow& flow, int error) = 0;
};

/// Messages in and out. Workers only, but for `listeners`.
class PATCHBAY_API Service {
 public:
  virtual ~Service() = default;
  /// Before listening; once.
  virtual void attach(Receiver& receiver) = 0;
  /// Those that are open: a reload may take away and add some, and who has worked something out of them does it again in his `commit`.
  /// From any thread; one load.
  virtual ListenerList listeners() const = 0;
  /// The listener for sending to that address by that protocol: `preferred` when it is open and fits (protocol and family), else the first
  /// that does, else null.
  virtual const Listener* listenerFor(Protocol protocol, const Runtime::IpAddress& target, const Listener* preferred) const = 0;
  /// The same for what nobody has chosen a listener: of several that fit the one that the machine's routes to `target` leave from, on a
  /// worker. When they do not say: `received`, by which the request came, as `preferred` above.
  virtual const Listener* routeTo(Protocol protocol, const Runtime::IpAddress& target, const Listener* received) const {
    return listenerFor(protocol, target, received);
  }
  /// Whether one of our listeners has this address and port (wildcard listeners: any of the machine's addresses), by what it binds or
  /// advertises.
  virtual bool isOurs(const Runtime::Endpoint& endpoint) const = 0;

  /// What stands in Flow::connection for a connection to be opened to `host` (of the URI, before DNS: RFC 5922): with TLS the peer must
  /// prove that name, or nothing is sent. 0: there can be no more names.
  virtual uint64_t wayTo(std::string_view host) {
    (void)host;
    return 0;
  }
  /// The connection with that number; an empty flow when it is no more.
  virtual Flow flowOf(uint64_t connection) const {
    (void)connection;
    return {};
  }

  /// Room to write one message of at most `octets` octets into, in the worker's output for this flow; null when too long for the flow
  /// (65,507 for UDP, 65,535 for others) or the flow cannot be sent to (port 0, wildcard or multicast address, own listener). Then
  /// `commit`, before the next `reserve`.
  virtual char* reserve(const Flow& flow, size_t octets) = 0;
  /// Sends the first `octets` octets at the end of this turn, together with all else. False: it will not be sent. On a stream a missing
  /// Content-Length is put in. Without `connection` it goes by the connection that we have to this peer, or one that is opened now; a reply
  /// to a connection that is gone goes to where its Via says (RFC 3261, 18.2.2), a request is told to `failed` with the flow as it was
  /// given.
  virtual bool commit(const Flow& flow, size_t octets) = 0;
  /// reserve, copy, commit.
  bool send(const Flow& flow, std::string_view message);
};

}  // namespace Patchbay::Transport
