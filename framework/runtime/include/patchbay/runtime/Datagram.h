#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/Stream.h"

namespace Patchbay::Runtime {

/// One received datagram; the octets stay valid until the next `receive` on the same socket.
struct Datagram {
  std::string_view octets;
  Endpoint source;
  Duration waited{};  ///< in the receive queue; 0 when the socket does not stamp
};

/// Datagrams collected for one socket and sent together: one memory block, no allocation in the steady state. One worker's own.
/// Datagrams to one peer keep their order. Full means it is sent at once by its socket's owner.
class PATCHBAY_API Outbox {
 public:
  static constexpr size_t MostDatagrams = 64;
  static constexpr size_t LongestDatagram = 65507;

  struct Entry {
    uint32_t offset = 0;
    uint32_t length = 0;
    Endpoint target;
  };

  explicit Outbox(size_t octets = 512 * 1024);
  /// Whether a datagram of that length still goes in; flush the outbox first when not.
  bool hasRoom(size_t length) const { return _entries.size() < MostDatagrams && _used + length <= _octets.size(); }
  /// Room to write a datagram of at most `length` octets into; hasRoom(length) must hold. Valid until the next call.
  char* reserve([[maybe_unused]] size_t length) { return _octets.data() + _used; }
  /// Takes the first `length` octets written to the reserved room as a datagram for `target`.
  void commit(size_t length, const Endpoint& target);
  bool empty() const { return _entries.empty(); }
  std::span<const Entry> entries() const { return _entries; }
  std::string_view octetsOf(const Entry& entry) const { return {_octets.data() + entry.offset, entry.length}; }
  void clear();

 private:
  std::vector<char> _octets;
  std::vector<Entry> _entries;
  size_t _used = 0;
};

/// A bound datagram socket that never blocks; used by one worker.
class PATCHBAY_API DatagramSocket {
 public:
  virtual ~DatagramSocket() = default;
  /// The bound address, with the port that the system chose for port 0.
  virtual const Endpoint& local() const = 0;
  /// To wait on; -1 in the virtual world.
  virtual int descriptor() const = 0;
  /// What has arrived, at most one batch; empty when nothing has. No allocation.
  virtual std::span<const Datagram> receive() = 0;
  static constexpr size_t MostInBatch = 32;
  /// From now on `receive` tells how long each datagram has waited, or no longer does. Costs an eighth of a call's time, so it is for times
  /// of load. What is in the queue already counts as just arrived. False: this socket cannot.
  virtual bool stamp(bool on) {
    (void)on;
    return false;
  }
  /// How much memory the datagrams take that wait to be received, in octets with the system's own overhead; 0 when the system does not
  /// tell. A system call.
  virtual size_t backlog() const { return 0; }
  /// Sends everything and clears the outbox. What the system refuses is lost as on any network, counted, and told to `refused` when set.
  virtual void send(Outbox& outbox) = 0;

  /// Told of datagrams that do not arrive.
  class Refusals {
   public:
    virtual ~Refusals() = default;
    /// It could not be sent.
    virtual void refused(const Endpoint& target, int error) = 0;
    /// One that was sent has come back: an ICMP message says that host, network, port or protocol cannot be reached, or that the datagram
    /// was no good (RFC 3261, 18.4). Anybody who knows both addresses can forge one. Told from within `receive` and `send`, where the
    /// system tells them at all.
    virtual void unreachable(const Endpoint& target, int error) {
      (void)target;
      (void)error;
    }
  };
  void onRefusal(Refusals* refusals) { _refusals = refusals; }
  /// How many datagrams could not be sent. From any thread.
  uint64_t lost() const { return _lost.load(std::memory_order_relaxed); }

 protected:
  /// Counts and tells a datagram that could not be sent; `error` is an errno.
  void lose(const Endpoint& target, int error) {
    _lost.store(_lost.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (_refusals) _refusals->refused(target, error);
  }
  /// Tells what an ICMP message has said of an earlier one.
  void tellUnreachable(const Endpoint& target, int error) {
    if (_refusals) _refusals->unreachable(target, error);
  }

 private:
  Refusals* _refusals = nullptr;
  std::atomic<uint64_t> _lost{0};
};

/// How the machine's sockets move datagrams.
struct DatagramOptions {
  bool batched = true;          ///< recvmmsg and sendmmsg; false is the portable twin: a call a datagram
  bool segmented = true;        ///< UDP_SEGMENT for runs of one size to one peer; switched off by itself when the system refuses it
  int receiveBuffer = 8 << 20;  ///< octets asked for; the system may give less
  int sendBuffer = 8 << 20;
};

/// Where sockets come from: the machine, or a test's virtual network.
class PATCHBAY_API Network {
 public:
  virtual ~Network() = default;
  /// Throws a Poco::IOException whose text names the address and the reason. With `shared`, several workers
  /// bind the same address (SO_REUSEPORT) and the system spreads the peers over them.
  virtual std::unique_ptr<DatagramSocket> bind(const Endpoint& local, bool shared) = 0;
  /// As `bind`, for connections; with `shared`, the system spreads them over the workers' listeners. A network without streams throws.
  virtual std::unique_ptr<StreamListener> listen(const Endpoint& local, bool shared);
  /// Begins to connect, from that address (a wildcard: the system chooses; the port is always the system's choice). Null, with the errno,
  /// when that fails at once.
  virtual std::unique_ptr<Stream> connect(const IpAddress& local, const Endpoint& peer, int& error);
  /// How the sockets bound from now on move datagrams; a network that has no such choice takes no notice.
  virtual void use(const DatagramOptions& options) { (void)options; }
};

PATCHBAY_API std::unique_ptr<Network> makeSystemNetwork(const DatagramOptions& options = {});

}  // namespace Patchbay::Runtime
