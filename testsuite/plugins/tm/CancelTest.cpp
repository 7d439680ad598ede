#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Testing::Stage;
using Times = std::vector<long>;

class CancelTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CancelTest);
  CPPUNIT_TEST(cancelsRingingLegs);
  CPPUNIT_TEST(waitsForTheFirstProvisional);
  CPPUNIT_TEST(sendsNothingWhenFinalComesFirst);
  CPPUNIT_TEST(answeredCallStays);
  CPPUNIT_TEST(muteLegEndsAfter64T1);
  CPPUNIT_TEST(repeatsCancelUntilAnswered);
  CPPUNIT_TEST(copiesOfCancelAreAnsweredAgain);
  CPPUNIT_TEST(leavesUnknownCancelToTheRules);
  CPPUNIT_TEST(doesNotObeyOthers);
  CPPUNIT_TEST(cancelOfOtherMethodsIsUnknown);
  CPPUNIT_TEST(suspendedInviteEndsWith487);
  CPPUNIT_TEST(relayAfterCancelSendsNothing);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { _stage.enter(); }
  // C14
  void cancelsRingingLegs() {
    _stage.call();
    _stage.answer(0, 180);
    _stage.take();
    CPPUNIT_ASSERT(cancel());
    const auto sent = _stage.take();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, sent.size());
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 Ours > 10.0.0.1:5060"), sent[0]);
    CPPUNIT_ASSERT_EQUAL(std::string("CANCEL sip:bob@10.0.0.2 SIP/2.0 > 10.0.0.2:5060"), sent[1]);
    CPPUNIT_ASSERT_EQUAL(_stage.sent()[0].header("Via"), _stage.last("CANCEL").header("Via"));
    CPPUNIT_ASSERT_EQUAL(std::string("1 CANCEL"), _stage.last("CANCEL").header("CSeq"));
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:bob@b.test>"), _stage.last("CANCEL").header("To"));
    _stage.receiveReply(Stage::replyTo(_stage.last("CANCEL"), 200));
    _stage.answer(0, 487);
    const auto rest = _stage.take();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, rest.size());
    CPPUNIT_ASSERT_EQUAL(std::string("ACK sip:bob@10.0.0.2 SIP/2.0 > 10.0.0.2:5060"), rest[0]);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 487 Theirs > 10.0.0.1:5060"), rest[1]);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    _stage.advance(40s);
    CPPUNIT_ASSERT(_stage.take().empty());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // C15
  void waitsForTheFirstProvisional() {
    _stage.call();
    cancel();
    _stage.advance(2s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("CANCEL"));
    _stage.answer(0, 100, "");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("CANCEL"));
  }
  // C15
  void sendsNothingWhenFinalComesFirst() {
    _stage.call();
    cancel();
    _stage.answer(0, 486);
    _stage.answer(0, 180);
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("CANCEL"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 487"));
  }
  // C16
  void answeredCallStays() {
    _stage.call();
    _stage.answer(0, 180);
    _stage.answer(0, 200);
    _stage.take();
    CPPUNIT_ASSERT(cancel());
    _stage.advance(31s);
    CPPUNIT_ASSERT(std::vector<std::string>{"SIP/2.0 200 Ours > 10.0.0.1:5060"} == _stage.take());
    Stage crossing;
    crossing.call();
    crossing.answer(0, 180);
    cancel(crossing);
    crossing.answer(0, 200);
    crossing.receiveReply(Stage::replyTo(crossing.last("CANCEL"), 481));
    crossing.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, crossing.count("SIP/2.0 200 Theirs"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, crossing.count("SIP/2.0 487"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, crossing.tm.transactions());
  }
  // C17
  void muteLegEndsAfter64T1() {
    _stage.call();
    _stage.answer(0, 180);
    _stage.advance(1s);
    cancel();
    _stage.receiveReply(Stage::replyTo(_stage.last("CANCEL"), 200));
    _stage.advance(31900ms);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 487"));
    _stage.advance(200ms);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 487"));
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void repeatsCancelUntilAnswered() {
    _stage.call();
    _stage.answer(0, 180);
    cancel();
    _stage.advance(1600ms);
    _stage.receiveReply(Stage::replyTo(_stage.last("CANCEL"), 200));
    _stage.advance(20s);
    CPPUNIT_ASSERT(Times({0, 500, 1500}) == _stage.times("CANCEL"));
  }
  void copiesOfCancelAreAnsweredAgain() {
    _stage.call();
    _stage.answer(0, 180);
    for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT(cancel());
    CPPUNIT_ASSERT_EQUAL(size_t{3}, _stage.count("SIP/2.0 200"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("CANCEL"));
  }
  // C18
  void leavesUnknownCancelToTheRules() {
    for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT(!_stage.receive(Stage::request("CANCEL", "z9hG4bKspoof" + std::to_string(i))));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
    CPPUNIT_ASSERT(_stage.take().empty());
  }
  // C19
  void doesNotObeyOthers() {
    _stage.call();
    _stage.answer(0, 180);
    _stage.take();
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("CANCEL"), "10.0.0.66:5060"));
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("CANCEL"), Stage::Caller, Transport::Protocol::tcp));
    CPPUNIT_ASSERT(_stage.take().empty());
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, _stage.counters.foreignCancels->value());
  }
  void cancelOfOtherMethodsIsUnknown() {
    _stage.call("MESSAGE");
    CPPUNIT_ASSERT(!cancel());
  }
  void suspendedInviteEndsWith487() {
    _stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(_stage.tm.adopt(*_stage.current));
    CPPUNIT_ASSERT(cancel());
    _stage.environment.turn();
    CPPUNIT_ASSERT((std::vector<std::string>{"SIP/2.0 200 Ours > 10.0.0.1:5060", "SIP/2.0 487 Ours > 10.0.0.1:5060"}) == _stage.take());
    CPPUNIT_ASSERT(!_stage.core.answer(*_stage.current, {.code = 404}));
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    _stage.advance(10s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void relayAfterCancelSendsNothing() {
    _stage.receive(Stage::request("INVITE"));
    _stage.tm.newTransaction(*_stage.current);
    cancel();
    CPPUNIT_ASSERT(_stage.relay() == Pipeline::Verdict::settled);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 487"));
  }

 private:
  bool cancel() { return cancel(_stage); }
  static bool cancel(Stage& stage) {
    auto* invite = stage.current;
    const bool claimed = stage.receive(Stage::request("CANCEL"));
    stage.current = invite;
    return claimed;
  }
  Stage _stage;
};
CPPUNIT_TEST_SUITE_REGISTRATION(CancelTest);
