#include <cppunit/extensions/HelperMacros.h>

#include <deque>

#include "Handover.h"

using namespace Patchbay;
using namespace Patchbay::Transport;
using namespace std::chrono_literals;

namespace {

/// Has a time that the test sets and tasks that the test runs.
struct IdleWorker : Runtime::Worker {
  IdleWorker(size_t number, Runtime::Instant& time) : number(number), time(time) {}
  size_t index() const override { return number; }
  Runtime::Instant now() const override { return time; }
  Runtime::WallTime wall() const override { return {}; }
  Runtime::Random& random() override { throw std::logic_error("nobody asks for random numbers here"); }
  void post(Runtime::Task task) override { tasks.push_back(std::move(task)); }
  void wakeBy(Runtime::Instant) override {}
  void add(Runtime::Ticker&) override {}
  void remove(Runtime::Ticker&) override {}
  void add(Runtime::Poller&) override {}
  void remove(Runtime::Poller&) override {}
  void add(Runtime::Flusher&) override {}
  void remove(Runtime::Flusher&) override {}
  void watch(int, unsigned, Runtime::Watcher&) override {}
  void unwatch(int) override {}
  void runOne() {
    Runtime::Task task = std::move(tasks.front());
    tasks.pop_front();
    task();
  }
  const size_t number;
  Runtime::Instant& time;
  std::deque<Runtime::Task> tasks;
};

struct Three : Runtime::Workers {
  Runtime::Instant time{std::chrono::hours(1)};
  IdleWorker workers[3]{{0, time}, {1, time}, {2, time}};
  size_t count() const override { return 3; }
  IdleWorker& at(size_t index) override { return workers[index]; }
};

struct Ear : Receiver {
  std::vector<std::string> heard;
  bool throws = false;
  void received(std::string_view octets, const Flow&) override {
    heard.emplace_back(octets);
    if (std::exchange(throws, false)) throw std::runtime_error("meant");
  }
  std::vector<Runtime::Duration> waits;
  void late(std::string_view octets, const Flow& flow, Runtime::Duration waited) override {
    waits.push_back(waited);
    received(octets, flow);
  }
  void failed(const Flow&, int) override {}
};

std::string message(int call, const char* method = "INVITE") {
  return std::string(method) + " sip:bob@example.org SIP/2.0\r\nCall-ID: call" + std::to_string(call) + "@trunk\r\n\r\n";
}

}  // namespace

class HandoverTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(HandoverTest);
  CPPUNIT_TEST(findsTheCallIdInAnySpelling);
  CPPUNIT_TEST(beginsWhenTheSocketWasNotEmptyForTwentyMilliseconds);
  CPPUNIT_TEST(anEmptySocketIsNoLoad);
  CPPUNIT_TEST(keepsACallOnOneWorkerInOrder);
  CPPUNIT_TEST(usesAllThatHaveTime);
  CPPUNIT_TEST(leavesBusyWorkersAlone);
  CPPUNIT_TEST(endsAfterTwoCalmSeconds);
  CPPUNIT_TEST(doesNotEndBeforeAllIsDelivered);
  CPPUNIT_TEST(deliversTheRestAfterAnException);
  CPPUNIT_TEST(tellsHowLongADatagramHasWaitedHereAndThere);
  CPPUNIT_TEST(leavesTheRestToTheOwnWorkerWhenMuchIsUnderway);
  CPPUNIT_TEST_SUITE_END();

  Three workers;
  LoadBoard board;
  Ear ear;
  Runtime::Metrics metrics;
  Runtime::Counter& handed = metrics.counter("handed", "");
  Listener listener;
  Handover handover{workers.at(0), listener, {ear, workers, board, handed}};

  void load() {
    handover.note(true);
    workers.time += Handover::BusyAfter;
    handover.note(true);
  }
  bool take(const std::string& octets) { return handover.take({octets, *Runtime::Endpoint::parse("192.0.2.1:5060")}); }

 public:
  void findsTheCallIdInAnySpelling() {
    for (const char* line : {"Call-ID: a@b", "i:a@b", "I : a@b", "CALL-ID\t:  a@b  ", "call-id:a@b"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(
          line, std::string("a@b"),
          std::string(callIdOf("BYE sip:x SIP/2.0\r\nContact: <sip:i:5>\r\nInfo: 1\r\n" + std::string(line) + "\r\n\r\n")));
    for (const char* text : {"", "BYE", "BYE sip:x SIP/2.0\r\n", "BYE sip:x SIP/2.0\r\n\r\nCall-ID: a",
                             "BYE sip:x SIP/2.0\r\nCall-IDs: a\r\n\r\n", "BYE sip:x SIP/2.0\r\ni", "BYE sip:x SIP/2.0\r\nCall-ID a\r\n"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::string(), std::string(callIdOf(text)));
  }

  void beginsWhenTheSocketWasNotEmptyForTwentyMilliseconds() {
    handover.note(true);
    workers.time += Handover::BusyAfter - 1us;
    handover.note(true);
    CPPUNIT_ASSERT(!handover.active());
    workers.time += 1us;
    handover.note(true);
    CPPUNIT_ASSERT(handover.active());
    CPPUNIT_ASSERT(board.isBusy(0));
  }

  void anEmptySocketIsNoLoad() {
    for (int i = 0; i < 100; ++i) {
      handover.note(true);
      workers.time += 15ms;
      handover.note(false);
    }
    CPPUNIT_ASSERT(!handover.active());
    CPPUNIT_ASSERT(!board.isBusy(0));
  }

  void keepsACallOnOneWorkerInOrder() {
    load();
    for (int call = 0; call < 20; ++call) {
      const bool first = take(message(call));
      handover.send();
      CPPUNIT_ASSERT_EQUAL(first, take(message(call, "ACK")));
      handover.send();
    }
    size_t expected = 0;
    for (auto& worker : workers.workers)
      while (!worker.tasks.empty()) worker.runOne(), ++expected;
    CPPUNIT_ASSERT_EQUAL(expected, ear.heard.size());
    for (size_t i = 0; i + 1 < ear.heard.size(); i += 2) {
      CPPUNIT_ASSERT_EQUAL(std::string("INVITE"), ear.heard[i].substr(0, 6));
      CPPUNIT_ASSERT_EQUAL(std::string(callIdOf(ear.heard[i])), std::string(callIdOf(ear.heard[i + 1])));
    }
  }

  void usesAllThatHaveTime() {
    load();
    int kept = 0;
    for (int call = 0; call < 300; ++call) kept += take(message(call)) ? 0 : 1;
    handover.send();
    CPPUNIT_ASSERT(kept > 50 && kept < 150);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, workers.at(1).tasks.size());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, workers.at(2).tasks.size());
    CPPUNIT_ASSERT_EQUAL(uint64_t(300 - kept), handed.value());
  }

  void leavesBusyWorkersAlone() {
    board.set(1, true);
    load();
    for (int call = 0; call < 100; ++call) take(message(call));
    handover.send();
    CPPUNIT_ASSERT(workers.at(1).tasks.empty());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, workers.at(2).tasks.size());
    board.set(2, true);
    Handover alone{workers.at(0), listener, {ear, workers, board, handed}};
    alone.note(true);
    workers.time += Handover::BusyAfter;
    alone.note(true);
    CPPUNIT_ASSERT(!alone.active());
  }

  void endsAfterTwoCalmSeconds() {
    load();
    handover.note(false);
    workers.time += Handover::CalmAfter - 1us;
    handover.note(false);
    CPPUNIT_ASSERT(handover.active());
    CPPUNIT_ASSERT(!board.isBusy(0));
    workers.time += 1us;
    handover.note(true);
    CPPUNIT_ASSERT(!handover.active());
  }

  void doesNotEndBeforeAllIsDelivered() {
    load();
    for (int call = 0; call < 100; ++call) take(message(call));
    handover.send();
    handover.note(false);
    workers.time += Handover::CalmAfter;
    handover.note(false);
    CPPUNIT_ASSERT(handover.active());
    workers.at(1).runOne();
    workers.at(2).runOne();
    handover.note(false);
    CPPUNIT_ASSERT(!handover.active());
  }

  void deliversTheRestAfterAnException() {
    load();
    size_t taken = 0;
    for (int call = 0; call < 30; ++call) taken += take(message(call)) ? 1 : 0;
    handover.send();
    ear.throws = true;
    CPPUNIT_ASSERT_THROW(workers.at(1).runOne(), std::runtime_error);
    workers.at(1).runOne();
    workers.at(2).runOne();
    CPPUNIT_ASSERT_EQUAL(taken, ear.heard.size());
  }

  /// Case H06: what waits for a helper ages too.
  void tellsHowLongADatagramHasWaitedHereAndThere() {
    load();
    for (int call = 0; call < 30; ++call) handover.take({message(call), *Runtime::Endpoint::parse("192.0.2.1:5060"), 300ms});
    handover.send();
    workers.time += 50ms;
    workers.at(1).runOne();
    workers.at(2).runOne();
    CPPUNIT_ASSERT(!ear.heard.empty());
    CPPUNIT_ASSERT_EQUAL(ear.heard.size(), ear.waits.size());
    for (const auto waited : ear.waits) CPPUNIT_ASSERT(waited == 350ms);
  }

  /// Case H03: helpers that do not keep up must not gather what the socket's queue would drop.
  void leavesTheRestToTheOwnWorkerWhenMuchIsUnderway() {
    load();
    size_t taken = 0;
    for (int call = 0; call < 1000; ++call) {
      taken += take(message(call)) ? 1 : 0;
      handover.send();
    }
    CPPUNIT_ASSERT_EQUAL(Handover::MostUnderway, taken);
    while (!workers.at(1).tasks.empty()) workers.at(1).runOne();
    while (!workers.at(2).tasks.empty()) workers.at(2).runOne();
    taken = 0;
    for (int call = 0; call < 1000; ++call) taken += take(message(call)) ? 1 : 0;
    CPPUNIT_ASSERT(taken > 500);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HandoverTest);
