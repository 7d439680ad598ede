#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <set>
#include <thread>
#include <vector>

#include "Allocations.h"
#include "patchbay/runtime/Counter.h"
#include "patchbay/runtime/Datagram.h"
#include "patchbay/runtime/Guarded.h"
#include "patchbay/runtime/TimerWheel.h"
#include "patchbay/runtime/Worker.h"

using namespace Patchbay::Runtime;
using namespace std::chrono_literals;

namespace {

/// Workers are given longer than this by nobody: an idle loop sleeps a second at most, so a lost wake-up costs one.
constexpr auto RoundsThatShowLostWakeUps = 20;
constexpr auto LongForAll = 10s;

const SystemClock clock_;

/// Each test body runs on epoll and on poll(2).
template <class Body>
void onBoth(size_t count, Body body) {
  for (const bool portable : {false, true}) {
    ThreadedWorkers workers(count, clock_, portable);
    body(workers);
    workers.stop();
  }
}

/// Runs `f` on the worker and waits for it; a failed assertion fails the test.
template <class F>
void on(Worker& worker, F f) {
  std::promise<void> done;
  worker.post([&] {
    try {
      f();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

/// A shard: a wheel under a lock, that any thread may arm.
class Shard : public Ticker {
 public:
  std::optional<Instant> nextDue() override {
    asked.fetch_add(1);
    return _wheel.with([](TimerWheel& wheel) { return wheel.nextDue(); });
  }
  void tick(Instant now) override {
    size_t fired = 0;
    _wheel.with([&](TimerWheel& wheel) { wheel.advance(now, [&](Timer& timer) { fired += timer.due() <= now; }); });
    for (; fired > 0; --fired) onFire();
  }
  void arm(Timer& timer, Instant due) {
    _wheel.with([&](TimerWheel& wheel) { wheel.arm(timer, due); });
  }
  std::function<void()> onFire = [] {};
  std::atomic<int> asked{0};

 private:
  Guarded<TimerWheel> _wheel{clock_.now()};
};

struct CountingPoller : Poller {
  bool poll() override {
    polls.fetch_add(1);
    return false;
  }
  int descriptor() const override { return -1; }
  std::atomic<int> polls{0};
};

struct Pipe {
  Pipe() {
    if (pipe(ends.data()) != 0) throw Poco::SystemException("no pipe");
  }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  void put() const { CPPUNIT_ASSERT_EQUAL(ssize_t{1}, write(ends[1], "x", 1)); }
  std::array<int, 2> ends;
};

/// Sends back what it receives, as a transport does.
class Echo : public Poller, public Flusher {
 public:
  explicit Echo(DatagramSocket& socket) : _socket(socket) {}
  bool poll() override {
    const auto datagrams = _socket.receive();
    for (const Datagram& datagram : datagrams) {
      datagram.octets.copy(_outbox.reserve(datagram.octets.size()), datagram.octets.size());
      _outbox.commit(datagram.octets.size(), datagram.source);
    }
    return !datagrams.empty();
  }
  int descriptor() const override { return _socket.descriptor(); }
  void flush() override { _socket.send(_outbox); }

 private:
  DatagramSocket& _socket;
  Outbox _outbox;
};

}  // namespace

class WorkerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(WorkerTest);
  CPPUNIT_TEST(postsOfOneThreadKeepTheirOrder);
  CPPUNIT_TEST(aPostWakesASleepingLoop);
  CPPUNIT_TEST(postsBeforeTheStartRun);
  CPPUNIT_TEST(timersFireAndNeverEarly);
  CPPUNIT_TEST(wakeByFromAnotherThreadWakes);
  CPPUNIT_TEST(timersFireWhileTheLoopIsBusy);
  CPPUNIT_TEST(anIdleLoopSleeps);
  CPPUNIT_TEST(aPollersDescriptorWakesTheLoop);
  CPPUNIT_TEST(watchersHearOfBothEvents);
  CPPUNIT_TEST(watchersAreHeardWhilePollersAreBusy);
  CPPUNIT_TEST(flushersRunOnceAfterEachBatch);
  CPPUNIT_TEST(theRegisteredMayRemoveOneAnother);
  CPPUNIT_TEST(aStrayExceptionEndsNothing);
  CPPUNIT_TEST(whatWasWrittenBeforeAStrayExceptionIsFlushedAtOnce);
  CPPUNIT_TEST(workersKnowThemselves);
  CPPUNIT_TEST(countersOfWorkersAreSummed);
  CPPUNIT_TEST(timeStandsStillWithinATurn);
  CPPUNIT_TEST(stopIsSafeAtAnyTime);
  CPPUNIT_TEST(refusesImpossibleNumbers);
  CPPUNIT_TEST(takesNoSignals);
  CPPUNIT_TEST(doesNotAllocateInTheSteadyState);
  CPPUNIT_TEST_SUITE_END();

 public:
  void postsOfOneThreadKeepTheirOrder() {
    onBoth(2, [](ThreadedWorkers& workers) {
      constexpr int Threads = 4, Each = 2000;
      workers.start();
      std::array<std::vector<int>, Threads> seen;
      std::atomic<int> left{Threads * Each};
      std::promise<void> done;
      std::vector<std::thread> threads;
      for (size_t t = 0; t < Threads; ++t)
        threads.emplace_back([&, t] {
          for (int i = 0; i < Each; ++i)
            workers.at(t % 2).post([&, t, i] {
              seen[t].push_back(i);
              if (left.fetch_sub(1) == 1) done.set_value();
            });
        });
      done.get_future().wait();
      for (std::thread& thread : threads) thread.join();
      workers.stop();
      for (const auto& numbers : seen)
        for (int i = 0; i < Each; ++i) CPPUNIT_ASSERT_EQUAL(i, numbers.at(static_cast<size_t>(i)));
    });
  }

  void aPostWakesASleepingLoop() {
    onBoth(1, [](ThreadedWorkers& workers) {
      workers.start();
      const Instant start = clock_.now();
      for (int i = 0; i < RoundsThatShowLostWakeUps; ++i) on(workers.at(0), [] {});
      CPPUNIT_ASSERT(clock_.now() - start < LongForAll);
    });
  }

  void postsBeforeTheStartRun() {
    onBoth(1, [](ThreadedWorkers& workers) {
      std::promise<void> done;
      workers.at(0).post([&done] { done.set_value(); });
      workers.start();
      done.get_future().wait();
    });
  }

  void timersFireAndNeverEarly() {
    onBoth(1, [](ThreadedWorkers& workers) {
      Shard shard;
      Timer timer;
      std::promise<Instant> fired;
      const Instant due = clock_.now() + 20ms;
      shard.onFire = [&] { fired.set_value(workers.at(0).now()); };
      shard.arm(timer, due);
      workers.at(0).add(shard);
      workers.start();
      CPPUNIT_ASSERT(fired.get_future().get() >= due);
      workers.stop();
    });
  }

  void wakeByFromAnotherThreadWakes() {
    onBoth(1, [](ThreadedWorkers& workers) {
      Shard shard;
      Timer timer;
      workers.at(0).add(shard);
      workers.start();
      const Instant start = clock_.now();
      for (int i = 0; i < RoundsThatShowLostWakeUps; ++i) {
        std::promise<void> fired;
        on(workers.at(0), [&] { shard.onFire = [&] { fired.set_value(); }; });
        const Instant due = clock_.now() + 2ms;
        shard.arm(timer, due);
        workers.at(0).wakeBy(due);
        fired.get_future().wait();
      }
      CPPUNIT_ASSERT(clock_.now() - start < LongForAll);
      workers.stop();
    });
  }

  void timersFireWhileTheLoopIsBusy() {
    onBoth(1, [](ThreadedWorkers& workers) {
      struct Busy : Poller {
        bool poll() override { return true; }
        int descriptor() const override { return -1; }
      } busy;
      Shard shard;
      Timer timer;
      std::promise<void> fired;
      shard.onFire = [&] { fired.set_value(); };
      workers.at(0).add(busy);
      workers.at(0).add(shard);
      workers.start();
      on(workers.at(0), [&] { shard.arm(timer, workers.at(0).now() + 3ms); });  // on its own worker nobody need call wakeBy
      fired.get_future().wait();
      workers.stop();
    });
  }

  void anIdleLoopSleeps() {
    onBoth(1, [](ThreadedWorkers& workers) {
      CountingPoller poller;
      Shard shard;
      Timer timer;
      std::promise<void> fired;
      shard.onFire = [&] { fired.set_value(); };
      shard.arm(timer, clock_.now() + 60ms);
      workers.at(0).add(poller);
      workers.at(0).add(shard);
      workers.start();
      fired.get_future().wait();
      workers.stop();
      CPPUNIT_ASSERT(poller.polls.load() > 0 && poller.polls.load() < 20);  // a spinning loop polls a hundred thousand times
    });
  }

  void aPollersDescriptorWakesTheLoop() {
    const auto network = makeSystemNetwork();
    onBoth(1, [&](ThreadedWorkers& workers) {
      const auto server = network->bind(Endpoint::parse("127.0.0.1:0").value(), false);
      const auto client = network->bind(Endpoint::parse("127.0.0.1:0").value(), false);
      Echo echo(*server);
      Poller& poller = echo;
      Flusher& flusher = echo;
      workers.at(0).add(poller);
      workers.at(0).add(flusher);
      std::promise<void> answered;
      struct Answers : Poller {
        Answers(DatagramSocket& s, std::promise<void>& p) : socket(s), done(p) {}
        bool poll() override {
          const size_t count = socket.receive().size();
          if (count > 0 && --left == 0) done.set_value();
          if (count > 0 && left > 0) ask();
          return count > 0;
        }
        void ask() {
          outbox.reserve(4)[0] = 'x';
          outbox.commit(4, peer);
          socket.send(outbox);
        }
        int descriptor() const override { return socket.descriptor(); }
        DatagramSocket& socket;
        std::promise<void>& done;
        Outbox outbox;
        Endpoint peer;
        int left = RoundsThatShowLostWakeUps;
      } answers(*client, answered);
      answers.peer = server->local();
      ThreadedWorkers other(1, clock_);
      other.at(0).add(answers);
      const Instant start = clock_.now();
      workers.start();
      other.start();
      other.at(0).post([&] { answers.ask(); });
      answered.get_future().wait();
      CPPUNIT_ASSERT(clock_.now() - start < LongForAll);
      other.stop();
      workers.stop();
    });
  }

  void watchersHearOfBothEvents() {
    onBoth(1, [](ThreadedWorkers& workers) {
      const Pipe pipe;
      struct Listener : Watcher {
        void ready(unsigned events) override {
          worker->unwatch(descriptor);
          heard.set_value(events);
        }
        Worker* worker;
        int descriptor;
        std::promise<unsigned> heard;
      } reader, writer;
      reader.worker = writer.worker = &workers.at(0);
      reader.descriptor = pipe.ends[0];
      writer.descriptor = pipe.ends[1];
      workers.start();
      on(workers.at(0), [&] { workers.at(0).watch(pipe.ends[0], Worker::readable, reader); });
      pipe.put();
      CPPUNIT_ASSERT_EQUAL(unsigned{Worker::readable}, reader.heard.get_future().get());
      on(workers.at(0), [&] { workers.at(0).watch(pipe.ends[1], Worker::writable, writer); });
      CPPUNIT_ASSERT_EQUAL(unsigned{Worker::writable}, writer.heard.get_future().get());
      workers.stop();
    });
  }

  void watchersAreHeardWhilePollersAreBusy() {
    onBoth(1, [](ThreadedWorkers& workers) {
      struct Busy : Poller {
        bool poll() override { return true; }
        int descriptor() const override { return -1; }
      } busy;
      struct Listener : Watcher {
        void ready(unsigned) override {
          worker->unwatch(descriptor);
          heard.set_value();
        }
        Worker* worker;
        int descriptor;
        std::promise<void> heard;
      } listener;
      const Pipe pipe;
      listener.worker = &workers.at(0);
      listener.descriptor = pipe.ends[0];
      workers.at(0).add(busy);
      workers.at(0).watch(pipe.ends[0], Worker::readable, listener);
      workers.start();
      pipe.put();
      listener.heard.get_future().wait();  // would hang
      workers.stop();
    });
  }

  void flushersRunOnceAfterEachBatch() {
    onBoth(1, [](ThreadedWorkers& workers) {
      struct Count : Flusher {
        void flush() override { ++flushes; }
        int flushes = 0;
      } flusher;
      std::vector<int> seen;
      std::promise<void> done;
      Worker& worker = workers.at(0);
      worker.add(flusher);
      worker.post([&] { seen.push_back(flusher.flushes); });
      worker.post([&] {
        seen.push_back(flusher.flushes);
        worker.post([&] {
          seen.push_back(flusher.flushes);
          done.set_value();
        });
      });
      workers.start();
      done.get_future().wait();
      workers.stop();
      CPPUNIT_ASSERT(seen == (std::vector<int>{0, 0, 1}));
      CPPUNIT_ASSERT_EQUAL(2, flusher.flushes);
    });
  }

  void theRegisteredMayRemoveOneAnother() {
    onBoth(1, [](ThreadedWorkers& workers) {
      struct Fickle : Poller {
        bool poll() override {
          ++polls;
          worker->remove(*other);
          worker->remove(*this);
          return true;
        }
        int descriptor() const override { return -1; }
        Worker* worker;
        Poller* other;
        int polls = 0;
      } first, second;
      first.worker = second.worker = &workers.at(0);
      first.other = &second;
      second.other = &first;
      workers.at(0).add(first);
      workers.at(0).add(second);
      workers.start();
      on(workers.at(0), [] {});
      on(workers.at(0), [] {});
      workers.stop();
      CPPUNIT_ASSERT_EQUAL(1, first.polls);
      CPPUNIT_ASSERT_EQUAL(0, second.polls);
    });
  }

  void whatWasWrittenBeforeAStrayExceptionIsFlushedAtOnce() {
    onBoth(1, [](ThreadedWorkers& workers) {
      struct Throwing : Poller, Flusher {
        bool poll() override {
          if (++polls == 1) throw Poco::RuntimeException("meant to be in the log");
          if (polls == 2) seen.set_value(flushes);
          return false;
        }
        int descriptor() const override { return -1; }
        void flush() override { ++flushes; }
        int polls = 0, flushes = 0;
        std::promise<int> seen;
      } item;
      workers.at(0).add(static_cast<Poller&>(item));
      workers.at(0).add(static_cast<Flusher&>(item));
      workers.start();
      CPPUNIT_ASSERT_EQUAL(1, item.seen.get_future().get());
      workers.stop();
    });
  }

  void aStrayExceptionEndsNothing() {
    onBoth(1, [](ThreadedWorkers& workers) {
      workers.at(0).post([] { throw Poco::RuntimeException("meant to be in the log"); });
      workers.start();
      on(workers.at(0), [] {});
      workers.stop();
    });
  }

  void workersKnowThemselves() {
    onBoth(2, [](ThreadedWorkers& workers) {
      CPPUNIT_ASSERT(Worker::current() == nullptr);
      CPPUNIT_ASSERT_EQUAL(size_t{0}, Worker::slot());
      workers.start();
      std::set<uint64_t> numbers;
      for (size_t i = 0; i < 2; ++i)
        on(workers.at(i), [&] {
          char name[16] = {};
          pthread_getname_np(pthread_self(), name, sizeof name);
          CPPUNIT_ASSERT_EQUAL("worker-" + std::to_string(i), std::string(name));
          CPPUNIT_ASSERT(Worker::current() == &workers.at(i));
          CPPUNIT_ASSERT_EQUAL(i + 1, Worker::slot());
          CPPUNIT_ASSERT_EQUAL(i, workers.at(i).index());
          numbers.insert(workers.at(i).random().next());
        });
      CPPUNIT_ASSERT_EQUAL(size_t{2}, workers.count());
      CPPUNIT_ASSERT_EQUAL(size_t{2}, numbers.size());
    });
  }

  void countersOfWorkersAreSummed() {
    onBoth(4, [](ThreadedWorkers& workers) {
      Counter counter;
      workers.start();
      for (size_t i = 0; i < 4; ++i)
        workers.at(i).post([&counter] {
          for (int j = 0; j < 10000; ++j) counter.add(2);
        });
      for (int j = 0; j < 100; ++j) counter.add();
      for (size_t i = 0; i < 4; ++i) on(workers.at(i), [] {});
      CPPUNIT_ASSERT_EQUAL(uint64_t{80100}, counter.value());
    });
  }

  void timeStandsStillWithinATurn() {
    struct Advancing : Clock {
      Instant now() const override { return Instant(std::chrono::milliseconds(time.fetch_add(1))); }
      WallTime wall() const override { return WallTime(std::chrono::milliseconds(time.fetch_add(1))); }
      mutable std::atomic<int64_t> time{1000};
    } clock;
    ThreadedWorkers workers(1, clock);
    Worker& worker = workers.at(0);
    workers.start();
    Instant before;
    on(worker, [&] { before = worker.now(); });
    on(worker, [&] {
      CPPUNIT_ASSERT(worker.now() > before);
      CPPUNIT_ASSERT(worker.now() == worker.now());
      CPPUNIT_ASSERT(worker.wall() == worker.wall());
    });
    workers.stop();
  }

  void stopIsSafeAtAnyTime() {
    onBoth(2, [](ThreadedWorkers& workers) {
      workers.stop();
      workers.stop();
    });
    const auto held = std::make_shared<int>();
    onBoth(2, [&held](ThreadedWorkers& workers) {
      workers.start();
      workers.stop();
      workers.at(0).post([held] {});
      workers.at(0).wakeBy(clock_.now());
      workers.stop();
    });
    CPPUNIT_ASSERT_EQUAL(1L, held.use_count());
  }

  void refusesImpossibleNumbers() {
    CPPUNIT_ASSERT_THROW(ThreadedWorkers(0, clock_), Poco::InvalidArgumentException);
    CPPUNIT_ASSERT_THROW(ThreadedWorkers(Workers::Most + 1, clock_), Poco::InvalidArgumentException);
  }

  void takesNoSignals() {
    onBoth(1, [](ThreadedWorkers& workers) {
      workers.start();
      on(workers.at(0), [] {
        sigset_t blocked;
        pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
        CPPUNIT_ASSERT(sigismember(&blocked, SIGTERM) == 1 && sigismember(&blocked, SIGHUP) == 1 && sigismember(&blocked, SIGSEGV) == 0);
      });
      sigset_t own;
      pthread_sigmask(SIG_BLOCK, nullptr, &own);
      CPPUNIT_ASSERT_EQUAL(0, sigismember(&own, SIGTERM));
    });
  }

  void doesNotAllocateInTheSteadyState() {
    onBoth(1, [](ThreadedWorkers& workers) {
      Worker& worker = workers.at(0);
      Shard shard;
      worker.add(shard);
      workers.start();
      struct Relay {
        Worker& worker;
        std::promise<void> done;
        size_t before = 0, after = 0;
        int turn = 0;
        void next() {
          if (++turn == 100) before = allocations();
          if (turn == 1000) after = allocations();
          if (turn == 1000) return done.set_value();
          worker.wakeBy(worker.now());
          worker.post([this] { next(); });
        }
      } relay{worker, {}};
      worker.post([&relay] { relay.next(); });
      relay.done.get_future().wait();
      workers.stop();
      CPPUNIT_ASSERT(relay.before > 0);
      CPPUNIT_ASSERT_EQUAL(relay.before, relay.after);
    });
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorkerTest);
