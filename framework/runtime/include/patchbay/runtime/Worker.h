#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Random.h"
#include "patchbay/runtime/Task.h"

namespace Patchbay::Runtime {

class Metrics;

/// Something driven by time on one worker, such as a shard's timer wheel. `nextDue` may be asked and `tick` is called on that worker only.
class PATCHBAY_API Ticker {
 public:
  virtual ~Ticker() = default;
  virtual std::optional<Instant> nextDue() = 0;
  virtual void tick(Instant now) = 0;
};

/// Told of a descriptor's readiness, on the worker that watches it.
class PATCHBAY_API Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void ready(unsigned events) = 0;
};

/// Something that reads without waiting: tried once each turn before the loop waits. Returns whether it found anything (the loop then
/// goes round again without waiting).
class PATCHBAY_API Poller {
 public:
  virtual ~Poller() = default;
  virtual bool poll() = 0;
  /// To wait on when every poller was empty; -1 in the virtual world, where the world knows itself when something comes.
  virtual int descriptor() const = 0;
};

/// Called once after each batch of work, before the loop looks for more: collected output is sent here.
class PATCHBAY_API Flusher {
 public:
  virtual ~Flusher() = default;
  virtual void flush() = 0;
};

/// One event loop, one thread (in tests: all on the test's thread, in virtual time). Only `post` and `wakeBy` may be called from other
/// threads. What is registered must outlive the worker's run or be removed; the worker owns nothing that is registered.
class PATCHBAY_API Worker {
 public:
  enum Events : unsigned { readable = 1, writable = 2 };

  virtual ~Worker() = default;
  virtual size_t index() const = 0;
  /// The time at the start of this turn: the same for all messages of a batch. No system call.
  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;
  virtual Random& random() = 0;

  /// Runs the task on this worker in a later turn. From any thread; tasks of one thread keep their order. One wake-up for many.
  virtual void post(Task task) = 0;
  /// From any thread: makes sure that the loop's tickers are asked again no later than `due`. Free when it wakes before that anyway.
  /// Arm first, then call it. On this worker nobody need call it: tickers are asked a millisecond after any work, and before sleep.
  virtual void wakeBy(Instant due) = 0;

  virtual void add(Ticker& ticker) = 0;
  virtual void remove(Ticker& ticker) = 0;
  virtual void add(Poller& poller) = 0;
  virtual void remove(Poller& poller) = 0;
  virtual void add(Flusher& flusher) = 0;
  virtual void remove(Flusher& flusher) = 0;
  /// Watches a descriptor level-triggered; replaces an earlier watch of it.
  virtual void watch(int descriptor, unsigned events, Watcher& watcher) = 0;
  virtual void unwatch(int descriptor) = 0;

  /// The worker whose thread this is, else null.
  static Worker* current() { return _current; }
  /// The index of the current worker plus one, 0 on any other thread: for per-worker slots.
  static size_t slot() { return _slot; }

 protected:
  static void enter(Worker* worker);

 private:
  // initial-exec, and constinit so that no wrapper is called: read on every counter increment
  static constinit thread_local Worker* _current __attribute__((tls_model("initial-exec")));
  static constinit thread_local size_t _slot __attribute__((tls_model("initial-exec")));
};

/// All workers of the server.
class PATCHBAY_API Workers {
 public:
  static constexpr size_t Most = 64;

  virtual ~Workers() = default;
  virtual size_t count() const = 0;
  virtual Worker& at(size_t index) = 0;
};

/// Real threads: loops on epoll (or poll(2), the portable twin, see Readiness.h). Started after everything is registered.
class PATCHBAY_API ThreadedWorkers : public Workers {
 public:
  /// `portable` chooses poll(2) where there is epoll. Throws Poco::InvalidArgumentException unless 1 <= count <= Most.
  ThreadedWorkers(size_t count, const Clock& clock, bool portable = false);
  ~ThreadedWorkers() override;
  size_t count() const override;
  Worker& at(size_t index) override;
  /// Of how long their turns take, and of what. Before `start`; `metrics` must not be read after these workers are gone.
  void publish(Metrics& metrics);
  void start();
  /// Returns when every loop has ended its turn; safe when not started, and twice.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace Patchbay::Runtime
