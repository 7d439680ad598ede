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

  void refusesAPoolWithoutThreads() { CPPUNIT_ASSERT_THROW(makeThreadedPool(0), Poco::InvalidArgumentException); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BlockingPoolTest);
