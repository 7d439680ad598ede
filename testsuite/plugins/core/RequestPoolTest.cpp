#include <cppunit/extensions/HelperMacros.h>

#include <deque>

#include "FakeEnvironment.h"
#include "RequestPool.h"

namespace Patchbay::Core::Testing {

using namespace std::chrono_literals;

/// Memory under a flood and behind it (R10).
class RequestPoolTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RequestPoolTest);
  CPPUNIT_TEST(freesWhatIsNotNeededAnyMore);
  CPPUNIT_TEST(freesASliceAtATime);
  CPPUNIT_TEST(freesNothingUnderASteadyLoad);
  CPPUNIT_TEST(stopsFreeingWhenTheLoadReturns);
  CPPUNIT_TEST(hasNothingToDoWithFew);
  CPPUNIT_TEST(takesBackWhatOtherThreadsReturn);
  CPPUNIT_TEST(countsTheOctetsOfRequests);
  CPPUNIT_TEST(forgetsLargeOctets);
  CPPUNIT_TEST(lastEighthIsForThoseWithPrecedence);
  CPPUNIT_TEST(givesBackSoonerWhenFull);
  CPPUNIT_TEST_SUITE_END();

  struct Desk {
    explicit Desk(size_t most = 256 << 20) {
      pool.start(environment.workers, most);
      environment.worker.turn();
    }
    ~Desk() {
      held.clear();
      pool.stop();
    }
    void hold(size_t count) {
      while (held.size() < count) {
        Request& request = pool.take();
        held.emplace_back(request);
        request.release();
      }
      while (held.size() > count) held.pop_front();
    }
    Testsuite::FakeEnvironment environment;
    RequestPool pool;
    std::deque<RequestHold> held;
  };

 public:
  void freesWhatIsNotNeededAnyMore() {
    Desk desk;
    desk.hold(5000);
    desk.environment.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{5000}, desk.pool.made());
    desk.hold(100);
    desk.environment.advance(32s);  // 64*T1
    CPPUNIT_ASSERT_EQUAL(size_t{100} + RequestShelf::Floor, desk.pool.made());
    desk.hold(0);
    desk.environment.advance(32s);
    CPPUNIT_ASSERT_EQUAL(RequestShelf::Floor, desk.pool.made());
  }

  void freesASliceAtATime() {
    Desk desk;
    desk.hold(5000);
    desk.hold(0);
    for (size_t before = desk.pool.made(); before > RequestShelf::Floor; before = desk.pool.made()) {
      desk.environment.advance(100ms);
      CPPUNIT_ASSERT(before - desk.pool.made() <= 256);
      CPPUNIT_ASSERT(desk.environment.clock.now().time_since_epoch() < 1000h + 32s);
    }
  }

  void freesNothingUnderASteadyLoad() {
    Desk desk;
    for (int second = 0; second < 300; ++second) {
      desk.hold(second % 4 == 0 ? 3000 : 500);
      desk.environment.advance(1s);
      if (second > 0) CPPUNIT_ASSERT_EQUAL(size_t{3000}, desk.pool.made());
    }
  }

  void stopsFreeingWhenTheLoadReturns() {
    Desk desk;
    desk.hold(5000);
    desk.hold(0);
    while (desk.pool.made() == 5000) desk.environment.advance(100ms);
    desk.hold(4500);
    const size_t made = desk.pool.made();
    desk.environment.advance(10s);
    CPPUNIT_ASSERT_EQUAL(made, desk.pool.made() + std::min<size_t>(made - 4500, made - desk.pool.made()));
    CPPUNIT_ASSERT(desk.pool.made() >= 4500);
  }

  void hasNothingToDoWithFew() {
    Desk desk;
    desk.hold(5000);
    CPPUNIT_ASSERT(desk.environment.worker.nextDue());
    desk.hold(0);
    desk.environment.advance(32s);
    CPPUNIT_ASSERT(!desk.environment.worker.nextDue());
  }

  void takesBackWhatOtherThreadsReturn() {
    Desk desk;
    desk.hold(2000);
    Testsuite::FakeWorker other(desk.environment.clock, 7, 1);
    other.as([&] { desk.hold(0); });
    desk.environment.advance(32s);
    CPPUNIT_ASSERT_EQUAL(RequestShelf::Floor, desk.pool.made());
  }

  void countsTheOctetsOfRequests() {
    Desk desk;
    desk.hold(1);
    const size_t bare = desk.pool.octets();
    const std::string octets(1000, 'x');
    desk.held[0]->begin(octets, {}, {});
    desk.held[0]->retain();
    CPPUNIT_ASSERT_EQUAL(bare + 2000, desk.pool.octets());
    desk.hold(1000);
    desk.hold(0);
    desk.environment.advance(32s);
    desk.hold(RequestShelf::Floor);
    CPPUNIT_ASSERT(desk.pool.octets() <= RequestShelf::Floor * bare + 2000);
  }

  void forgetsLargeOctets() {
    Desk desk;
    desk.hold(1);
    const size_t bare = desk.pool.octets();
    const std::string octets(60000, 'x');
    desk.held[0]->begin(octets, {}, {});
    desk.held[0]->retain();
    CPPUNIT_ASSERT_EQUAL(bare + 120000, desk.pool.octets());
    desk.hold(0);
    CPPUNIT_ASSERT_EQUAL(bare, desk.pool.octets());
  }

  void lastEighthIsForThoseWithPrecedence() {
    Desk desk(4 << 20);
    Request message;
    message.begin("OPTIONS sip:x SIP/2.0\r\n\r\n", {}, {});
    size_t count = 0;
    while (desk.pool.hasRoom(message, false)) desk.hold(++count);
    CPPUNIT_ASSERT(count > 300);
    const size_t first = count;
    while (desk.pool.hasRoom(message, true)) desk.hold(++count);
    CPPUNIT_ASSERT(count > first * 8 / 7 - 3 && count < first * 8 / 7 + 3);
  }

  void givesBackSoonerWhenFull() {
    Desk desk(4 << 20);
    while (!desk.pool.isFull()) desk.hold(desk.held.size() + 1);
    desk.hold(0);
    desk.environment.advance(3s);
    CPPUNIT_ASSERT_EQUAL(RequestShelf::Floor, desk.pool.made());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RequestPoolTest);

}  // namespace Patchbay::Core::Testing
