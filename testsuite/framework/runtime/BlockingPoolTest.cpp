#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "patchbay/runtime/BlockingPool.h"

using namespace Patchbay::Runtime;

class BlockingPoolTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BlockingPoolTest);
  CPPUNIT_TEST(stopsAfterTheJobsAlreadySubmitted);
  CPPUNIT_TEST(oneThreadKeepsTheOrder);
  CPPUNIT_TEST(aJobThatWaitsDoesNotHoldTheOthers);
  CPPUNIT_TEST(aJobThatThrowsDoesNotEndItsThread);
  CPPUNIT_TEST(dropsWhatComesAfterStop);
  CPPUNIT_TEST(inlineJobsHaveRunWhenSubmitReturns);
  CPPUNIT_TEST(refusesAPoolWithoutThreads);
  CPPUNIT_TEST(aThreadThatHangsIsReplaced);
  CPPUNIT_TEST(noMoreThreadsAreAbandonedThanMay);
  CPPUNIT_TEST(stopDoesNotWaitForAThreadThatHangs);
  CPPUNIT_TEST(tellsWhatIsOverdue);
  CPPUNIT_TEST(tellsNothingOfWhatEndedInTime);
  CPPUNIT_TEST_SUITE_END();

 public:
  void stopsAfterTheJobsAlreadySubmitted() {
    std::atomic<int> done{0};
    const auto pool = makeThreadedPool(3);
    for (int i = 0; i < 1000; ++i) pool->submit([&done] { ++done; });
    pool->stop();
    CPPUNIT_ASSERT_EQUAL(1000, done.load());
    pool->stop();
  }

  void oneThreadKeepsTheOrder() {
    std::vector<int> order;
    const auto pool = makeThreadedPool(1);
    for (int i = 0; i < 500; ++i) pool->submit([&order, i] { order.push_back(i); });
    pool->stop();
    CPPUNIT_ASSERT_EQUAL(size_t{500}, order.size());
    for (int i = 0; i < 500; ++i) CPPUNIT_ASSERT_EQUAL(i, order[static_cast<size_t>(i)]);
  }

  void aJobThatWaitsDoesNotHoldTheOthers() {
    std::promise<void> release, other;
    const auto pool = makeThreadedPool(2);
    pool->submit([&release] { release.get_future().wait(); });
    pool->submit([&other] { other.set_value(); });
    other.get_future().wait();  // would hang
    release.set_value();
    pool->stop();
  }

  void aJobThatThrowsDoesNotEndItsThread() {
    bool ran = false;
    const auto pool = makeThreadedPool(1);
    pool->submit([] { throw Poco::RuntimeException("meant to be in the log"); });
    pool->submit([&ran] { ran = true; });
    pool->stop();
    CPPUNIT_ASSERT(ran);
  }

  void dropsWhatComesAfterStop() {
    const auto held = std::make_shared<int>();
    for (const auto& pool : {makeThreadedPool(1).release(), makeInlinePool().release()}) {
      const std::unique_ptr<BlockingPool> owner(pool);
      pool->stop();
      bool ran = false;
      pool->submit([&ran, held] { ran = true; });
      CPPUNIT_ASSERT(!ran);
    }
    CPPUNIT_ASSERT_EQUAL(1L, held.use_count());
  }

  void inlineJobsHaveRunWhenSubmitReturns() {
    std::thread::id thread;
    makeInlinePool()->submit([&thread] { thread = std::this_thread::get_id(); });
    CPPUNIT_ASSERT(thread == std::this_thread::get_id());
  }

  /// J06: a database client that hangs.
  void aThreadThatHangsIsReplaced() {
    std::promise<void> release, other, ended;
    const auto pool = makeThreadedPool(1);
    pool->submit(
        [&] {
          release.get_future().wait();
          ended.set_value();
        },
        std::chrono::milliseconds(1));
    pool->submit([&other] { other.set_value(); });
    other.get_future().wait();  // would hang
    CPPUNIT_ASSERT_EQUAL(size_t{1}, pool->abandoned());
    release.set_value();
    ended.get_future().wait();
    pool->stop();
    CPPUNIT_ASSERT_EQUAL(size_t{0}, pool->abandoned());
  }

  void noMoreThreadsAreAbandonedThanMay() {
    std::promise<void> release, reached;
    const auto released = release.get_future().share();
    std::atomic<size_t> hanging{0};
    const auto pool = makeThreadedPool(1);
    for (size_t i = 0; i < BlockingPool::MostAbandoned + 5; ++i)
      pool->submit(
          [&] {
            if (++hanging == BlockingPool::MostAbandoned + 1) reached.set_value();
            released.wait();
          },
          std::chrono::milliseconds(1));
    reached.get_future().wait();
    CPPUNIT_ASSERT_EQUAL(BlockingPool::MostAbandoned, pool->abandoned());
    release.set_value();
    pool->stop();
    CPPUNIT_ASSERT_EQUAL(BlockingPool::MostAbandoned + 5, hanging.load());
  }

  void stopDoesNotWaitForAThreadThatHangs() {
    const auto release = std::make_shared<std::promise<void>>();
    const auto ended = std::make_shared<std::promise<void>>();
    auto pool = makeThreadedPool(1);
    pool->submit(
        [release, ended] {
          release->get_future().wait();
          ended->set_value();
        },
        std::chrono::milliseconds(1));
    pool.reset();  // would hang
    release->set_value();
    ended->get_future().wait();
  }

  void tellsWhatIsOverdue() {
    std::promise<void> told;
    const auto pool = makeThreadedPool(1);
    const auto late = pool->watch(std::chrono::hours(1), [] { CPPUNIT_FAIL("an hour has not passed"); });
    const auto watch = pool->watch(std::chrono::milliseconds(1), [&told] { told.set_value(); });
    told.get_future().wait();
    CPPUNIT_ASSERT(makeInlinePool()->watch(std::chrono::milliseconds(1), [] {}) == nullptr);
  }

  void tellsNothingOfWhatEndedInTime() {
    std::atomic<int> told{0};
    std::promise<void> after;
    const auto pool = makeThreadedPool(1);
    pool->watch(std::chrono::milliseconds(5), [&told] { ++told; }).reset();
    const auto watch = pool->watch(std::chrono::milliseconds(10), [&after] { after.set_value(); });
    after.get_future().wait();
    CPPUNIT_ASSERT_EQUAL(0, told.load());
  }

  void refusesAPoolWithoutThreads() { CPPUNIT_ASSERT_THROW(makeThreadedPool(0), Poco::InvalidArgumentException); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BlockingPoolTest);
