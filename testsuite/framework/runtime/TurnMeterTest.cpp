#include <cppunit/extensions/HelperMacros.h>
#include <poll.h>

#include <ctime>
#include <future>

#include "TurnMeter.h"
#include "patchbay/runtime/Worker.h"

using namespace Patchbay::Runtime;
using namespace std::chrono_literals;

namespace {

constexpr Instant Start{};

/// Tells what the test says.
struct SetClock : ThreadClock {
  explicit SetClock(ThreadUse& use) : told(use) {}
  ThreadUse read() override { return told; }
  ThreadUse& told;
};

double figure(const Metrics& metrics, const std::string& name, const std::string& of) {
  for (const auto& family : metrics.read()) {
    if (family.name != name) continue;
    for (const auto& sample : family.samples)
      for (const Label& label : sample.labels)
        if (label.name == "of" && label.value == of) return sample.value;
  }
  return -1;
}

/// Runs this in a turn of a worker; what took the most of it.
template <class F>
void onAWorker(F body, const char* of) {
  SystemClock clock;
  Metrics metrics;
  ThreadedWorkers workers(1, clock);
  workers.publish(metrics);
  workers.start();
  std::promise<void> done, after;
  workers.at(0).post([&] {
    body();
    done.set_value();
  });
  done.get_future().wait();
  workers.at(0).post([&] { after.set_value(); });  // in a later turn
  after.get_future().wait();
  workers.stop();
  const double wall = figure(metrics, "worker_longest_turn_seconds", "wall"), most = figure(metrics, "worker_longest_turn_seconds", of);
  CPPUNIT_ASSERT(most >= 0.025);
  CPPUNIT_ASSERT(wall >= most);
  double counted = 0;
  for (const char* each : {"cpu", "blocked", "queued"}) counted += figure(metrics, "worker_long_turns_total", each);
  CPPUNIT_ASSERT_EQUAL(1.0, counted);
}

Duration threadTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

}  // namespace

class TurnMeterTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TurnMeterTest);
  CPPUNIT_TEST(shortTurnsAreNotLookedAt);
  CPPUNIT_TEST(aLongTurnIsDividedIntoWhatItTook);
  CPPUNIT_TEST(whatWasBeforeTheTurnIsLeftOut);
  CPPUNIT_TEST(aWorkerThatBlocksIsSeen);
  CPPUNIT_TEST(aWorkerThatComputesIsSeen);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    _meter = std::make_unique<TurnMeter>();
    _metrics = std::make_unique<Metrics>();
    _use = {};
    _meter->publish(*_metrics, 3);
    _meter->start(std::make_unique<SetClock>(_use));
  }

  void shortTurnsAreNotLookedAt() {
    turn(4ms, {1ms, 0ms});
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::wall) == 0ms);
    turn(6ms, {1ms, 0ms});
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::wall) == 6ms);
    CPPUNIT_ASSERT_EQUAL(0.0, counted("blocked") + counted("cpu") + counted("queued"));
  }

  void aLongTurnIsDividedIntoWhatItTook() {
    turn(50ms, {10ms, 5ms});
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::cpu) == 10ms);
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::queued) == 5ms);
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::blocked) == 35ms);
    CPPUNIT_ASSERT_EQUAL(1.0, counted("blocked"));
    turn(50ms, {10ms, 30ms});
    CPPUNIT_ASSERT_EQUAL(1.0, counted("queued"));
    turn(50ms, {40ms, 0ms});
    CPPUNIT_ASSERT_EQUAL(1.0, counted("cpu"));
    CPPUNIT_ASSERT_EQUAL(1.0, counted("blocked"));
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::blocked) == 35ms);
  }

  void whatWasBeforeTheTurnIsLeftOut() {
    _use = {70ms, 90ms};  // the thread's life up to now
    _now += 1h;
    turn(30ms, {1ms, 2ms});
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::cpu) == 1ms);
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::queued) == 2ms);
    CPPUNIT_ASSERT(_meter->longest(TurnMeter::Part::blocked) == 27ms);
  }

  void aWorkerThatBlocksIsSeen() {
    onAWorker([] { poll(nullptr, 0, 60); }, "blocked");
  }

  void aWorkerThatComputesIsSeen() {
    const auto compute = [] {
      for (const Duration begun = threadTime(); threadTime() - begun < 30ms;) {
      }
    };
    onAWorker(compute, "cpu");
  }

 private:
  /// `use`: of it.
  void turn(Duration wall, ThreadUse use) {
    _now += 10ms;
    _meter->begins(_now);
    _use.cpu += use.cpu;
    _use.queued += use.queued;
    _meter->ended(_now, _now + wall);
    _now += wall;
  }
  double counted(const std::string& of) { return figure(*_metrics, "worker_long_turns_total", of); }

  Instant _now = Start + 1h;
  ThreadUse _use;
  std::unique_ptr<TurnMeter> _meter;
  std::unique_ptr<Metrics> _metrics;
};

CPPUNIT_TEST_SUITE_REGISTRATION(TurnMeterTest);
