#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include <Poco/Exception.h>

#include "patchbay/runtime/Environment.h"

namespace Patchbay::Testsuite {

class TestClock : public Runtime::Clock {
 public:
  Runtime::Instant now() const override { return _now; }
  Runtime::WallTime wall() const override { return _wall; }
  void advance(Runtime::Duration by) {
    _now += by;
    _wall += std::chrono::duration_cast<Runtime::WallTime::duration>(by);
  }

 private:
  Runtime::Instant _now{std::chrono::hours(1)};
  Runtime::WallTime _wall{std::chrono::seconds(1790000000)};
};

/// A worker that works when told to, on the test's thread.
class TestWorker : public Runtime::Worker {
 public:
  TestWorker(size_t index, const Runtime::Clock& clock) : _index(index), _clock(clock), _random(Runtime::makeSeededRandom(index + 1)) {}
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
  void add(Runtime::Poller&) override {}
  void remove(Runtime::Poller&) override {}
  void add(Runtime::Flusher&) override {}
  void remove(Runtime::Flusher&) override {}
  void watch(int, unsigned, Runtime::Watcher&) override {}
  void unwatch(int) override {}

  /// Everything posted so far and by what runs, then the tickers that are due; how many tasks ran.
  size_t turn() {
    size_t count = 0;
    as([&] {
      while (auto task = next()) {
        (*task)();
        ++count;
      }
      for (auto* ticker : std::vector<Runtime::Ticker*>(_tickers))
        if (const auto due = ticker->nextDue(); due && *due <= now()) ticker->tick(now());
    });
    return count;
  }
  /// Runs `work` as if on this worker.
  template <class F>
  void as(F&& work) {
    Runtime::Worker* before = current();
    enter(this);
    work();
    enter(before);
  }
  size_t posts = 0;
  std::optional<Runtime::Instant> wokenBy;

 private:
  std::optional<Runtime::Task> next() {
    std::lock_guard<std::mutex> lock(_mutex);
    if (_tasks.empty()) return {};
    std::optional<Runtime::Task> task(std::move(_tasks.front()));
    _tasks.pop_front();
    return task;
  }
  size_t _index;
  const Runtime::Clock& _clock;
  std::unique_ptr<Runtime::Random> _random;
  std::mutex _mutex;
  std::deque<Runtime::Task> _tasks;
  std::vector<Runtime::Ticker*> _tickers;
};

class TestWorkers : public Runtime::Workers {
 public:
  TestWorkers(size_t count, const Runtime::Clock& clock) {
    for (size_t i = 0; i < count; ++i) _workers.push_back(std::make_unique<TestWorker>(i, clock));
  }
  size_t count() const override { return _workers.size(); }
  TestWorker& at(size_t index) override { return *_workers[index]; }

 private:
  std::vector<std::unique_ptr<TestWorker>> _workers;
};

/// Keeps its jobs until the test runs them; or runs them in line.
class TestPool : public Runtime::BlockingPool {
 public:
  void submit(Runtime::Task job) override {
    ++submitted;
    if (inLine)
      job();
    else
      _jobs.push_back(std::move(job));
  }
  void stop() override {}
  void run() {
    while (!_jobs.empty()) {
      Runtime::Task job = std::move(_jobs.front());
      _jobs.pop_front();
      job();
    }
  }
  bool inLine = false;
  size_t submitted = 0;

 private:
  std::deque<Runtime::Task> _jobs;
};

class NoNetwork : public Runtime::Network {
 public:
  std::unique_ptr<Runtime::DatagramSocket> bind(const Runtime::Endpoint&, bool) override {
    throw Poco::NotImplementedException("no network here");
  }
};

/// All of an environment, under the test's thumb.
struct TestEnvironment {
  explicit TestEnvironment(size_t workerCount = 2) : workers(workerCount, clock) {}
  TestClock clock;
  TestWorkers workers;
  TestPool pool;
  NoNetwork network;
  Runtime::Metrics metrics;
  std::unique_ptr<Runtime::Random> random = Runtime::makeSeededRandom(1);
  Runtime::Environment environment{clock, workers, pool, network, metrics, *random};

  void turn() {
    for (size_t i = 0; i < workers.count(); ++i) workers.at(i).turn();
  }
  double counter(const std::string& name) const {
    for (const auto& family : metrics.read())
      if (family.name == name) return family.samples.at(0).value;
    return -1;
  }
};

}  // namespace Patchbay::Testsuite
