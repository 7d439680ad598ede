#include <cppunit/extensions/HelperMacros.h>

#include "FakeEnvironment.h"
#include "patchbay/runtime/Ask.h"

namespace Patchbay::Runtime {

using namespace std::chrono_literals;

class AskTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AskTest);
  CPPUNIT_TEST(asksAWorkerOnItsThread);
  CPPUNIT_TEST(gathersFromAll);
  CPPUNIT_TEST(whoDoesNotAnswerIsMissing);
  CPPUNIT_TEST(onTheWorkerItselfAtOnce);
  CPPUNIT_TEST_SUITE_END();

 public:
  void asksAWorkerOnItsThread() {
    ThreadedWorkers workers(1, _clock);
    workers.start();
    const auto asked = ask(
        workers.at(0), [](Worker& worker) { return Worker::current() == &worker; }, 10s);
    CPPUNIT_ASSERT(asked && *asked);
  }

  void gathersFromAll() {
    ThreadedWorkers workers(3, _clock);
    workers.start();
    const auto all = askAll(
        workers, [](Worker& worker) { return worker.index(); }, 10s);
    CPPUNIT_ASSERT_EQUAL(size_t(3), all.size());
    for (size_t i = 0; i < all.size(); ++i) CPPUNIT_ASSERT_EQUAL(i, *all[i]);
  }

  void whoDoesNotAnswerIsMissing() {
    ThreadedWorkers workers(2, _clock);  // not started
    const auto all = askAll(
        workers, [](Worker& worker) { return worker.index(); }, 1ms);
    CPPUNIT_ASSERT(!all[0] && !all[1]);
    workers.start();
    workers.stop();  // what comes late harms nobody
  }

  void onTheWorkerItselfAtOnce() {
    Testsuite::FakeClock clock;
    Testsuite::FakeWorker worker(clock, 1);
    CPPUNIT_ASSERT_EQUAL(7, *ask(
                                worker, [](Worker&) { return 7; }, 1ms));
  }

 private:
  SystemClock _clock;
};

CPPUNIT_TEST_SUITE_REGISTRATION(AskTest);

}  // namespace Patchbay::Runtime
