#pragma once

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <Poco/Net/NetException.h>

#include "patchbay/runtime/Datagram.h"

namespace Patchbay::Testsuite {

/// Connections in memory: the test is every peer. It connects to the server's listeners, sends chunk by chunk as it likes, and sees what
/// the server wrote; a peer that the server connects to accepts, refuses, or never answers.
class FakeStreams {
 public:
  /// The peer's side of one connection.
  class Peer {
   public:
    /// Arrives at the server as one piece, with the next turn.
    void send(std::string octets) {
      if (!octets.empty()) _arrived.push_back(std::move(octets));
    }
    void endSending() { _ended = true; }
    void reset(int error = ECONNRESET) { _error = error; }
    /// What the server has written since the last call.
    std::string take() { return std::exchange(_written, {}); }
    /// Whether the server has ended its side, or closed all.
    bool isEnded() const { return _serverEnded || _closed; }
    bool isClosed() const { return _closed; }
    /// How much the server may write before it has to wait.
    size_t window = SIZE_MAX;
    const Runtime::Endpoint& local() const { return _peer; }
    const Runtime::Endpoint& server() const { return _server; }
    bool wasConnected() const { return _outgoing; }  ///< the server did it

   private:
    friend class FakeStreams;
    Runtime::Endpoint _peer, _server;
    std::vector<std::string> _arrived;
    std::string _written;
    bool _ended = false, _serverEnded = false, _closed = false, _outgoing = false, _established = true;
    int _error = 0;
  };
  using PeerPointer = std::shared_ptr<Peer>;

  /// What an attempt of the server to connect finds; unset: it accepts.
  enum class Answer { accepts, refuses, silent };
  std::map<Runtime::Endpoint, Answer> answers;
  /// What the server's next accepts fail with, and no connection is taken.
  std::vector<int> acceptErrors;
  /// Connections that the server has opened, in order.
  std::vector<PeerPointer> opened;

  /// Null when the server does not listen there.
  PeerPointer connect(const Runtime::Endpoint& from, const Runtime::Endpoint& to) {
    const auto found = _listeners.find(to);
    if (found == _listeners.end()) return nullptr;
    auto peer = std::make_shared<Peer>();
    peer->_peer = from;
    peer->_server = to;
    found->second->waiting.push_back(peer);
    return peer;
  }
  size_t waitingAt(const Runtime::Endpoint& listener) const { return _listeners.at(listener)->waiting.size(); }

  std::unique_ptr<Runtime::StreamListener> listen(const Runtime::Endpoint& local) {
    Runtime::Endpoint bound = local;
    if (bound.port == 0) bound.port = _nextPort++;
    if (_listeners.count(bound)) throw Poco::Net::NetException("cannot bind " + bound.toString(), "Address already in use");
    return std::make_unique<Listener>(*this, bound);
  }
  std::unique_ptr<Runtime::Stream> connect(const Runtime::IpAddress& local, const Runtime::Endpoint& to, int& error) {
    error = 0;
    const auto answer = answers.count(to) ? answers.at(to) : Answer::accepts;
    auto peer = std::make_shared<Peer>();
    peer->_peer = to;
    peer->_server = {local, _nextPort++};
    peer->_outgoing = true;
    peer->_established = answer != Answer::silent;
    if (answer == Answer::refuses) peer->_error = ECONNREFUSED;
    opened.push_back(peer);
    return std::make_unique<End>(*this, peer);
  }

 private:
  /// Tells watchers, as an event loop does. There is one for each worker that has something to watch.
  struct Pump : Runtime::Poller {
    explicit Pump(FakeStreams& streams) : streams(streams) {}
    FakeStreams& streams;
    bool poll() override { return streams.tellWatchers(); }
    int descriptor() const override { return -1; }
  };
  struct Watch {
    virtual ~Watch() = default;
    virtual unsigned state() const = 0;
    Runtime::Watcher* watcher = nullptr;
    unsigned events = 0;
    uint64_t number = 0;
  };

  struct End : Runtime::Stream, Watch {
    End(FakeStreams& streams, PeerPointer other) : streams(streams), other(std::move(other)) {}
    ~End() override {
      other->_closed = true;
      streams._watches.erase(number);
    }
    const Runtime::Endpoint& local() const override { return other->_server; }
    const Runtime::Endpoint& peer() const override { return other->_peer; }
    Runtime::Transfer receive(std::span<char> room) override {
      if (other->_error) return {Runtime::Transfer::State::failed, 0, other->_error};
      if (other->_arrived.empty()) return {other->_ended ? Runtime::Transfer::State::ended : Runtime::Transfer::State::later, 0, 0};
      std::string& first = other->_arrived.front();
      const size_t taken = first.copy(room.data(), room.size());
      first.erase(0, taken);
      if (first.empty()) other->_arrived.erase(other->_arrived.begin());
      return {Runtime::Transfer::State::moved, taken, 0};
    }
    Runtime::Transfer send(std::string_view octets) override {
      if (other->_error) return {Runtime::Transfer::State::failed, 0, other->_error == ECONNRESET ? EPIPE : other->_error};
      const size_t taken = std::min(octets.size(), other->window);
      if (taken == 0) return {};
      if (other->window != SIZE_MAX) other->window -= taken;
      other->_written.append(octets.substr(0, taken));
      return {Runtime::Transfer::State::moved, taken, 0};
    }
    int connectError() override { return other->_error; }
    void endSending() override { other->_serverEnded = true; }
    void watch(Runtime::Worker& worker, unsigned wanted, Runtime::Watcher& told) override { streams.watch(*this, worker, wanted, told); }
    unsigned state() const override {
      if (!other->_established) return 0;
      if (other->_error) return Runtime::Worker::readable | Runtime::Worker::writable;
      return (other->_arrived.empty() && !other->_ended ? 0u : unsigned{Runtime::Worker::readable}) |
             (other->window == 0 ? 0u : unsigned{Runtime::Worker::writable});
    }
    FakeStreams& streams;
    PeerPointer other;
  };

  struct Listener : Runtime::StreamListener, Watch {
    Listener(FakeStreams& streams, const Runtime::Endpoint& bound) : streams(streams), bound(bound) { streams._listeners[bound] = this; }
    ~Listener() override {
      streams._watches.erase(number);
      streams._listeners.erase(bound);
    }
    const Runtime::Endpoint& local() const override { return bound; }
    std::unique_ptr<Runtime::Stream> accept(int& error) override {
      error = 0;
      if (waiting.empty()) return nullptr;
      if (!streams.acceptErrors.empty()) {
        error = streams.acceptErrors.front();
        streams.acceptErrors.erase(streams.acceptErrors.begin());
        return nullptr;
      }
      auto peer = waiting.front();
      waiting.erase(waiting.begin());
      return std::make_unique<End>(streams, std::move(peer));
    }
    void watch(Runtime::Worker& worker, unsigned wanted, Runtime::Watcher& told) override { streams.watch(*this, worker, wanted, told); }
    unsigned state() const override { return waiting.empty() ? 0u : unsigned{Runtime::Worker::readable}; }
    FakeStreams& streams;
    Runtime::Endpoint bound;
    std::vector<PeerPointer> waiting;
  };

  void watch(Watch& watch, Runtime::Worker& worker, unsigned events, Runtime::Watcher& watcher) {
    if (!_pumps.count(&worker)) worker.add(*_pumps.emplace(&worker, std::make_unique<Pump>(*this)).first->second);
    watch.watcher = &watcher;
    watch.events = events;
    if (watch.number == 0) watch.number = ++_lastNumber;
    if (events)
      _watches[watch.number] = &watch;
    else
      _watches.erase(watch.number);
  }
  bool tellWatchers() {
    bool any = false;
    const auto all = _watches;
    for (const auto& [number, one] : all) {
      if (!_watches.count(number)) continue;  // gone meanwhile
      const unsigned now = one->state() & one->events;
      if (!now) continue;
      any = true;
      one->watcher->ready(now);
    }
    return any;
  }

  std::map<uint64_t, Watch*> _watches;  // in the order in which they were made, so that a run is the same each time
  std::map<Runtime::Endpoint, Listener*> _listeners;
  std::map<Runtime::Worker*, std::unique_ptr<Pump>> _pumps;
  uint64_t _lastNumber = 0;
  uint16_t _nextPort = 50000;
};

}  // namespace Patchbay::Testsuite
