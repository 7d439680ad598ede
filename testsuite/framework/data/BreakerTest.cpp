#include <cppunit/extensions/HelperMacros.h>

#include "Breaker.h"
#include "FakeEnvironment.h"
#include "GroupWriter.h"
#include "MysqlDriver.h"
#include "OpenTable.h"

namespace Patchbay::Data {

namespace {

using namespace std::chrono_literals;
using Testsuite::FakeEnvironment;

const Failure Away{Failure::Kind::unreachable, "gone"};

class BreakerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BreakerTest);
  CPPUNIT_TEST(oneFailureOpensItAndOneSuccessCloses);
  CPPUNIT_TEST(onlyOneProbes);
  CPPUNIT_TEST(pausesGrowAndDifferByChance);
  CPPUNIT_TEST(errorsAreSortedByWhatIsToBeDone);
  CPPUNIT_TEST(whatAHangingJobHadIsWrittenByAnother);
  CPPUNIT_TEST_SUITE_END();

 public:
  /// J06.
  void oneFailureOpensItAndOneSuccessCloses() {
    FakeEnvironment world;
    std::vector<bool> told;
    Breaker breaker(world, "x", [&](const Failure& failure) { told.push_back(bool{failure}); });
    CPPUNIT_ASSERT_EQUAL(0, breaker.state());
    breaker.failed(Away);
    breaker.failed(Away);
    CPPUNIT_ASSERT(breaker.isOpen());
    CPPUNIT_ASSERT_EQUAL(1, breaker.state());
    CPPUNIT_ASSERT(breaker.failure().kind == Failure::Kind::unreachable && breaker.failure().text.starts_with("gone"));
    CPPUNIT_ASSERT(world.worker.wokenBy == breaker.probeDue());
    breaker.succeeded();
    CPPUNIT_ASSERT(!breaker.isOpen() && !breaker.probeDue());
    CPPUNIT_ASSERT((told == std::vector<bool>{true, false}));
  }

  void onlyOneProbes() {
    FakeEnvironment world;
    Breaker breaker(world, "x", [](const Failure&) {});
    breaker.failed(Away);
    CPPUNIT_ASSERT(!breaker.beginProbe(world.clock.now()));
    world.clock.move(Breaker::FirstPause);
    CPPUNIT_ASSERT(breaker.beginProbe(world.clock.now()));
    CPPUNIT_ASSERT(!breaker.beginProbe(world.clock.now()));
    CPPUNIT_ASSERT_EQUAL(2, breaker.state());
    breaker.failed(Away);
    CPPUNIT_ASSERT_EQUAL(1, breaker.state());
    CPPUNIT_ASSERT(*breaker.probeDue() >= world.clock.now() + Breaker::FirstPause);  // twice as long, or half of that
  }

  /// J08: servers of one database do not come back in step.
  void pausesGrowAndDifferByChance() {
    Pauses one(100ms, 2s, 1), other(100ms, 2s, 2);
    size_t different = 0;
    Runtime::Duration whole = 100ms;
    for (int i = 0; i < 20; ++i) {
      const auto pause = one.next();
      CPPUNIT_ASSERT(pause <= whole && pause >= whole / 2);
      different += pause != other.next();
      whole = std::min<Runtime::Duration>(whole * 2, 2s);
    }
    CPPUNIT_ASSERT(different > 15);
    one.reset();
    CPPUNIT_ASSERT(one.isFirst() && one.next() <= 100ms);
  }

  /// J07.
  void errorsAreSortedByWhatIsToBeDone() {
    using Kind = Failure::Kind;
    const std::pair<int, Kind> expected[] = {
        {2002, Kind::unreachable}, {2006, Kind::unreachable}, {2013, Kind::unreachable}, {1040, Kind::unreachable},
        {1213, Kind::timeout},     {1205, Kind::timeout},     {1062, Kind::constraint},  {1406, Kind::constraint},
        {1366, Kind::constraint},  {1146, Kind::schema},      {1054, Kind::schema},      {1045, Kind::denied},
        {1290, Kind::other},       {1021, Kind::other},       {1114, Kind::other},       {2030, Kind::other}};
    for (const auto& [number, kind] : expected) CPPUNIT_ASSERT_MESSAGE(std::to_string(number), MysqlDriver::kindOf(number) == kind);
  }

  /// J06: a thread that does not come back has its group written by another one; when it does come back, that counts for nothing.
  void whatAHangingJobHadIsWrittenByAnother() {
    WatchingEnvironment world;
    const OpenTable table({"t", 1, {{"k"}}, {"k"}, {}}, 0);
    std::vector<std::string> written;
    std::vector<Failure> told;
    bool hangs = true;
    const auto write = [&](std::span<const Change> group) {
      for (const Change& change : group) written.push_back(change.key);
      if (std::exchange(hangs, false)) world.pool.overdue();
      return Failure();
    };
    const auto writer = std::make_shared<GroupWriter>(world.get(), write, 1000, 1s);
    const auto done = [&](const Failure& failure) { told.push_back(failure); };
    writer->add({&table, false, {std::string("a")}, "a", {{&world.fake.worker, done}}});
    world.pool.run();
    world.fake.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, told.size());
    CPPUNIT_ASSERT(told[0].kind == Failure::Kind::timeout);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, writer->waiting());
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, writer->committedUpTo());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, writer->flush(5s));
    CPPUNIT_ASSERT((written == std::vector<std::string>{"a", "a"}));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, writer->committedUpTo());
  }

 private:
  /// A pool that lets the test say when something is overdue.
  struct WatchingPool : Testsuite::FakePool {
    using FakePool::submit;
    struct Kept : Watch {
      explicit Kept(WatchingPool& of) : pool(of) {}
      ~Kept() override { pool._overdue = nullptr; }
      WatchingPool& pool;
    };
    std::unique_ptr<Watch> watch(Runtime::Duration, std::function<void()> overdue) override {
      _overdue = std::move(overdue);
      return std::make_unique<Kept>(*this);
    }
    void overdue() { _overdue(); }

   private:
    std::function<void()> _overdue;
  };
  struct WatchingEnvironment {
    WatchingEnvironment() { pool.inLine = false; }
    FakeEnvironment fake;
    WatchingPool pool;
    std::unique_ptr<Runtime::Random> random = Runtime::makeSeededRandom(1);
    Runtime::Environment environment{fake.clock, fake.workers, pool, fake.network, fake.metrics, *random};
    Runtime::Environment& get() { return environment; }
  };
};

CPPUNIT_TEST_SUITE_REGISTRATION(BreakerTest);

}  // namespace

}  // namespace Patchbay::Data
