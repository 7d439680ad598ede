#include <cerrno>

#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Testing::FakeResolver;
using Testing::Stage;

/// Several targets of one name.
class FailoverTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FailoverTest);
  CPPUNIT_TEST(refusedDatagramLeadsToTheNextTarget);
  CPPUNIT_TEST(refusedDatagramFailsTheLastOneAtOnce);
  CPPUNIT_TEST(fullSendBufferIsNoFailure);
  CPPUNIT_TEST(lateWordOfALostPeerIsNoFailure);
  CPPUNIT_TEST(lostPeersAmongManyBranchesWaitForOneAnother);
  CPPUNIT_TEST(lostConnectionLeadsToTheNextTarget);
  CPPUNIT_TEST(targetWithoutListenerIsPassedOver);
  CPPUNIT_TEST(noMoreThanEightTargetsAreTried);
  CPPUNIT_TEST(siblingBranchesAreLeftAlone);
  CPPUNIT_TEST(answeredCallTriesNoFurther);
  CPPUNIT_TEST(busyTargetIsNotReplaced);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    _stage.enter();
    know("two.test", {"10.0.0.8:5060", "10.0.0.9:5060"});
  }
  // B21, I02
  void refusedDatagramLeadsToTheNextTarget() {
    _stage.call("INVITE", {"sip:bob@two.test"});
    _stage.tm.failed(_stage.last("INVITE").flow, EHOSTUNREACH);
    _stage.environment.turn();
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.9:5060"), _stage.last("INVITE").to());
    CPPUNIT_ASSERT_EQUAL(0L, _stage.times("INVITE").back());
    CPPUNIT_ASSERT(_stage.sent()[0].header("Via") != _stage.last("INVITE").header("Via"));
  }
  // B21
  void refusedDatagramFailsTheLastOneAtOnce() {
    _stage.call();
    _stage.tm.failed(_stage.last("INVITE").flow, ENETUNREACH);
    _stage.environment.turn();
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Ours"), _stage.last("SIP/2.0").line());
  }
  // B21
  void fullSendBufferIsNoFailure() {
    _stage.call();
    _stage.tm.failed(_stage.last("INVITE").flow, ENOBUFS);
    _stage.advance(500ms);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 500"));
  }
  // B21: forged, or late
  void lateWordOfALostPeerIsNoFailure() {
    _stage.call();
    const Transport::Flow peer = _stage.last("INVITE").flow;
    Transport::Flow other = peer;
    other.peer.port = 5062;
    _stage.tm.failed(other, ECONNREFUSED);
    _stage.answer(0, 180);
    _stage.tm.failed(peer, ECONNREFUSED);
    _stage.advance(1s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 500"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());
  }
  // B21: a storm of ICMP messages costs little
  void lostPeersAmongManyBranchesWaitForOneAnother() {
    std::vector<Transport::Flow> peers;
    for (int i = 0; i < 1000; ++i) {
      CPPUNIT_ASSERT(!_stage.receive(Stage::request("MESSAGE", "z9hG4bKmany" + std::to_string(i))));
      _stage.relay({"sip:bob@10.0.2." + std::to_string(i % 200) + ":" + std::to_string(6000 + i)});
      peers.push_back(_stage.last("MESSAGE").flow);
    }
    _stage.tm.failed(peers[0], ECONNREFUSED);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 500"));  // the first one at once
    for (size_t i = 1; i < 40; ++i) _stage.tm.failed(peers[i], ECONNREFUSED);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 500"));
    _stage.advance(1ms);
    CPPUNIT_ASSERT_EQUAL(size_t{40}, _stage.count("SIP/2.0 500"));
    for (size_t i = 0; i < 40; ++i) _stage.tm.failed(peers[i], ECONNREFUSED);  // nobody waits for them any more
    _stage.tm.failed(peers[40], ECONNREFUSED);
    _stage.advance(1s);
    CPPUNIT_ASSERT_EQUAL(size_t{41}, _stage.count("SIP/2.0 500"));
  }
  // C33, I02
  void lostConnectionLeadsToTheNextTarget() {
    know("tcp.test", {"10.0.0.8:5060", "10.0.0.9:5060"}, Transport::Protocol::tcp);
    _stage.call("INVITE", {"sip:bob@tcp.test;transport=tcp"});
    _stage.answer(_stage.sent().size() - 2, 180);
    _stage.tm.failed(_stage.last("INVITE").flow, ECONNRESET);
    _stage.environment.turn();
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.9:5060"), _stage.last("INVITE").to());
    _stage.tm.failed(_stage.last("INVITE").flow, ECONNREFUSED);
    _stage.environment.turn();
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Ours"), _stage.last("SIP/2.0").line());
  }
  // I02
  void targetWithoutListenerIsPassedOver() {
    know("mixed.test", {"[2001:db8::1]:5060", "10.0.0.100:5060", "10.0.0.9:5060"});
    _stage.call("INVITE", {"sip:bob@mixed.test"});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.9:5060"), _stage.last("INVITE").to());
  }
  // I03
  void noMoreThanEightTargetsAreTried() {
    std::vector<const char*> many{"10.0.0.11:5060", "10.0.0.12:5060", "10.0.0.13:5060", "10.0.0.14:5060", "10.0.0.15:5060",
                                  "10.0.0.16:5060", "10.0.0.17:5060", "10.0.0.18:5060", "10.0.0.19:5060", "10.0.0.20:5060"};
    know("many.test", many);
    _stage.call("INVITE", {"sip:bob@many.test"});
    for (size_t i = 0; i < 8; ++i) {
      _stage.tm.failed(_stage.last("INVITE").flow, EHOSTUNREACH);
      _stage.environment.turn();
    }
    CPPUNIT_ASSERT_EQUAL(size_t{8}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.18:5060"), _stage.last("INVITE").to());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 500"));
  }
  // I02, D01
  void siblingBranchesAreLeftAlone() {
    _stage.call("INVITE", {"sip:bob@two.test", "sip:carol@10.0.0.3"});
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("INVITE"));
    _stage.answer(0, 503);
    _stage.environment.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{3}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.9:5060"), _stage.last("INVITE").to());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("CANCEL"));
  }
  // I02, Z01
  void answeredCallTriesNoFurther() {
    _stage.call("INVITE", {"sip:bob@two.test"});
    _stage.answer(0, 200);
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // I02
  void busyTargetIsNotReplaced() {
    _stage.call("INVITE", {"sip:bob@two.test"});
    _stage.answer(0, 600);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 600 Theirs"), _stage.last("SIP/2.0").line());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
  }

 private:
  void know(const char* name, const std::vector<const char*>& endpoints, Transport::Protocol protocol = Transport::Protocol::udp) {
    auto& targets = _stage.resolver.known[name];
    for (const char* endpoint : endpoints) targets.push_back(FakeResolver::at(endpoint, protocol).front());
  }
  Stage _stage;
};
CPPUNIT_TEST_SUITE_REGISTRATION(FailoverTest);
