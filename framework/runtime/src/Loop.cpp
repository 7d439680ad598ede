#include "Loop.h"

#include <algorithm>
#include <utility>

#include "Careful.h"

namespace Patchbay::Runtime {

using namespace std::chrono_literals;

namespace {

constexpr Duration LongestSleep = 1s;
/// While there is work, timers are looked at no more often: they know no finer time.
constexpr Duration TickGrain = 1ms;
/// While pollers have work, watched descriptors are asked each fourth turn, so that none of them starves.
constexpr unsigned TurnsPerWait = 4;
constexpr int64_t Never = INT64_MAX;

int64_t count(Instant instant) {
  return Duration(instant.time_since_epoch()).count();
}

}  // namespace

Loop::Loop(size_t index, const Clock& clock, std::unique_ptr<Readiness> readiness)
    : _index(index),
      _clock(clock),
      _random(makeSystemRandom()),
      _readiness(std::move(readiness)),
      _now(clock.now()),
      _askAt(_now),
      _wakeAt(Never) {}

WallTime Loop::wall() const {
  if (!_wallKnown) _wall = _clock.wall();
  _wallKnown = true;
  return _wall;
}

void Loop::post(Task task) {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    _tasks.push_back(std::move(task));
  }
  // who finds it set already: whoever set it wakes the loop
  if (!_posted.exchange(true)) wake();
}

void Loop::wakeBy(Instant due) {
  if (current() == this) {
    _askAt = std::min(_askAt, due);
    return;
  }
  const int64_t wanted = count(due);
  int64_t known = _wakeAt.load();
  do {
    if (known <= wanted) return;
  } while (!_wakeAt.compare_exchange_weak(known, wanted));
  if (_sleeping.load() && wanted < _asleepUntil.load()) wake();
}

void Loop::wake() {
  if (_sleeping.load() && _sleeping.exchange(false)) _readiness->wake();
}

void Loop::add(Ticker& ticker) {
  _tickers.add(ticker);
  _askAt = _now;
}

void Loop::add(Poller& poller) {
  _pollers.add(poller);
  if (poller.descriptor() >= 0) _readiness->set(poller.descriptor(), readable);
}

void Loop::remove(Poller& poller) {
  _pollers.remove(poller);
  if (poller.descriptor() >= 0) _readiness->clear(poller.descriptor());
}

void Loop::watch(int descriptor, unsigned events, Watcher& watcher) {
  const auto at = static_cast<size_t>(descriptor);
  _readiness->set(descriptor, events);
  if (at >= _watchers.size()) _watchers.resize(at + 1);
  if (_watchers[at] == nullptr) ++_watched;
  _watchers[at] = &watcher;
}

void Loop::unwatch(int descriptor) {
  const auto at = static_cast<size_t>(descriptor);
  if (at >= _watchers.size() || _watchers[at] == nullptr) return;
  _watchers[at] = nullptr;
  --_watched;
  _readiness->clear(descriptor);
}

void Loop::run() {
  enter(this);
  _now = _clock.now();
  _meter.start(makeThreadClock());
  while (!_stopping.load()) turn();
  enter(nullptr);
}

void Loop::stop() {
  _stopping.store(true);
  wake();
}

void Loop::turn() {
  const bool waits = !_busy;  // then the turn before ended when it fell asleep
  const auto ready = look();
  const Instant before = std::exchange(_now, _clock.now());
  if (!waits) _meter.ended(before, _now);
  _meter.begins(_now);
  _wallKnown = false;
  const bool watched = dispatch(ready);
  const bool tasks = runTasks();
  const bool polled = pollAll();
  const bool ticked = tick();
  finish(watched || tasks || polled || ticked);
}

void Loop::finish(bool busy) {
  if (busy) {
    _flushers.each([](Flusher& flusher) { careful("flusher", [&] { flusher.flush(); }); });
    // the work may have armed timers
    _askAt = std::min(_askAt, _now + TickGrain);
  }
  _busy = busy;
  _tickers.tidy();
  _pollers.tidy();
  _flushers.tidy();
}

std::span<const Readiness::Ready> Loop::look() {
  if (_busy) {
    if (_watched == 0 || ++_turns % TurnsPerWait != 0) return {};
    return _readiness->wait(Duration::zero());
  }
  const auto ready = _readiness->wait(fallAsleep());
  _sleeping.store(false);
  return ready;
}

/// Returns how long, at most.
Duration Loop::fallAsleep() {
  // before the tickers are asked: who has armed a timer before this is seen by them, who does later leaves a new time
  _giveBack.idle(_now);
  _wakeAt.exchange(Never);
  const Instant started = _clock.now();
  _meter.ended(_now, started);
  _askAt = started + LongestSleep;
  _tickers.each([this](Ticker& ticker) { _askAt = std::min(_askAt, ticker.nextDue().value_or(Instant::max())); });
  _asleepUntil.store(count(_askAt));
  _sleeping.store(true);
  if (_posted.load() || _stopping.load()) return Duration::zero();
  const Instant until(std::min(Duration(_wakeAt.load()), Duration(_askAt.time_since_epoch())));
  return std::max(Duration(until - started), Duration::zero());
}

bool Loop::dispatch(std::span<const Readiness::Ready> ready) {
  bool any = false;
  for (const Readiness::Ready& one : ready) {
    const auto at = static_cast<size_t>(one.descriptor);
    // none: a poller's, or unwatched by one of those called before
    Watcher* watcher = at < _watchers.size() ? _watchers[at] : nullptr;
    if (watcher == nullptr) continue;
    any = true;
    careful("watcher", [&] { watcher->ready(one.events); });
  }
  return any;
}

bool Loop::runTasks() {
  if (!_posted.load(std::memory_order_relaxed)) return false;
  // cleared before the tasks are taken: one that comes between is taken now and costs an empty look, none is forgotten
  _posted.store(false);
  {
    std::lock_guard<std::mutex> lock(_mutex);
    _batch.swap(_tasks);
  }
  for (Task& task : _batch) careful("task", task);
  const bool any = !_batch.empty();
  _batch.clear();
  return any;
}

bool Loop::pollAll() {
  bool any = false;
  _pollers.each([&any](Poller& poller) {
    bool found = true;  // also when it throws: what was done before wants to be flushed, the rest to be looked at
    careful("poller", [&] { found = poller.poll(); });
    any |= found;
  });
  return any;
}

bool Loop::tick() {
  if (_now < _askAt && count(_now) < _wakeAt.load(std::memory_order_relaxed)) return false;
  _wakeAt.exchange(Never);
  bool any = false;
  _askAt = _now + LongestSleep;
  _tickers.each([&](Ticker& ticker) {
    const auto due = ticker.nextDue();
    if (!due) return;
    if (*due > _now) {
      _askAt = std::min(_askAt, *due);
      return;
    }
    any = true;
    careful("ticker", [&] { ticker.tick(_now); });
  });
  return any;
}

}  // namespace Patchbay::Runtime
