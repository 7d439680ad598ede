#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Testing::Stage;
using Times = std::vector<long>;

class ClientTransactionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ClientTransactionTest);
  CPPUNIT_TEST(sendsInviteSevenTimesAndAnswers408);
  CPPUNIT_TEST(sendsOtherElevenTimesAndKeepsQuiet);
  CPPUNIT_TEST(provisionalStretchesTimerE);
  CPPUNIT_TEST(provisionalStopsTimerA);
  CPPUNIT_TEST(timerCRestartsWithEachRinging);
  CPPUNIT_TEST(hundredDoesNotRestartTimerC);
  CPPUNIT_TEST(sendsOnceOverTcp);
  CPPUNIT_TEST(acknowledgesFailureHopByHop);
  CPPUNIT_TEST(ackCarriesRoutesOfTheInvite);
  CPPUNIT_TEST(acknowledgesCopiesOfTheFailure);
  CPPUNIT_TEST(forwardsEach2xxWhileAccepted);
  CPPUNIT_TEST(forwardsEachCopyOfRinging);
  CPPUNIT_TEST(dropsWhatFitsNoBranch);
  CPPUNIT_TEST(dropsReplyOfAnotherMethod);
  CPPUNIT_TEST(dropsReplyWithoutAViaBelow);
  CPPUNIT_TEST(dropsProvisionalAfter2xx);
  CPPUNIT_TEST(drops2xxAfterFailure);
  CPPUNIT_TEST(absorbsCopiesOfFinalToOther);
  CPPUNIT_TEST(dropsLateFinalToOther);
  CPPUNIT_TEST(branchesAreUnlike);
  CPPUNIT_TEST(lostConnectionFailsTheBranch);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { _stage.enter(); }
  // C01, D05
  void sendsInviteSevenTimesAndAnswers408() {
    _stage.call();
    _stage.advance(40s);
    CPPUNIT_ASSERT(Times({0, 500, 1500, 3500, 7500, 15500, 31500}) == _stage.times("INVITE"));
    CPPUNIT_ASSERT_EQUAL(32000L, _stage.times("SIP/2.0 408").at(0));
  }
  // C02
  void sendsOtherElevenTimesAndKeepsQuiet() {
    _stage.call("MESSAGE");
    _stage.advance(100s);
    CPPUNIT_ASSERT(Times({0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}) == _stage.times("MESSAGE"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 408"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // C03: 500 is armed already when the 100 comes
  void provisionalStretchesTimerE() {
    _stage.call("MESSAGE");
    _stage.advance(100ms);
    _stage.answer(0, 100, "");
    _stage.advance(40s);
    CPPUNIT_ASSERT(Times({0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500}) == _stage.times("MESSAGE"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // C04
  void provisionalStopsTimerA() {
    _stage.call();
    _stage.advance(600ms);
    _stage.answer(0, 180);
    _stage.advance(60s);
    CPPUNIT_ASSERT(Times({0, 500}) == _stage.times("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 180"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 408"));
  }
  // C04, C32
  void timerCRestartsWithEachRinging() {
    _stage.call();
    for (int i = 0; i < 3; ++i) {
      _stage.answer(0, 180);
      _stage.advance(184s);
      CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("CANCEL"));
    }
    _stage.advance(1s);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("CANCEL"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 408"));
    _stage.answer(0, 487);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("ACK"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 487"));
  }
  // RFC 3261, 16.7 step 2
  void hundredDoesNotRestartTimerC() {
    _stage.call();
    _stage.advance(10s);
    _stage.answer(0, 100, "");
    _stage.advance(100s);
    _stage.answer(0, 100, "");
    _stage.advance(75s);
    CPPUNIT_ASSERT(Times({185000}) == _stage.times("CANCEL"));
  }
  // C05
  void sendsOnceOverTcp() {
    _stage.call("INVITE", {"sip:bob@10.0.0.2;transport=tcp"});
    _stage.advance(40s);
    CPPUNIT_ASSERT(Times({0}) == _stage.times("INVITE"));
    CPPUNIT_ASSERT(Times({32000, 32500, 33500, 35500, 39500}) == _stage.times("SIP/2.0 408"));
    CPPUNIT_ASSERT(_stage.sent()[0].text.find("Via: SIP/2.0/TCP 10.0.0.100:5060;branch=z9hG4bK77aa.t") != std::string::npos);
  }
  // C13
  void acknowledgesFailureHopByHop() {
    _stage.receive(Stage::request("INVITE", "z9hG4bKx", "Content-Type: text/plain\r\n", "sip:bob@10.0.0.2", 4711));
    _stage.relay();
    _stage.answer(0, 486, "busy");
    const auto ack = _stage.last("ACK");
    CPPUNIT_ASSERT_EQUAL(std::string("ACK sip:bob@10.0.0.2 SIP/2.0"), ack.line());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, ack.headers("Via").size());
    CPPUNIT_ASSERT_EQUAL(_stage.sent()[0].header("Via"), ack.header("Via"));
    CPPUNIT_ASSERT_EQUAL(std::string("4711 ACK"), ack.header("CSeq"));
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:bob@b.test>;tag=busy"), ack.header("To"));
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:alice@a.test>;tag=alice"), ack.header("From"));
    CPPUNIT_ASSERT_EQUAL(std::string("0"), ack.header("Content-Length"));
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.2:5060"), ack.to());
  }
  // C13
  void ackCarriesRoutesOfTheInvite() {
    _stage.receive(Stage::request("INVITE", "z9hG4bKx", "Route: <sip:10.0.0.7;lr>, <sip:10.0.0.8;lr>\r\n"));
    _stage.relay();
    _stage.answer(0, 404);
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:10.0.0.7;lr>, <sip:10.0.0.8;lr>"), _stage.last("ACK").header("Route"));
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.7:5060"), _stage.last("ACK").to());
  }
  void acknowledgesCopiesOfTheFailure() {
    _stage.call();
    for (int i = 0; i < 5; ++i) _stage.answer(0, 486);
    CPPUNIT_ASSERT_EQUAL(size_t{5}, _stage.count("ACK"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 486"));
    _stage.receive(Stage::request("ACK"));
    _stage.advance(33s);  // timer D
    _stage.answer(0, 486);
    CPPUNIT_ASSERT_EQUAL(size_t{5}, _stage.count("ACK"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // C11, C26
  void forwardsEach2xxWhileAccepted() {
    _stage.call();
    for (int i = 0; i < 100; ++i) _stage.answer(0, 200);
    CPPUNIT_ASSERT_EQUAL(size_t{100}, _stage.count("SIP/2.0 200"));
    _stage.advance(33s);
    _stage.answer(0, 200);
    CPPUNIT_ASSERT_EQUAL(size_t{100}, _stage.count("SIP/2.0 200"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // C26, C31
  void forwardsEachCopyOfRinging() {
    _stage.call();
    for (int i = 0; i < 50; ++i) _stage.answer(0, 183, "tag" + std::to_string(i % 5));
    CPPUNIT_ASSERT_EQUAL(size_t{50}, _stage.count("SIP/2.0 183"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKcaller1"), _stage.last("SIP/2.0 183").header("Via"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.last("SIP/2.0 183").headers("Via").size());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());
  }
  // C12, C24
  void dropsWhatFitsNoBranch() {
    _stage.call();
    _stage.take();
    auto request = _stage.sent()[0];
    const size_t at = request.text.find("z9hG4bK77aa.t") + 33;
    request.text[at] = request.text[at] == '0' ? '1' : '0';
    CPPUNIT_ASSERT(_stage.receiveReply(Stage::replyTo(request, 200)));  // ours, so nobody else may forward it
    CPPUNIT_ASSERT(_stage.take().empty());
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, _stage.counters.stray->value());
    auto foreign = _stage.sent()[0];
    foreign.text.insert(foreign.text.find("Via:"), "Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKelse\r\n");
    CPPUNIT_ASSERT(!_stage.receiveReply(Stage::replyTo(foreign, 200)));
  }
  // C23
  void dropsReplyOfAnotherMethod() {
    _stage.call("OPTIONS");
    _stage.take();
    auto reply = Stage::replyTo(_stage.sent()[0], 200);
    reply.replace(reply.find("1 OPTIONS"), 9, "1 INVITE");
    CPPUNIT_ASSERT(_stage.receiveReply(reply));
    CPPUNIT_ASSERT(_stage.take().empty());
  }
  // C24
  void dropsReplyWithoutAViaBelow() {
    _stage.call("OPTIONS");
    _stage.take();
    auto reply = Stage::replyTo(_stage.sent()[0], 200);
    const size_t second = reply.find("Via: SIP/2.0/UDP 10.0.0.1:");
    reply.erase(second, reply.find("\r\n", second) + 2 - second);
    CPPUNIT_ASSERT(_stage.receiveReply(reply));
    CPPUNIT_ASSERT(_stage.take().empty());
  }
  // C25
  void dropsProvisionalAfter2xx() {
    _stage.call();
    _stage.answer(0, 200);
    _stage.take();
    for (int code : {180, 404, 603}) _stage.answer(0, code);
    CPPUNIT_ASSERT(_stage.take().empty());
  }
  // C25
  void drops2xxAfterFailure() {
    for (int code : {486, 603}) {
      Stage stage;
      stage.call();
      stage.answer(0, code);
      stage.take();
      stage.answer(0, 200);
      CPPUNIT_ASSERT(stage.take().empty());
    }
  }
  // timer K
  void absorbsCopiesOfFinalToOther() {
    _stage.call("MESSAGE");
    for (int i = 0; i < 3; ++i) _stage.answer(0, 200);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 200"));
  }
  // C29
  void dropsLateFinalToOther() {
    _stage.call("MESSAGE");
    _stage.advance(33s);
    CPPUNIT_ASSERT(_stage.answer(0, 200));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 200"));
  }
  // C37
  void branchesAreUnlike() {
    std::map<std::string, int> seen;
    for (int i = 0; i < 1000; ++i) {
      _stage.receive(Stage::request("OPTIONS", "z9hG4bKn" + std::to_string(i)));
      _stage.relay();
      ++seen[_stage.last("OPTIONS").header("Via")];
    }
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, seen.size());
  }
  // C33
  void lostConnectionFailsTheBranch() {
    _stage.call("INVITE", {"sip:bob@10.0.0.2;transport=tcp"});
    _stage.tm.failed(_stage.sent()[0].flow, 104);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Ours"), _stage.last("SIP/2.0").line());
  }

 private:
  Stage _stage;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ClientTransactionTest);
