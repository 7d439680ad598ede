#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Testing::Stage;
using Times = std::vector<long>;
using Transport::Protocol;

class ServerTransactionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ServerTransactionTest);
  CPPUNIT_TEST(sends100AtOnce);
  CPPUNIT_TEST(sends100After200MsWhenTold);
  CPPUNIT_TEST(copyGetsTheLastProvisional);
  CPPUNIT_TEST(copyIsNotForwarded);
  CPPUNIT_TEST(sendsFailureAgainUntilAck);
  CPPUNIT_TEST(sendsFailureOnceOverTcp);
  CPPUNIT_TEST(absorbsAckToFailure);
  CPPUNIT_TEST(leavesAckTo2xxToTheRules);
  CPPUNIT_TEST(absorbsInviteAfter2xx);
  CPPUNIT_TEST(copyOfOtherGetsTheFinalAgain);
  CPPUNIT_TEST(other100ComesAfterTimerE);
  CPPUNIT_TEST(otherGetsNoOtherProvisional);
  CPPUNIT_TEST(oldClientsAreMatched);
  CPPUNIT_TEST(endsByTimerJ);
  CPPUNIT_TEST(replyPassesOctetForOctet);
  CPPUNIT_TEST(observersSeeItAll);
  CPPUNIT_TEST(anObserversExceptionChangesNothing);
  CPPUNIT_TEST(nothingButTheTransactionIsKept);
  CPPUNIT_TEST(manyComeAndGo);
  CPPUNIT_TEST(isSmall);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { _stage.enter(); }
  // C06
  void sends100AtOnce() {
    _stage.call();
    CPPUNIT_ASSERT(Times({0}) == _stage.times("SIP/2.0 100"));
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.1:5060"), _stage.last("SIP/2.0 100").to());
  }
  // C06
  void sends100After200MsWhenTold() {
    Timing timing;
    timing.tryingAtOnce = false;
    Stage stage(timing);
    stage.call();
    stage.advance(1s);
    CPPUNIT_ASSERT(Times({200}) == stage.times("SIP/2.0 100"));
    Stage ringing(timing);
    ringing.call();
    ringing.answer(0, 180);
    ringing.advance(1s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, ringing.count("SIP/2.0 100"));
  }
  // C06
  void copyGetsTheLastProvisional() {
    _stage.call();
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE")));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 100"));
    _stage.answer(0, 180);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE")));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 180"));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 100"));
  }
  void copyIsNotForwarded() {
    _stage.call();
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE")));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{10}, _stage.counters.absorbed->value());
  }
  // C07
  void sendsFailureAgainUntilAck() {
    _stage.call();
    _stage.answer(0, 486);
    _stage.advance(40s);
    CPPUNIT_ASSERT(Times({0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}) == _stage.times("SIP/2.0 486"));
    Stage acknowledged;
    acknowledged.call();
    acknowledged.answer(0, 486);
    acknowledged.advance(600ms);
    CPPUNIT_ASSERT(acknowledged.receive(Stage::request("ACK")));
    acknowledged.advance(40s);
    CPPUNIT_ASSERT(Times({0, 500}) == acknowledged.times("SIP/2.0 486"));
  }
  // C07
  void sendsFailureOnceOverTcp() {
    _stage.receive(Stage::request("INVITE"), Stage::Caller, Protocol::tcp);
    _stage.relay();
    _stage.answer(0, 486);
    _stage.advance(40s);
    CPPUNIT_ASSERT(Times({0}) == _stage.times("SIP/2.0 486"));
  }
  // C08
  void absorbsAckToFailure() {
    _stage.call();
    _stage.answer(0, 486);
    _stage.take();
    for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    _stage.advance(4900ms);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    CPPUNIT_ASSERT(_stage.take().empty());
    _stage.advance(200ms);
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("ACK")));
  }
  // C09
  void leavesAckTo2xxToTheRules() {
    _stage.call();
    _stage.answer(0, 200);
    _stage.take();
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("ACK")));  // some clients take the INVITE's branch
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("ACK", "z9hG4bKown")));
    CPPUNIT_ASSERT(_stage.relay() == Pipeline::Verdict::settled);
    const auto sent = _stage.take();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, sent.size());
    CPPUNIT_ASSERT_EQUAL(std::string("ACK sip:bob@10.0.0.2 SIP/2.0 > 10.0.0.2:5060"), sent[0]);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());
  }
  // C10
  void absorbsInviteAfter2xx() {
    _stage.call();
    _stage.answer(0, 200);
    _stage.take();
    _stage.advance(31s);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE")));
    CPPUNIT_ASSERT(_stage.take().empty());
    _stage.advance(2s);
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("INVITE")));
  }
  void copyOfOtherGetsTheFinalAgain() {
    _stage.call("MESSAGE");
    _stage.answer(0, 202);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("MESSAGE")));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 202"));
    CPPUNIT_ASSERT_EQUAL(_stage.sent()[1].text, _stage.last("SIP/2.0 202").text);
  }
  // C30
  void other100ComesAfterTimerE() {
    _stage.call("MESSAGE");
    _stage.advance(10s);
    CPPUNIT_ASSERT(Times({3500}) == _stage.times("SIP/2.0 100"));
  }
  // C30
  void otherGetsNoOtherProvisional() {
    _stage.call("MESSAGE");
    for (int code : {100, 180, 183}) _stage.answer(0, code);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 1"));
  }
  // C28
  void oldClientsAreMatched() {
    _stage.receive(Stage::request("INVITE", ""));
    _stage.relay();
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE", "1")) == false);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE", "")));
    _stage.answer(0, 486);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK", "")));
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("BYE", "")));
  }
  void endsByTimerJ() {
    _stage.call("MESSAGE");
    _stage.answer(0, 200);
    _stage.advance(31900ms);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());
    _stage.advance(200ms);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // D18
  void replyPassesOctetForOctet() {
    _stage.call("MESSAGE");
    const std::string odd = "x-oDd :  a ,b\r\n\tfolded\r\nX-Odd:\r\nt: <sip:z@z>\r\n";
    const std::string reply = Stage::replyTo(_stage.sent()[0], 200, "callee", odd);
    _stage.receiveReply(reply);
    std::string expected = reply;
    const size_t via = expected.find("Via: SIP/2.0/UDP 10.0.0.100");
    expected.erase(via, expected.find("\r\n", via) + 2 - via);
    CPPUNIT_ASSERT_EQUAL(expected, _stage.last("SIP/2.0 200").text);
  }
  void anObserversExceptionChangesNothing() {
    struct Broken : Observer {
      void created(Core::Request&) override { throw Poco::OutOfMemoryException(); }
      void branch(Core::Request&, std::string_view, const Transport::Flow&) override { throw Poco::OutOfMemoryException(); }
      void reply(Core::Request&, Core::Received&) override { throw Poco::OutOfMemoryException(); }
      void final(Core::Request&, int) override { throw Poco::OutOfMemoryException(); }
      void ended(uint64_t) override { throw Poco::OutOfMemoryException(); }
    } broken;
    const auto logged = [this] { CPPUNIT_ASSERT_THROW(_stage.environment.turn(), Poco::OutOfMemoryException); };  // by the worker
    _stage.tm.add(broken);
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("MESSAGE")));
    Pipeline::Machine machine;
    CPPUNIT_ASSERT(Relay(_stage.tm, machine, *_stage.current, RelayManner()).run() == Pipeline::Verdict::settled);
    logged();
    logged();
    CPPUNIT_ASSERT(_stage.answer(0, 404));
    logged();
    logged();
    CPPUNIT_ASSERT((std::vector<std::string>{"MESSAGE sip:bob@10.0.0.2 SIP/2.0 > 10.0.0.2:5060", "SIP/2.0 404 Theirs > 10.0.0.1:5060"}) ==
                   _stage.take());
    CPPUNIT_ASSERT_THROW(_stage.advance(33s), Poco::OutOfMemoryException);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void observersSeeItAll() {
    struct Notes : Observer {
      std::string text;
      void created(Core::Request&) override { text += "created "; }
      void branch(Core::Request&, std::string_view uri, const Transport::Flow&) override { text.append("branch ").append(uri).append(" "); }
      void reply(Core::Request&, Core::Received& reply) override { text += "reply" + std::to_string(reply.message.status()) + " "; }
      void final(Core::Request&, int code) override { text += "final" + std::to_string(code) + " "; }
      void ended(uint64_t incident) override { text += "ended" + std::to_string(incident); }
    } notes;
    _stage.tm.add(notes);
    _stage.call();
    _stage.answer(0, 180);
    _stage.answer(0, 503);
    _stage.receive(Stage::request("ACK"));
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(std::string("created branch sip:bob@10.0.0.2 reply180 reply503 final500 ended1"), notes.text);
  }
  void nothingButTheTransactionIsKept() {
    for (const char* method : {"INVITE", "MESSAGE"}) {
      _stage.receive(Stage::request(method, "z9hG4bKk"));
      _stage.relay();
      auto* request = _stage.current;
      _stage.receiveReply(Stage::replyTo(_stage.last(method), 200));
      request->release();  // the stage's was the last one: begin anew would not be safe otherwise
      request->hold();
      const Key key = _stage.tm.keyOf(*request);
      Turn turn(_stage.tm, _stage.tm.shardOf(key));
      CPPUNIT_ASSERT(!_stage.tm.find(turn, key, *request));
    }
  }
  // C35
  void manyComeAndGo() {
    for (int i = 0; i < 3000; ++i) {
      _stage.receive(Stage::request(i % 2 ? "INVITE" : "OPTIONS", "z9hG4bKm" + std::to_string(i)));
      _stage.relay();
      _stage.receiveReply(Stage::replyTo(_stage.sent()[i % 2 ? _stage.sent().size() - 2 : _stage.sent().size() - 1], 200));
    }
    CPPUNIT_ASSERT_EQUAL(size_t{3000}, _stage.tm.transactions());
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
    for (size_t i = 0; i < Shards::Count; ++i) {
      CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.shards().at(i).wheel.size());
      CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.shards().at(i).clients.size());
    }
  }
  // Design section 9: INVITE and BYE of a finished call, in 1.5 KB with the BYE's reply
  void isSmall() { CPPUNIT_ASSERT(2 * sizeof(ServerTransaction) <= 1000); }

 private:
  Stage _stage;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ServerTransactionTest);
