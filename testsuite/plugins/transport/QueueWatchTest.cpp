#include <cppunit/extensions/HelperMacros.h>

#include <vector>

#include "QueueWatch.h"

using namespace Patchbay;
using namespace Patchbay::Transport;
using namespace std::chrono_literals;

namespace {

struct Queue : Runtime::DatagramSocket {
  Runtime::Endpoint endpoint;
  bool able = true, stamping = false;
  size_t memory = 0;
  mutable int asked = 0;
  int switched = 0;
  const Runtime::Endpoint& local() const override { return endpoint; }
  int descriptor() const override { return -1; }
  std::span<const Runtime::Datagram> receive() override { return {}; }
  void send(Runtime::Outbox&) override {}
  bool stamp(bool on) override {
    ++switched;
    if (able) stamping = on;
    return able;
  }
  size_t backlog() const override {
    ++asked;
    return memory;
  }
};

}  // namespace

/// Case H06: waiting is measured while a worker is loaded, and only then.
class QueueWatchTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(QueueWatchTest);
  CPPUNIT_TEST(measuresNothingOfSingleDatagrams);
  CPPUNIT_TEST(measuresNothingOfFullBatchesWithAShortQueue);
  CPPUNIT_TEST(measuresWhenTheQueueIsLong);
  CPPUNIT_TEST(asksForTheQueueOnceInEightFullBatches);
  CPPUNIT_TEST(aBatchThatIsNotFullBeginsTheRowAnew);
  CPPUNIT_TEST(measuresBehindASlowTurn);
  CPPUNIT_TEST(restIsNoSlowTurn);
  CPPUNIT_TEST(goesOnUntilASecondOfCalm);
  CPPUNIT_TEST(oneLateDatagramBeginsTheSecondAnew);
  CPPUNIT_TEST(tellsHowLongTheOldestHasWaited);
  CPPUNIT_TEST(doesWithoutWhereTheSystemCannot);
  CPPUNIT_TEST_SUITE_END();

 public:
  Queue queue;
  QueueCell cell;
  QueueWatch watch{queue, cell};
  Runtime::Instant now{1000h};
  std::vector<Runtime::Datagram> batch;

  void receive(size_t count, Runtime::Duration after, Runtime::Duration waited = {}) {
    now += after;
    batch.assign(count, {});
    batch.front().waited = waited;
    watch.received(batch, now);
  }
  void load() {
    queue.memory = 4 << 20;
    for (int i = 0; i < 8; ++i) receive(32, 1ms);
    CPPUNIT_ASSERT(watch.stamping());
  }

  void measuresNothingOfSingleDatagrams() {
    queue.memory = 4 << 20;
    for (int i = 0; i < 1000; ++i) receive(1, 1ms);
    CPPUNIT_ASSERT_EQUAL(0, queue.asked);
    CPPUNIT_ASSERT_EQUAL(0, queue.switched);
  }

  void measuresNothingOfFullBatchesWithAShortQueue() {
    queue.memory = 64 * 768;  // 64 more wait, at 32 a millisecond: 2 ms
    for (int i = 0; i < 1000; ++i) receive(32, 1ms);
    CPPUNIT_ASSERT_EQUAL(0, queue.switched);
  }

  void measuresWhenTheQueueIsLong() {
    queue.memory = 768 * 32 * 20;  // 640 wait, at 32 a millisecond: 20 ms
    for (int i = 0; i < 7; ++i) receive(32, 1ms);
    CPPUNIT_ASSERT(!watch.stamping());
    receive(32, 1ms);
    CPPUNIT_ASSERT(watch.stamping());
    CPPUNIT_ASSERT(queue.stamping);
    CPPUNIT_ASSERT_EQUAL(1, cell.stamping.load());
  }

  void asksForTheQueueOnceInEightFullBatches() {
    for (int i = 0; i < 80; ++i) receive(32, 1ms);
    CPPUNIT_ASSERT_EQUAL(10, queue.asked);
  }

  void aBatchThatIsNotFullBeginsTheRowAnew() {
    queue.memory = 4 << 20;
    for (int i = 0; i < 100; ++i) receive(i % 8 == 7 ? 31 : 32, 1ms);
    CPPUNIT_ASSERT_EQUAL(0, queue.asked);
  }

  void measuresBehindASlowTurn() {
    receive(3, 1ms);
    receive(3, 50ms);
    CPPUNIT_ASSERT(!watch.stamping());
    receive(3, 51ms);
    CPPUNIT_ASSERT(watch.stamping());
  }

  void restIsNoSlowTurn() {
    receive(3, 1ms);
    watch.empty();
    receive(3, 10s);
    CPPUNIT_ASSERT(!watch.stamping());
  }

  void goesOnUntilASecondOfCalm() {
    load();
    for (int i = 0; i < 999; ++i) receive(1, 1ms, 9ms);
    CPPUNIT_ASSERT(watch.stamping());
    receive(1, 1ms, 9ms);
    CPPUNIT_ASSERT(!watch.stamping());
    CPPUNIT_ASSERT(!queue.stamping);
    CPPUNIT_ASSERT_EQUAL(0, cell.stamping.load());
    CPPUNIT_ASSERT_EQUAL(2, queue.switched);
  }

  void oneLateDatagramBeginsTheSecondAnew() {
    load();
    receive(1, 900ms, 10ms);
    receive(1, 999ms, 1ms);
    CPPUNIT_ASSERT(watch.stamping());
    receive(1, 1ms, 1ms);
    CPPUNIT_ASSERT(!watch.stamping());
  }

  void tellsHowLongTheOldestHasWaited() {
    load();
    receive(5, 1ms, 321ms);
    CPPUNIT_ASSERT_EQUAL(int64_t(321000000), cell.nanoseconds.load());
    receive(5, 1s, 0ms);
    CPPUNIT_ASSERT_EQUAL(int64_t(0), cell.nanoseconds.load());
  }

  void doesWithoutWhereTheSystemCannot() {
    queue.able = false;
    queue.memory = 4 << 20;
    for (int i = 0; i < 100; ++i) receive(32, 1ms);
    CPPUNIT_ASSERT(!watch.stamping());
    CPPUNIT_ASSERT_EQUAL(0, cell.stamping.load());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(QueueWatchTest);
