#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "GiveBack.h"
#include "Readiness.h"
#include "Registered.h"
#include "TurnMeter.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

/// A worker on a thread of its own.
///
/// Falling asleep meets wake-ups so: the loop first says that it sleeps (`_sleeping`), then looks once more for work; others first leave
/// their work (`_posted`, `_wakeAt`), then look whether it sleeps. All four are sequentially consistent, so one of the two sees the other.
class Loop : public Worker {
 public:
  Loop(size_t index, const Clock& clock, std::unique_ptr<Readiness> readiness);

  size_t index() const override { return _index; }
  Instant now() const override { return _now; }
  WallTime wall() const override;
  Random& random() override { return *_random; }

  void post(Task task) override;
  void wakeBy(Instant due) override;

  void add(Ticker& ticker) override;
  void remove(Ticker& ticker) override { _tickers.remove(ticker); }
  void add(Poller& poller) override;
  void remove(Poller& poller) override;
  void add(Flusher& flusher) override { _flushers.add(flusher); }
  void remove(Flusher& flusher) override { _flushers.remove(flusher); }
  void watch(int descriptor, unsigned events, Watcher& watcher) override;
  void unwatch(int descriptor) override;

  /// Of its turns. Before `run`.
  void publish(Metrics& metrics) { _meter.publish(metrics, _index); }
  /// Until `stop`.
  void run();
  /// From any thread.
  void stop();

 private:
  void turn();
  std::span<const Readiness::Ready> look();
  Duration fallAsleep();
  bool dispatch(std::span<const Readiness::Ready> ready);
  bool runTasks();
  bool pollAll();
  bool tick();
  void finish(bool busy);
  void wake();

  const size_t _index;
  const Clock& _clock;
  const std::unique_ptr<Random> _random;
  const std::unique_ptr<Readiness> _readiness;

  Instant _now;
  mutable WallTime _wall;
  mutable bool _wallKnown = false;
  GiveBack _giveBack;
  bool _busy = true;
  unsigned _turns = 0;
  TurnMeter _meter;
  Instant _askAt;  // tickers are asked no later
  Registered<Ticker> _tickers;
  Registered<Poller> _pollers;
  Registered<Flusher> _flushers;
  std::vector<Watcher*> _watchers;  // by descriptor
  size_t _watched = 0;
  std::vector<Task> _batch;

  alignas(64) std::atomic<bool> _sleeping{false};
  std::atomic<bool> _stopping{false};
  std::atomic<bool> _posted{false};
  std::atomic<int64_t> _wakeAt;
  std::atomic<int64_t> _asleepUntil{0};
  std::mutex _mutex;
  std::vector<Task> _tasks;
};

}  // namespace Patchbay::Runtime
