#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "patchbay/runtime/Random.h"
#include "patchbay/runtime/TimerWheel.h"

using namespace Patchbay::Runtime;
using namespace std::chrono_literals;

namespace {

const Instant Start = Instant(1000000h + 123456ns);

/// What the wheel should do, in the simplest way: all armed timers in the order of arming, searched for each question.
class Model {
 public:
  struct Armed {
    Timer* timer;
    int64_t millisecond;  // since Start, rounded up; never before the time at which it was armed
    Instant due;
  };

  void arm(Timer& timer, Instant due) {
    cancel(timer);
    const int64_t up = due <= Start ? 0 : ((due - Start) + 1ms - 1ns) / 1ms;
    _armed.push_back({&timer, std::max(up, _now), due});
  }
  void cancel(Timer& timer) {
    std::erase_if(_armed, [&](const Armed& armed) { return armed.timer == &timer; });
  }
  std::vector<Timer*> advance(Instant now) {
    _now = std::max(_now, int64_t{(now - Start) / 1ms});
    std::stable_sort(_armed.begin(), _armed.end(), [](const Armed& a, const Armed& b) { return a.millisecond < b.millisecond; });
    std::vector<Timer*> fired;
    while (!_armed.empty() && _armed.front().millisecond <= _now) {
      fired.push_back(_armed.front().timer);
      _armed.erase(_armed.begin());
    }
    return fired;
  }
  std::optional<Instant> earliest() const {
    std::optional<Instant> result;
    for (const Armed& armed : _armed) result = std::min(result.value_or(Instant::max()), Start + armed.millisecond * 1ms);
    return result;
  }
  size_t size() const { return _armed.size(); }

 private:
  std::vector<Armed> _armed;
  int64_t _now = 0;
};

std::vector<Timer*> fire(TimerWheel& wheel, Instant now) {
  std::vector<Timer*> fired;
  wheel.advance(now, [&](Timer& timer) {
    CPPUNIT_ASSERT(!timer.armed());
    fired.push_back(&timer);
  });
  return fired;
}

/// Random arming, cancelling and advancing, each step compared.
class Race {
 public:
  Race(uint64_t seed, Duration longest, Duration stride) : _random(makeSeededRandom(seed)), _longest(longest), _stride(stride) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    for (int i = 0; i < 2000 && _wheel.size() > 0; ++i) advanceTo(*_wheel.nextDue());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _wheel.size());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _model.size());
  }

 private:
  Duration upTo(Duration most) { return Duration(static_cast<int64_t>(_random->next() % static_cast<uint64_t>(most.count()))); }

  void step() {
    Timer& timer = _timers[_random->next() % _timers.size()];
    switch (_random->next() % 8) {
      case 0:
        _wheel.cancel(timer);
        _model.cancel(timer);
        break;
      case 1:
        advanceTo(_now + upTo(_stride));
        break;
      case 2:
        advanceTo(_wheel.nextDue().value_or(_now));
        break;
      default: {
        const Instant due = _now + upTo(_longest) - (_random->next() % 16 == 0 ? 5ms : 0ms);
        _wheel.arm(timer, due);
        _model.arm(timer, due);
        CPPUNIT_ASSERT(timer.armed() && timer.due() == due);
      }
    }
    check();
  }

  void advanceTo(Instant now) {
    _now = std::max(_now, now);
    CPPUNIT_ASSERT(_model.advance(_now) == fire(_wheel, _now));
    check();
  }

  void check() {
    CPPUNIT_ASSERT_EQUAL(_model.size(), _wheel.size());
    const auto next = _wheel.nextDue(), earliest = _model.earliest();
    CPPUNIT_ASSERT_EQUAL(earliest.has_value(), next.has_value());
    CPPUNIT_ASSERT(!next || *next <= *earliest);
  }

  std::unique_ptr<Random> _random;
  Duration _longest, _stride;
  Instant _now = Start;
  TimerWheel _wheel{Start};
  Model _model;
  std::array<Timer, 60> _timers;
};

}  // namespace

class TimerWheelTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TimerWheelTest);
  CPPUNIT_TEST(agreesWithTheModelOnShortTimers);
  CPPUNIT_TEST(agreesWithTheModelOnSipTimers);
  CPPUNIT_TEST(agreesWithTheModelAcrossAllLevels);
  CPPUNIT_TEST(agreesWithTheModelBeyondTheLastLevel);
  CPPUNIT_TEST(neverFiresEarly);
  CPPUNIT_TEST(oneMillisecondKeepsTheOrderOfArmingOverCascades);
  CPPUNIT_TEST(nothingIsDueInAnEmptyWheel);
  CPPUNIT_TEST(isExactWithinTheLastMilliseconds);
  CPPUNIT_TEST(whatIsArmedInTheCallbackWaitsForTheNextAdvance);
  CPPUNIT_TEST(theCallbackMayCancelWhatIsDueToo);
  CPPUNIT_TEST(timeThatStandsStillOrGoesBackFiresNothing);
  CPPUNIT_TEST_SUITE_END();

 public:
  void agreesWithTheModelOnShortTimers() {
    for (uint64_t seed = 0; seed < 20; ++seed) Race(seed, 100ms, 20ms).run(2000);
  }
  void agreesWithTheModelOnSipTimers() {
    for (uint64_t seed = 0; seed < 20; ++seed) Race(seed, 64s, 2s).run(2000);
  }
  void agreesWithTheModelAcrossAllLevels() {
    for (uint64_t seed = 0; seed < 20; ++seed) Race(seed, 12 * 24h, 30h).run(2000);
  }
  void agreesWithTheModelBeyondTheLastLevel() {
    for (uint64_t seed = 0; seed < 20; ++seed) Race(seed, 100 * 24h, 200h).run(2000);
  }

  void neverFiresEarly() {
    TimerWheel wheel(Start);
    Timer timer;
    wheel.arm(timer, Start + 500ms + 1ns);
    CPPUNIT_ASSERT(fire(wheel, Start + 501ms - 1ns).empty());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, fire(wheel, Start + 501ms).size());
  }

  void oneMillisecondKeepsTheOrderOfArmingOverCascades() {
    TimerWheel wheel(Start);
    std::array<Timer, 6> timers;
    const Instant due = Start + 5000ms;
    wheel.arm(timers[0], due);
    for (size_t i = 1; i < timers.size(); ++i) {
      fire(wheel, due - (i == 1 ? 4100ms : i == 2 ? 65ms : i == 3 ? 63ms : i == 4 ? 9ms : 1ms));
      wheel.arm(timers[i], due - Duration(i * 1000));
    }
    const auto fired = fire(wheel, due);
    CPPUNIT_ASSERT_EQUAL(timers.size(), fired.size());
    for (size_t i = 0; i < timers.size(); ++i) CPPUNIT_ASSERT(fired[i] == &timers[i]);
  }

  void nothingIsDueInAnEmptyWheel() {
    TimerWheel wheel(Start);
    Timer timer;
    CPPUNIT_ASSERT(!wheel.nextDue());
    wheel.arm(timer, Start + 1s);
    CPPUNIT_ASSERT(wheel.nextDue());
    wheel.cancel(timer);
    wheel.cancel(timer);
    CPPUNIT_ASSERT(!wheel.nextDue() && !timer.armed());
  }

  void isExactWithinTheLastMilliseconds() {
    TimerWheel wheel(Start);
    Timer timer;
    wheel.arm(timer, Start + 32s);
    int visits = 0;
    while (wheel.size() > 0) {
      const Instant next = *wheel.nextDue();
      CPPUNIT_ASSERT(next <= Start + 32s);
      const bool last = next == Start + 32s;
      CPPUNIT_ASSERT_EQUAL(last, !fire(wheel, next).empty());
      ++visits;
    }
    CPPUNIT_ASSERT(visits <= 4);  // a cascade a level, no more
  }

  void whatIsArmedInTheCallbackWaitsForTheNextAdvance() {
    TimerWheel wheel(Start);
    Timer timer;
    int fired = 0;
    const auto rearm = [&](Timer& t) {
      ++fired;
      wheel.arm(t, Start);
    };
    wheel.arm(timer, Start + 1ms);
    wheel.advance(Start + 1ms, rearm);
    CPPUNIT_ASSERT_EQUAL(1, fired);
    CPPUNIT_ASSERT(*wheel.nextDue() <= Start + 1ms);
    wheel.advance(Start + 1ms, rearm);
    CPPUNIT_ASSERT_EQUAL(2, fired);
    wheel.cancel(timer);
  }

  void theCallbackMayCancelWhatIsDueToo() {
    TimerWheel wheel(Start);
    Timer first, second, third;
    for (Timer* timer : {&first, &second, &third}) wheel.arm(*timer, Start + 10ms);
    std::vector<Timer*> fired;
    wheel.advance(Start + 20ms, [&](Timer& timer) {
      fired.push_back(&timer);
      wheel.cancel(second);
      if (&timer == &first) wheel.arm(third, Start + 30ms);
    });
    CPPUNIT_ASSERT(fired == std::vector<Timer*>{&first});
    CPPUNIT_ASSERT(!second.armed() && third.armed());
    CPPUNIT_ASSERT(fire(wheel, Start + 30ms) == std::vector<Timer*>{&third});
  }

  void timeThatStandsStillOrGoesBackFiresNothing() {
    TimerWheel wheel(Start);
    Timer timer;
    fire(wheel, Start + 100ms);
    wheel.arm(timer, Start + 101ms);
    CPPUNIT_ASSERT(fire(wheel, Start + 100ms).empty());
    CPPUNIT_ASSERT(fire(wheel, Start - 100ms).empty());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, fire(wheel, Start + 101ms).size());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TimerWheelTest);
