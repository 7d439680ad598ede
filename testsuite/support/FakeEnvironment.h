#pragma once

#include <algorithm>
#include <cerrno>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <Poco/Net/NetException.h>

#include "FakeStreams.h"
#include "patchbay/runtime/Environment.h"

namespace Patchbay::Testsuite {

/// Stands still until a test moves it. Starts at an arbitrary instant and at 2026-01-01 00:00:00 UTC.
class FakeClock : public Runtime::Clock {
 public:
  Runtime::Instant now() const override { return _now; }
  Runtime::WallTime wall() const override { return _wall; }
  void move(Runtime::Duration by) {
    _now += by;
    _wall += std::chrono::duration_cast<Runtime::WallTime::duration>(by);
  }

 private:
  Runtime::Instant _now{std::chrono::hours(1000)};
  Runtime::WallTime _wall{std::chrono::seconds(1767225600)};
};

/// A worker on the test's own thread. Nothing runs by itself: see turn() and FakeEnvironment::advance.
class FakeWorker : public Runtime::Worker {
 public:
  /// The first one is the test's own: what the test does, it does there.
  FakeWorker(FakeClock& clock, uint64_t seed, size_t index = 0) : _clock(clock), _random(Runtime::makeSeededRandom(seed)), _index(index) {
    if (index == 0) enter(this);
  }
  ~FakeWorker() override {
    if (_index == 0) enter(nullptr);
  }
  size_t index() const override { return _index; }
  Runtime::Instant now() const override { return _clock.now(); }
  Runtime::WallTime wall() const override { return _clock.wall(); }
  Runtime::Random& random() override { return *_random; }
  void post(Runtime::Task task) override {
    std::lock_guard<std::mutex> lock(_mutex);
    _tasks.push_back(std::move(task));
    ++posts;
  }
  void wakeBy(Runtime::Instant due) override { wokenBy = due; }
  void add(Runtime::Ticker& ticker) override { _tickers.push_back(&ticker); }
  void remove(Runtime::Ticker& ticker) override { std::erase(_tickers, &ticker); }
  void add(Runtime::Poller& poller) override { _pollers.push_back(&poller); }
  void remove(Runtime::Poller& poller) override { std::erase(_pollers, &poller); }
  void add(Runtime::Flusher& flusher) override { _flushers.push_back(&flusher); }
  void remove(Runtime::Flusher& flusher) override { std::erase(_flushers, &flusher); }
  /// Kept, so that a test may call the watcher itself.
  void watch(int descriptor, unsigned, Runtime::Watcher& watcher) override { watched[descriptor] = &watcher; }
  void unwatch(int descriptor) override { watched.erase(descriptor); }

  /// From now on as a fresh worker with that seed.
  void reseed(uint64_t seed) { _random = Runtime::makeSeededRandom(seed); }

  /// Everything that can be done now: tasks, pollers, due tickers, flushers, again until nothing is left.
  void turn() {
    as([this] {
      for (bool any = true; any;) {
        any = runTasks() | poll() | tick();
        flush();
        any |= hasTasks();  // what was sent may have been refused
      }
    });
  }
  /// Does it as if on this worker.
  template <class Work>
  void as(Work&& work) {
    Runtime::Worker* const before = current();
    enter(this);
    work();
    enter(before);
  }
  std::optional<Runtime::Instant> nextDue() {
    std::optional<Runtime::Instant> next;
    for (auto* ticker : _tickers)
      if (const auto due = ticker->nextDue(); due && (!next || *due < *next)) next = due;
    return next;
  }
  std::map<int, Runtime::Watcher*> watched;
  size_t posts = 0;
  std::optional<Runtime::Instant> wokenBy;

 private:
  bool runTasks() {
    bool any = false;
    for (Runtime::Task task = take(); task; task = take(), any = true) task();
    return any;
  }
  Runtime::Task take() {
    std::lock_guard<std::mutex> lock(_mutex);
    if (_tasks.empty()) return {};
    Runtime::Task task = std::move(_tasks.front());
    _tasks.pop_front();
    return task;
  }
  bool hasTasks() {
    std::lock_guard<std::mutex> lock(_mutex);
    return !_tasks.empty();
  }
  bool poll() {
    bool any = false;
    for (size_t i = 0; i < _pollers.size(); ++i) any |= _pollers[i]->poll();
    return any;
  }
  bool tick() {
    bool any = false;
    for (size_t i = 0; i < _tickers.size(); ++i) {
      const auto due = _tickers[i]->nextDue();
      if (!due || *due > now()) continue;
      _tickers[i]->tick(now());
      any = true;
    }
    return any;
  }
  void flush() {
    for (size_t i = 0; i < _flushers.size(); ++i) _flushers[i]->flush();
  }

  FakeClock& _clock;
  std::unique_ptr<Runtime::Random> _random;
  const size_t _index;
  std::mutex _mutex;
  std::deque<Runtime::Task> _tasks;
  std::vector<Runtime::Ticker*> _tickers;
  std::vector<Runtime::Poller*> _pollers;
  std::vector<Runtime::Flusher*> _flushers;
};

/// A first worker, and as many more as are wanted.
class FakeWorkers : public Runtime::Workers {
 public:
  FakeWorkers(FakeClock& clock, FakeWorker& first, size_t count) : _first(first) {
    for (size_t i = 1; i < count; ++i) _others.push_back(std::make_unique<FakeWorker>(clock, i + 1, i));
  }
  size_t count() const override { return 1 + _others.size(); }
  FakeWorker& at(size_t index) override { return index == 0 ? _first : *_others.at(index - 1); }

 private:
  FakeWorker& _first;
  std::vector<std::unique_ptr<FakeWorker>> _others;
};

/// Runs its jobs in line; or keeps them until the test runs them.
class FakePool : public Runtime::BlockingPool {
 public:
  void submit(Runtime::Task job) override {
    if (_stopped) return;
    ++submitted;
    _jobs.push_back(std::move(job));
    if (inLine) run();
  }
  void stop() override { _stopped = true; }
  void run() {
    while (!_jobs.empty()) {
      Runtime::Task job = std::move(_jobs.front());
      _jobs.pop_front();
      job();
    }
  }
  bool inLine = true;
  size_t submitted = 0;

 private:
  std::deque<Runtime::Task> _jobs;
  bool _stopped = false;
};

/// Sockets in memory. What the server sends to an address that no socket has is kept in `sent`; `inject` is what comes in.
class FakeNetwork : public Runtime::Network {
 public:
  struct Packet {
    Runtime::Endpoint from, to;
    std::string octets;
    bool stream = false;
    Runtime::Duration waited{};
  };
  std::vector<Packet> sent;
  /// bind throws for these.
  std::vector<Runtime::Endpoint> taken;
  /// What is sent there comes back at once: ICMP says that nobody has the port.
  std::vector<Runtime::Endpoint> closed;

  std::unique_ptr<Runtime::DatagramSocket> bind(const Runtime::Endpoint& local, bool shared) override {
    Runtime::Endpoint bound = local;
    if (bound.port == 0) bound.port = _nextPort++;
    const bool busy = std::find(taken.begin(), taken.end(), bound) != taken.end() || (_sockets.count(bound) && !shared);
    if (busy) throw Poco::Net::NetException("cannot bind " + bound.toString(), "Address already in use");
    return std::make_unique<Socket>(*this, bound);
  }
  /// Its connections.
  FakeStreams streams;
  std::unique_ptr<Runtime::StreamListener> listen(const Runtime::Endpoint& local, bool) override { return streams.listen(local); }
  std::unique_ptr<Runtime::Stream> connect(const Runtime::IpAddress& local, const Runtime::Endpoint& peer, int& error) override {
    return streams.connect(local, peer, error);
  }
  /// A datagram for a bound address (or for the wildcard with its port); false when there is no such socket.
  bool inject(const Runtime::Endpoint& from, const Runtime::Endpoint& to, std::string octets, Runtime::Duration waited = {}) {
    auto found = _sockets.find(to);
    if (found == _sockets.end())
      found = std::find_if(_sockets.begin(), _sockets.end(),
                           [&](const auto& entry) { return entry.first.port == to.port && entry.first.address.isWildcard(); });
    if (found == _sockets.end()) return false;
    found->second->waiting.push_back({from, to, std::move(octets), false, waited});
    return true;
  }

 private:
  struct Socket : Runtime::DatagramSocket {
    Socket(FakeNetwork& network, const Runtime::Endpoint& local) : network(network), bound(local) { network._sockets[bound] = this; }
    ~Socket() override { network._sockets.erase(bound); }
    const Runtime::Endpoint& local() const override { return bound; }
    int descriptor() const override { return -1; }
    std::span<const Runtime::Datagram> receive() override {
      batch.swap(waiting);
      waiting.clear();
      datagrams.clear();
      for (const auto& packet : batch) datagrams.push_back({packet.octets, packet.from, packet.waited});
      return datagrams;
    }
    void send(Runtime::Outbox& outbox) override {
      for (const auto& entry : outbox.entries()) {
        std::string octets(outbox.octetsOf(entry));
        if (std::find(network.closed.begin(), network.closed.end(), entry.target) != network.closed.end())
          tellUnreachable(entry.target, ECONNREFUSED);
        if (!network._sockets.count(entry.target) || !network.inject(bound, entry.target, octets))
          network.sent.push_back({bound, entry.target, std::move(octets), false, {}});
      }
      outbox.clear();
    }
    FakeNetwork& network;
    Runtime::Endpoint bound;
    std::vector<Packet> waiting, batch;
    std::vector<Runtime::Datagram> datagrams;
  };
  std::map<Runtime::Endpoint, Socket*> _sockets;
  uint16_t _nextPort = 40000;
};

/// Time, workers, pool, network, randomness and metrics of a test: all on its thread.
class FakeEnvironment {
 public:
  explicit FakeEnvironment(uint64_t seed = 1, size_t workerCount = 1)
      : worker(clock, seed), workers(clock, worker, workerCount), _random(Runtime::makeSeededRandom(seed + 1)) {}
  operator Runtime::Environment&() { return _environment; }
  Runtime::Environment& get() { return _environment; }
  /// Lets time pass: every ticker runs at the moment when it is due.
  void advance(Runtime::Duration by) {
    const Runtime::Instant end = clock.now() + by;
    turn();
    for (auto due = nextDue(); due && *due <= end; due = nextDue()) {
      if (*due > clock.now()) clock.move(*due - clock.now());
      turn();
    }
    clock.move(end - clock.now());
    turn();
  }
  void turn() {
    for (size_t i = 0; i < workers.count(); ++i) workers.at(i).turn();
  }
  /// As in a new process. Nobody may hold a counter any more.
  void forgetMetrics() {
    std::destroy_at(&metrics);
    std::construct_at(&metrics);
  }

  FakeClock clock;
  FakeWorker worker;
  FakeWorkers workers;
  FakePool pool;
  FakeNetwork network;
  Runtime::Metrics metrics;

 private:
  std::optional<Runtime::Instant> nextDue() {
    std::optional<Runtime::Instant> next;
    for (size_t i = 0; i < workers.count(); ++i)
      if (const auto due = workers.at(i).nextDue(); due && (!next || *due < *next)) next = due;
    return next;
  }
  std::unique_ptr<Runtime::Random> _random;
  Runtime::Environment _environment{clock, workers, pool, network, metrics, *_random};
};

}  // namespace Patchbay::Testsuite
