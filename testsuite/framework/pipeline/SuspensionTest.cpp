#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "Bench.h"

using Bench::Desk;
using namespace Patchbay::Pipeline;
using namespace std::chrono_literals;

class SuspensionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SuspensionTest);
  CPPUNIT_TEST(waitsAsAStep);
  CPPUNIT_TEST(waitsInsideAnExpression);
  CPPUNIT_TEST(waitsInsideACall);
  CPPUNIT_TEST(resumesWithAnError);
  CPPUNIT_TEST(settlesWhenResumedSettled);
  CPPUNIT_TEST(endsWithAnErrorWhenTheDeadlinePasses);
  CPPUNIT_TEST(ignoresStaleTickets);
  CPPUNIT_TEST(ignoresTicketsOfAnEarlierRun);
  CPPUNIT_TEST(resumesBeforeTheActionReturns);
  CPPUNIT_TEST(dropsTheTicketWhenTheActionAnswersAfterAll);
  CPPUNIT_TEST(resumesFromOtherThreads);
  CPPUNIT_TEST(cancels);
  CPPUNIT_TEST(tellsTheOwnerOnce);
  CPPUNIT_TEST(failsWhenTheOwnerRefuses);
  CPPUNIT_TEST(failsOverTheCap);
  CPPUNIT_TEST(failsWithoutATicket);
  CPPUNIT_TEST(waitsAfterSettling);
  CPPUNIT_TEST(waitsInTheErrorPipeline);
  CPPUNIT_TEST(leavesNothingWhenDestroyedWaiting);
  CPPUNIT_TEST(ignoresTicketsOfAMachineThatIsGone);
  CPPUNIT_TEST(endsSettledWhenTheOwnerSettles);
  CPPUNIT_TEST(outlivesItsEngine);
  CPPUNIT_TEST(showsSuspensions);
  CPPUNIT_TEST_SUITE_END();

  Desk desk{2};

  void load(const std::string& steps) {
    const std::string problems = desk.loadBody(steps);
    CPPUNIT_ASSERT_MESSAGE(problems, problems.find("error:") == std::string::npos);
  }
  void gives(const std::string& expected) { CPPUNIT_ASSERT_EQUAL(expected, desk.run()); }
  void nowGives(const std::string& expected) { CPPUNIT_ASSERT_EQUAL(expected, desk.result()); }
  uint64_t counted(const char* metric) { return desk.metrics.counter(metric, "").value(); }

  void waitsAsAStep() {
    load("<wait/><look/>");
    gives("wait running");
    CPPUNIT_ASSERT(desk.machine.suspended());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, desk.engine.suspended());
    desk.letter.tickets[0].resume(Verdict::no);
    nowGives("wait look completed");
    CPPUNIT_ASSERT_EQUAL(size_t{0}, desk.engine.suspended());
  }

  void waitsInsideAnExpression() {
    load("<rule if=\"look() and wait() and method == 'A'\"><look text='held'/></rule>");
    desk.letter.texts["method"] = "A";
    gives("look wait running");
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("look wait look:held completed");
    desk.run();
    desk.letter.tickets[0].resume(Verdict::no);
    nowGives("look wait completed");
  }

  void waitsInsideACall() {
    const std::string problems = desk.load(
        "<routing><pipeline name='request' on='request'><rule if=\"route('gw')\"><look text='back'/></rule><reply/></pipeline>"
        "<pipeline name='gw'><wait/><look/></pipeline></routing>");
    CPPUNIT_ASSERT_EQUAL(std::string(), problems);
    gives("wait running");
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("wait look look:back reply settled");
  }

  void resumesWithAnError() {
    load("<wait/><look/>");
    desk.run();
    desk.letter.tickets[0].resume(Verdict::error, "database gone");
    nowGives("wait failed (wait: database gone)");
  }

  void settlesWhenResumedSettled() {
    load("<wait/><log text='after'/><look/>");
    desk.run();
    desk.letter.tickets[0].resume(Verdict::settled);
    nowGives("wait log:after settled");
  }

  void endsWithAnErrorWhenTheDeadlinePasses() {
    load("<wait/><look/>");
    desk.run();
    desk.workers.worker.turn(1999ms);
    nowGives("wait running");
    desk.workers.worker.turn(1ms);
    nowGives("wait failed (wait: no answer within 2s)");
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, counted("pipeline_deadlines_total"));
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("wait failed (wait: no answer within 2s)");
  }

  void ignoresStaleTickets() {
    load("<wait/><wait/><look/>");
    desk.run();
    Ticket copy = desk.letter.tickets[0];
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("wait wait running");
    copy.resume(Verdict::error);
    nowGives("wait wait running");
    desk.letter.tickets[0].resume(Verdict::error);
    nowGives("wait wait running");
    desk.letter.tickets[1].resume(Verdict::yes);
    nowGives("wait wait look completed");
  }

  void ignoresTicketsOfAnEarlierRun() {
    load("<wait/><look/>");
    desk.run();
    Ticket old = desk.letter.tickets[0];
    desk.machine.cancel();
    gives("wait running");
    old.resume(Verdict::yes);
    nowGives("wait running");
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("wait look completed");
  }

  void resumesBeforeTheActionReturns() {
    load("<rule if=\"wait('now')\"><look/></rule>");
    gives("wait look completed");
    CPPUNIT_ASSERT_EQUAL(0, desk.told);
    desk.letter.tickets[0].resume(Verdict::error);
    nowGives("wait look completed");
    load("<wait text='bad now'/>");
    gives("wait failed (wait: bad at once)");
  }

  void dropsTheTicketWhenTheActionAnswersAfterAll() {
    load("<wait text='after all'/><wait/>");
    gives("wait wait running");
    desk.letter.tickets[0].resume(Verdict::error);
    nowGives("wait wait running");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, desk.engine.suspended());
  }

  void resumesFromOtherThreads() {
    load("<wait/><look/>");
    desk.run();
    std::thread([ticket = desk.letter.tickets[0]]() mutable { ticket.resumeLater(Verdict::error, "from afar"); }).join();
    nowGives("wait running");
    desk.workers.worker.turn();
    nowGives("wait failed (wait: from afar)");
    load("<wait text='later'/><look/>");
    gives("wait running");
    desk.workers.worker.turn();
    nowGives("wait look completed");
  }

  void cancels() {
    load("<wait/><look/>");
    desk.run();
    desk.machine.cancel();
    nowGives("wait cancelled");
    CPPUNIT_ASSERT_EQUAL(size_t{0}, desk.engine.suspended());
    desk.letter.tickets[0].resume(Verdict::yes);
    desk.machine.cancel();
    desk.workers.worker.turn(10s);
    nowGives("wait cancelled");
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, counted("pipeline_deadlines_total"));
  }

  void tellsTheOwnerOnce() {
    load("<wait/><wait/>");
    desk.run();
    desk.letter.tickets[0].resume(Verdict::yes);
    CPPUNIT_ASSERT_EQUAL(1, desk.told);
    desk.machine.cancel();
    desk.run();
    CPPUNIT_ASSERT_EQUAL(1, desk.told);
  }

  void failsWhenTheOwnerRefuses() {
    load("<wait/><look/>");
    desk.refuseToWait = true;
    gives("wait failed (wait: too many wait already)");
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("wait failed (wait: too many wait already)");
    CPPUNIT_ASSERT_EQUAL(size_t{0}, desk.engine.suspended());
  }

  void failsOverTheCap() {
    load("<wait/><look/>");
    Machine others[2];
    for (Machine& other : others) other.start(desk.engine, *desk.program, 0, desk.letter, desk);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, desk.engine.suspended());
    gives("wait failed (wait: too many wait already)");
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, counted("pipeline_refused_total"));
    others[0].cancel();
    gives("wait running");
    desk.machine.cancel();
    others[1].cancel();
  }

  void failsWithoutATicket() {
    load("<lost/>");
    gives("failed (lost: suspended without a ticket)");
  }

  void waitsAfterSettling() {
    load("<reply/><account/><log text='last'/>");
    gives("reply wait running");
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("reply wait log:last settled");
    desk.run();
    desk.workers.worker.turn(3s);
    nowGives("reply wait log:last settled");
  }

  void waitsInTheErrorPipeline() {
    CPPUNIT_ASSERT(desk.load("<routing><pipeline name='request' on='request' on-error='trouble'><fail/></pipeline>"
                             "<pipeline name='trouble'><wait/><log text='${error.text}'/><reply/></pipeline></routing>")
                       .find("error:") == std::string::npos);
    gives("fail wait running");
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("fail wait log:because of fail reply settled");
    desk.run();
    desk.letter.tickets[0].resume(Verdict::error, "again");
    nowGives("fail wait failed (fail: because of fail; then wait: again)");
  }

  void leavesNothingWhenDestroyedWaiting() {
    load("<wait/>");
    {
      Machine machine;
      machine.start(desk.engine, *desk.program, 0, desk.letter, desk);
      CPPUNIT_ASSERT_EQUAL(size_t{1}, desk.engine.suspended());
    }
    CPPUNIT_ASSERT_EQUAL(size_t{0}, desk.engine.suspended());
    desk.workers.worker.turn(10s);
  }

  void ignoresTicketsOfAMachineThatIsGone() {
    load("<wait/><look/>");
    {
      Machine machine;
      machine.start(desk.engine, *desk.program, 0, desk.letter, desk);
    }
    Ticket old = desk.letter.tickets[0];
    desk.letter.tickets.clear();
    gives("wait running");  // its place may be that of the other one
    CPPUNIT_ASSERT(!old.awaited());
    old.resume(Verdict::yes);
    nowGives("wait running");
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("wait look completed");
  }

  void endsSettledWhenTheOwnerSettles() {
    load("<wait/><look/>");
    for (const bool refuses : {true, false}) {
      desk.settlesInstead = true;
      desk.refuseToWait = refuses;
      gives("wait settled");
      CPPUNIT_ASSERT(!desk.letter.tickets[0].awaited());
      desk.letter.tickets[0].resume(Verdict::yes);
      nowGives("wait settled");
      CPPUNIT_ASSERT_EQUAL(size_t{0}, desk.engine.suspended());
    }
  }

  /// A server that stops while requests wait.
  void outlivesItsEngine() {
    load("<wait/>");
    Patchbay::Runtime::Metrics metrics;
    auto engine = std::make_unique<Engine>(desk.workers, metrics, Engine::Limits{});
    Machine machine;
    machine.start(*engine, *desk.program, 0, desk.letter, desk);
    CPPUNIT_ASSERT(machine.suspended() && desk.letter.tickets[0].awaited());
    engine.reset();
    CPPUNIT_ASSERT(!machine.suspended() && !machine.running() && !desk.letter.tickets[0].awaited());
    desk.letter.tickets[0].resume(Verdict::yes);
    nowGives("wait running");
  }

  void showsSuspensions() {
    desk.observed = true;
    load("<rule if='wait()'><look/></rule>");
    desk.run();
    desk.letter.tickets[0].resume(Verdict::yes);
    CPPUNIT_ASSERT_EQUAL(std::string("wait=suspended wait=yes look=yes"), desk.trail);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, counted("pipeline_suspensions_total"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SuspensionTest);
