#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "Acceptor.h"
#include "Connection.h"
#include "HandshakeRate.h"
#include "StreamCommon.h"

namespace Patchbay::Transport {

/// One worker's connections, of all stream listeners. Used by that worker only but for `post`.
class StreamHub : public Runtime::Flusher, public Runtime::Ticker {
 public:
  /// All borrowed things outlive this.
  StreamHub(StreamCommon& common, Runtime::Worker& worker);
  ~StreamHub() override;
  StreamHub(const StreamHub&) = delete;

  /// Registers with the worker, or does so anew: behind all datagrams' sockets, whose output goes first.
  void attach();
  bool isAttached() const { return _attached; }
  void add(std::unique_ptr<Runtime::StreamListener> socket, const Listener& listener);
  /// Takes what waits to be accepted by that listener, and no more. Its connections stay.
  void close(const Listener& listener);
  /// The sockets of one are the other's from now on.
  void rename(const Listener& from, const Listener& to);
  void flush() override;
  std::optional<Runtime::Instant> nextDue() override { return _wheel.nextDue(); }
  void tick(Runtime::Instant now) override;

  /// As Service's.
  char* reserve(const Flow& flow, size_t octets);
  bool commit(const Flow& flow, size_t octets);

  // For acceptors and connections:
  void adopt(const Listener& listener, std::unique_ptr<Runtime::Stream> stream);
  /// Ends the connection that has been silent longest, when one would not be missed.
  bool evict();
  void dirty(Connection& connection) { _dirty.push_back(connection.id()); }
  void moved(Connection& connection);
  void bury(Connection& connection);
  void resumeLater(Connection& connection);
  /// The receiver is told in a later turn.
  void tell(const Flow& flow, int error);
  void report(const Connection& connection, std::string_view what, std::string_view why) const;

  /// A failed handshake is worth a line, as long as there are few.
  void warn(const Connection& connection, std::string_view what, std::string_view why);
  HandshakeRate& handshakes() { return _handshakes; }

  Runtime::Worker& worker() { return _worker; }
  StreamCommon& common() { return _common; }
  Runtime::TimerWheel& wheel() { return _wheel; }
  std::span<char> room() { return {_room.get(), RoomOctets}; }
  std::string& plainRoom() { return _plainRoom; }

 private:
  static constexpr size_t RoomOctets = 64 * 1024;
  /// Connections by last activity.
  struct List {
    Connection *first = nullptr, *last = nullptr;
    void append(Connection& connection);
    void remove(Connection& connection);
  };
  enum class Try : uint8_t { first, again };

  uint64_t freshId() { return (_common.firstId + ++_made) * Runtime::Workers::Most + _worker.index(); }
  StreamHub& hubOf(uint64_t id) { return *_common.hubs[id % Runtime::Workers::Most]; }
  Connection* find(uint64_t id);
  List& listOf(const Connection& connection) { return connection.hasSpoken() ? _spoken : _fresh; }
  void send(const Flow& flow, std::string_view message, Try attempt);
  void sendBy(uint64_t id, const Flow& flow, std::string_view message, Try attempt);
  void handOver();
  void post(uint64_t id, const Flow& flow, std::string_view message, Try attempt);
  void open(const Flow& flow, uint64_t id);
  void add(std::unique_ptr<Connection> connection);
  void unlist(Connection& connection);
  void lost(const Flow& flow, std::string_view message);
  void tellAll();

  StreamCommon& _common;
  Runtime::Worker& _worker;
  Runtime::TimerWheel _wheel;
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> _connections;
  std::vector<std::unique_ptr<Acceptor>> _acceptors;
  std::vector<std::unique_ptr<Connection>> _buried;
  std::vector<uint64_t> _dirty, _flushing;
  List _fresh, _spoken;  ///< those that never sent a message go first
  uint64_t _made = 0;
  const std::unique_ptr<char[]> _room;
  std::string _plainRoom;
  std::vector<char> _message;  ///< what is being written
  size_t _reserved = 0;
  bool _attached = false;
  struct Failure {
    Flow flow;
    int error;
  };
  std::vector<Failure> _failures, _telling;
  /// For connections of other workers: handed over behind this turn's datagrams, so that no reply overtakes a 100 of ours.
  struct Parcel {
    uint64_t id;
    Flow flow;
    std::string message;
    Try attempt;
  };
  std::vector<Parcel> _parcels;
  HandshakeRate _handshakes;
  Runtime::Instant _warnedAt;
  unsigned _warned = 0, _untold = 0;
  /// Posted tasks look here whether the hub is still there.
  std::shared_ptr<StreamHub*> _self;
};

}  // namespace Patchbay::Transport
