#include <cppunit/extensions/HelperMacros.h>

#include <cerrno>

#include "StreamServer.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Answer = Testsuite::FakeStreams::Answer;
using Testsuite::at;
using Testsuite::StreamServer;

/// Connections that we open, and what becomes of replies whose connection is gone.
class OpenedConnectionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OpenedConnectionTest);
  CPPUNIT_TEST(opensOneConnectionToAPeerAndUsesItAgain);
  CPPUNIT_TEST(hearsRepliesOnIt);
  CPPUNIT_TEST(tellsThatAPeerRefuses);
  CPPUNIT_TEST(tellsThatAPeerDoesNotAnswerInTime);
  CPPUNIT_TEST(tellsThatAConnectionWasLostBeforeTheFinalReply);
  CPPUNIT_TEST(tellsNothingWhenAllIsAnswered);
  CPPUNIT_TEST(opensAnewAfterALoss);
  CPPUNIT_TEST(neverOpensToItselfOrToWhatNothingLegitimateHas);
  CPPUNIT_TEST(neverUsesWhatAPeerOpenedForOthersRequests);
  CPPUNIT_TEST(sendsByTheConnectionThatAFlowNames);
  CPPUNIT_TEST(sendsALateReplyToItsSentBy);
  CPPUNIT_TEST(neverSendsALateReplyByAnotherPeersConnection);
  CPPUNIT_TEST(dropsALateReplyWithoutAnAddress);
  CPPUNIT_TEST_SUITE_END();

 public:
  void opensOneConnectionToAPeerAndUsesItAgain() {
    StreamServer server;
    const auto flow = server.flow("127.0.0.9:5070");
    CPPUNIT_ASSERT(server.plugin.send(flow, server.request("one")));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.streams().opened.size());
    const auto peer = server.streams().opened[0];
    CPPUNIT_ASSERT(peer->local() == at("127.0.0.9:5070"));
    CPPUNIT_ASSERT(peer->server().address == at("127.0.0.1:1").address);
    CPPUNIT_ASSERT(server.plugin.send(flow, server.request("two")));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(server.request("one") + server.request("two"), peer->take());
    CPPUNIT_ASSERT(server.plugin.send(server.flow("127.0.0.9:5071"), server.request("three")));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.streams().opened.size());
    CPPUNIT_ASSERT_EQUAL(2.0, server.host.value("transport_connections_opened_total"));
  }
  void hearsRepliesOnIt() {
    StreamServer server;
    server.plugin.send(server.flow("127.0.0.9:5070"), server.request());
    server.turn();
    server.exchange(server.streams().opened.at(0), server.reply(200));
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.heard.at(0).octets);
    CPPUNIT_ASSERT(server.heard[0].flow.peer == at("127.0.0.9:5070"));
  }
  // B20
  void tellsThatAPeerRefuses() {
    StreamServer server;
    const auto flow = server.flow("127.0.0.9:5070");
    server.streams().answers[flow.peer] = Answer::refuses;
    CPPUNIT_ASSERT(server.plugin.send(flow, server.request()));
    CPPUNIT_ASSERT(server.failures.empty());  // never from within
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.failures.size());
    CPPUNIT_ASSERT(server.failures[0].first == flow);  // as it was given
    CPPUNIT_ASSERT_EQUAL(ECONNREFUSED, server.failures[0].second);
    CPPUNIT_ASSERT_EQUAL(0.0, server.open());
  }
  // B20
  void tellsThatAPeerDoesNotAnswerInTime() {
    StreamServer server;
    const auto flow = server.flow("127.0.0.9:5070");
    server.streams().answers[flow.peer] = Answer::silent;
    server.plugin.send(flow, server.request());
    server.pass(3999ms);
    CPPUNIT_ASSERT(server.failures.empty());
    server.pass(1ms);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.failures.size());
    CPPUNIT_ASSERT_EQUAL(ETIMEDOUT, server.failures[0].second);
    CPPUNIT_ASSERT_EQUAL(1.0, server.ended("connect"));
  }
  // B20
  void tellsThatAConnectionWasLostBeforeTheFinalReply() {
    for (const bool reset : {true, false}) {
      StreamServer server;
      const auto flow = server.flow("127.0.0.9:5070");
      server.plugin.send(flow, server.request());
      server.turn();
      const auto peer = server.streams().opened.at(0);
      server.exchange(peer, server.reply(180));
      reset ? peer->reset() : peer->endSending();
      server.turn();
      CPPUNIT_ASSERT_EQUAL(size_t{1}, server.failures.size());
      CPPUNIT_ASSERT(server.failures[0].first == flow);
    }
  }
  void tellsNothingWhenAllIsAnswered() {
    StreamServer server;
    server.plugin.send(server.flow("127.0.0.9:5070"), server.request());
    server.turn();
    const auto peer = server.streams().opened.at(0);
    server.exchange(peer, server.reply(180) + server.reply(404));
    peer->endSending();
    server.turn();
    CPPUNIT_ASSERT(peer->isClosed());
    CPPUNIT_ASSERT(server.failures.empty());
  }
  void opensAnewAfterALoss() {
    StreamServer server;
    const auto flow = server.flow("127.0.0.9:5070");
    server.plugin.send(flow, server.request());
    server.turn();
    server.streams().opened.at(0)->reset();
    server.turn();
    server.plugin.send(flow, server.request("again"));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.streams().opened.size());
    CPPUNIT_ASSERT_EQUAL(server.request("again"), server.streams().opened[1]->take());
  }
  // B34, G06
  void neverOpensToItselfOrToWhatNothingLegitimateHas() {
    StreamServer server;
    for (const char* peer : {"127.0.0.1:5060", "127.0.0.9:0", "0.0.0.0:5060", "224.0.0.1:5060", "[::1]:5070"})
      CPPUNIT_ASSERT_MESSAGE(peer, !server.plugin.send(server.flow(peer), server.request()));
    server.turn();
    CPPUNIT_ASSERT(server.streams().opened.empty());
  }
  // B32: a port behind an address translator may be another one's tomorrow
  void neverUsesWhatAPeerOpenedForOthersRequests() {
    StreamServer server;
    const auto peer = server.connect("127.0.0.9:5070");
    server.exchange(peer, server.request());
    server.plugin.send(server.flow("127.0.0.9:5070"), server.request("for whoever listens there"));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(std::string(), peer->take());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.streams().opened.size());
  }
  void sendsByTheConnectionThatAFlowNames() {
    StreamServer server;
    const auto peer = server.connect("127.0.0.9:40001");
    server.exchange(peer, server.request());
    const auto flow = server.heard[0].flow;
    server.plugin.send(flow, server.request("for you"));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(server.request("for you"), peer->take());
    peer->reset();
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.failures.size());
    CPPUNIT_ASSERT(server.failures[0].first == flow);
    server.plugin.send(flow, server.request("too late"));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.failures.size());
    CPPUNIT_ASSERT(server.streams().opened.empty());
  }
  // B17
  void sendsALateReplyToItsSentBy() {
    StreamServer server;
    const auto peer = server.connect("127.0.0.9:40001");
    server.exchange(peer, server.request());
    peer->reset();
    server.turn();
    const std::string late = server.reply(200, "phone.example.org:5062;received=127.0.0.9");
    server.plugin.send(server.heard[0].flow, late);
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.streams().opened.size());
    CPPUNIT_ASSERT(server.streams().opened[0]->local() == at("127.0.0.9:5062"));
    CPPUNIT_ASSERT_EQUAL(late, server.streams().opened[0]->take());
  }
  // B17
  void neverSendsALateReplyByAnotherPeersConnection() {
    StreamServer server;
    const auto peer = server.connect("127.0.0.9:40001");
    server.exchange(peer, server.request());
    peer->reset();
    server.turn();
    const auto other = server.connect("127.0.0.9:40001");  // the same address and port, another one behind it
    server.exchange(other, server.request());
    const std::string late = server.reply(200, "127.0.0.9:40001");
    server.plugin.send(server.heard[0].flow, late);
    server.turn();
    CPPUNIT_ASSERT_EQUAL(std::string(), other->take());
    CPPUNIT_ASSERT_EQUAL(late, server.streams().opened.at(0)->take());
  }
  // B17
  void dropsALateReplyWithoutAnAddress() {
    StreamServer server;
    const auto peer = server.connect("127.0.0.9:40001");
    server.exchange(peer, server.request());
    peer->reset();
    server.turn();
    for (const char* via : {"phone.example.org", "127.0.0.1:5060", "224.0.0.1"})
      server.plugin.send(server.heard[0].flow, server.reply(200, via));
    server.turn();
    CPPUNIT_ASSERT(server.streams().opened.empty());
    CPPUNIT_ASSERT_EQUAL(3.0, server.host.value("transport_dropped_total", {{"reason", "gone"}}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OpenedConnectionTest);
