#include <cppunit/extensions/HelperMacros.h>

#include "StreamServer.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Testsuite::StreamServer;

/// What comes in by connections, and what becomes of them.
class ConnectionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ConnectionTest);
  CPPUNIT_TEST(handsOverMessagesAndAnswersOnTheSameConnection);
  CPPUNIT_TEST(answersAThousandRequestsInOneSegmentInOrder);
  CPPUNIT_TEST(putsSplitMessagesTogether);
  CPPUNIT_TEST(answersAndClosesWhatCannotBeFramed);
  CPPUNIT_TEST(waitsFourSecondsForTheRestOfAMessage);
  CPPUNIT_TEST(closesWhoSendsAnOctetATwoSeconds);
  CPPUNIT_TEST(givesEachMessageItsOwnTime);
  CPPUNIT_TEST(closesHeadersWithoutEnd);
  CPPUNIT_TEST(answersKeepAlives);
  CPPUNIT_TEST(closesFloodsOfEmptyLines);
  CPPUNIT_TEST(closesASlowReaderAtItsQueue);
  CPPUNIT_TEST(letsASlowReadersRequestsWait);
  CPPUNIT_TEST(closesWhoReadsNothingForLong);
  CPPUNIT_TEST(answersAHalfClosedConnectionAndCloses);
  CPPUNIT_TEST(closesAHalfClosedConnectionThatNobodyAnswers);
  CPPUNIT_TEST(survivesAResetInEveryPhase);
  CPPUNIT_TEST(handsOverTheRestAfterAnException);
  CPPUNIT_TEST(keepsNothingOfAConnectionThatEnded);
  CPPUNIT_TEST(isQuietAfterStop);
  CPPUNIT_TEST_SUITE_END();

 public:
  void handsOverMessagesAndAnswersOnTheSameConnection() {
    StreamServer server;
    server.answerAll();
    const auto one = server.connect("192.0.2.1:40001"), other = server.connect("192.0.2.2:40001");
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(one, server.request("a")));
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(other, server.request("b")));
    CPPUNIT_ASSERT_EQUAL(std::string(), one->take());
    CPPUNIT_ASSERT_EQUAL(server.request("a"), server.heard[0].octets);
    CPPUNIT_ASSERT(server.heard[0].flow.peer == Testsuite::at("192.0.2.1:40001"));
    CPPUNIT_ASSERT(server.heard[0].flow.connection != 0);
    CPPUNIT_ASSERT(server.heard[0].flow.connection != server.heard[1].flow.connection);
    CPPUNIT_ASSERT_EQUAL(2.0, server.open());
  }
  // B01: what waits to be sent never gets near the cap, since the next request waits, too
  void answersAThousandRequestsInOneSegmentInOrder() {
    StreamServer server;
    server.onReceived = [&](const StreamServer::Heard& one) {
      server.plugin.send(one.flow, "SIP/2.0 200 " + std::to_string(server.heard.size()) + "\r\nContent-Length: 0\r\n\r\n");
    };
    const auto peer = server.connect();
    std::string all, expected, got;
    for (int i = 1; i <= 1000; ++i) {
      all += server.request();
      expected += "SIP/2.0 200 " + std::to_string(i) + "\r\nContent-Length: 0\r\n\r\n";
    }
    peer->window = 1000;
    got = server.exchange(peer, all);
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, got.size());
    while (got.size() < expected.size()) {
      peer->window = 1000;
      server.turn();
      const auto more = peer->take();
      CPPUNIT_ASSERT(!more.empty());
      got += more;
    }
    CPPUNIT_ASSERT_EQUAL(expected, got);
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, server.heard.size());
  }
  // B02
  void putsSplitMessagesTogether() {
    StreamServer server;
    const auto peer = server.connect();
    const auto octets = server.request("body");
    for (const char c : octets) server.exchange(peer, std::string(1, c));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.heard.size());
    CPPUNIT_ASSERT_EQUAL(octets, server.heard[0].octets);
  }
  // B03, B06, B08
  void answersAndClosesWhatCannotBeFramed() {
    for (const char* line : {"Subject: no length\r\n", "Content-Length: five\r\n", "Content-Length: -1\r\n",
                             "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 4294967328\r\n"}) {
      StreamServer server;
      const auto peer = server.connect();
      const auto answer = server.exchange(peer, "OPTIONS sip:x SIP/2.0\r\n" + std::string(line) + "\r\nhello" + server.request());
      CPPUNIT_ASSERT_MESSAGE(line, answer.starts_with("SIP/2.0 400"));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, size_t{1}, server.heard.size());  // nothing behind it is looked at
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, 400, server.heard[0].status);
      CPPUNIT_ASSERT_MESSAGE(line, peer->isEnded() && !peer->isClosed());  // so that the answer is not lost in a reset
      server.exchange(peer, server.request());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, size_t{1}, server.heard.size());
      peer->endSending();
      server.turn();
      CPPUNIT_ASSERT_MESSAGE(line, peer->isClosed());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, 1.0, server.ended("framing"));
    }
    StreamServer server;
    const auto peer = server.connect();
    server.exchange(peer, "OPTIONS sip:x SIP/2.0\r\n\r\n");
    server.pass(999ms);
    CPPUNIT_ASSERT(!peer->isClosed());
    server.pass(1ms);
    CPPUNIT_ASSERT(peer->isClosed());  // whoever keeps it open
  }
  // B05
  void waitsFourSecondsForTheRestOfAMessage() {
    StreamServer server;
    const auto peer = server.connect();
    server.exchange(peer, "OPTIONS sip:x SIP/2.0\r\nContent-Length: 50\r\n\r\nhello");
    server.pass(3999ms);
    CPPUNIT_ASSERT(!peer->isClosed());
    server.pass(1ms);
    CPPUNIT_ASSERT(peer->isClosed());
    CPPUNIT_ASSERT_EQUAL(std::string(), peer->take());
    CPPUNIT_ASSERT(server.heard.empty());
    CPPUNIT_ASSERT_EQUAL(1.0, server.ended("slow"));
  }
  // B10
  void closesWhoSendsAnOctetATwoSeconds() {
    StreamServer server;
    const auto peer = server.connect();
    for (const char c : {'O', 'P'}) {
      server.exchange(peer, std::string(1, c));
      CPPUNIT_ASSERT(!peer->isClosed());
      server.pass(2s);
    }
    CPPUNIT_ASSERT(peer->isClosed());
  }
  void givesEachMessageItsOwnTime() {
    StreamServer server;
    const auto peer = server.connect();
    const auto octets = server.request();
    for (int i = 0; i < 5; ++i) {
      server.exchange(peer, octets.substr(10).insert(0, i ? "" : octets.substr(0, 10)) + octets.substr(0, 10));
      server.pass(3s);
      CPPUNIT_ASSERT(!peer->isClosed());
    }
    CPPUNIT_ASSERT_EQUAL(size_t{5}, server.heard.size());
    server.pass(1s);
    CPPUNIT_ASSERT(peer->isClosed());
  }
  // B07
  void closesHeadersWithoutEnd() {
    StreamServer server;
    const auto peer = server.connect();
    std::string got = server.exchange(peer, "OPTIONS sip:x SIP/2.0\r\n");
    for (int i = 0; i < 1000 && !peer->isEnded(); ++i) got += server.exchange(peer, "Subject: " + std::string(90, 'x') + "\r\n");
    CPPUNIT_ASSERT(peer->isEnded());
    CPPUNIT_ASSERT(got.starts_with("SIP/2.0 400"));  // what this test's receiver says to a 513
    CPPUNIT_ASSERT_EQUAL(513, server.heard[0].status);
  }
  void answersKeepAlives() {
    StreamServer server;
    const auto peer = server.connect();
    CPPUNIT_ASSERT_EQUAL(std::string("\r\n"), server.exchange(peer, "\r\n\r\n"));
    for (int i = 0; i < 100; ++i) {
      server.pass(25s);
      CPPUNIT_ASSERT_EQUAL(std::string("\r\n"), server.exchange(peer, "\r\n\r\n"));
    }
    CPPUNIT_ASSERT(server.heard.empty());
    CPPUNIT_ASSERT(!peer->isEnded());
  }
  // A30
  void closesFloodsOfEmptyLines() {
    StreamServer server;
    const auto peer = server.connect();
    std::string lines;
    for (int i = 0; i < 10000; ++i) lines += "\r\n";
    server.exchange(peer, lines + server.request());
    CPPUNIT_ASSERT(server.heard.empty());
    CPPUNIT_ASSERT(peer->isEnded());
  }
  // B11
  void closesASlowReaderAtItsQueue() {
    StreamServer server;
    const auto peer = server.connect();
    server.exchange(peer, server.request());
    const auto flow = server.heard[0].flow;
    peer->window = 0;
    const std::string kilobyte = "SIP/2.0 180 " + std::string(980, 'x') + "\r\nContent-Length: 0\r\n\r\n";
    for (int i = 0; i < 32; ++i) CPPUNIT_ASSERT(server.plugin.send(flow, kilobyte));
    server.turn();
    CPPUNIT_ASSERT(!peer->isClosed());
    CPPUNIT_ASSERT(server.host.value("transport_queued_octets") > 32000);
    server.plugin.send(flow, kilobyte);
    server.turn();
    CPPUNIT_ASSERT(peer->isClosed());
    CPPUNIT_ASSERT_EQUAL(1.0, server.ended("queue"));
    CPPUNIT_ASSERT_EQUAL(0.0, server.host.value("transport_queued_octets"));
  }
  // B11
  void letsASlowReadersRequestsWait() {
    StreamServer server;
    const std::string large = "SIP/2.0 200 OK\r\nSubject: " + std::string(4000, 'x') + "\r\nContent-Length: 0\r\n\r\n";
    server.onReceived = [&](const StreamServer::Heard& one) { server.plugin.send(one.flow, large); };
    const auto peer = server.connect();
    peer->window = 0;
    std::string all;
    for (int i = 0; i < 100; ++i) all += server.request();
    server.exchange(peer, all);
    CPPUNIT_ASSERT(server.heard.size() < 10);
    CPPUNIT_ASSERT(!peer->isClosed());
    peer->window = SIZE_MAX;
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{100}, server.heard.size());
    CPPUNIT_ASSERT_EQUAL(100 * large.size(), peer->take().size());
  }
  // B11
  void closesWhoReadsNothingForLong() {
    StreamServer server;
    server.answerAll();
    const auto peer = server.connect();
    peer->window = 10;
    server.exchange(peer, server.request());
    server.pass(9s);
    peer->window = 10;  // a little progress
    server.turn();
    server.pass(9999ms);
    CPPUNIT_ASSERT(!peer->isClosed());
    server.pass(1ms);
    CPPUNIT_ASSERT(peer->isClosed());
    CPPUNIT_ASSERT_EQUAL(1.0, server.ended("stalled"));
  }
  // B16
  void answersAHalfClosedConnectionAndCloses() {
    StreamServer server;
    const auto peer = server.connect();
    peer->send(server.request());
    peer->endSending();
    server.turn();
    CPPUNIT_ASSERT(!peer->isClosed());
    server.plugin.send(server.heard[0].flow, server.reply(180));
    server.turn();
    CPPUNIT_ASSERT(!peer->isClosed());
    server.plugin.send(server.heard[0].flow, server.reply(200));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(server.reply(180) + server.reply(200), peer->take());
    CPPUNIT_ASSERT(peer->isClosed());
  }
  // B16
  void closesAHalfClosedConnectionThatNobodyAnswers() {
    StreamServer server;
    const auto peer = server.connect();
    peer->send(server.request());
    peer->endSending();
    server.turn();
    server.pass(31999ms);
    CPPUNIT_ASSERT(!peer->isClosed());
    server.pass(1ms);
    CPPUNIT_ASSERT(peer->isClosed());
  }
  // B15
  void survivesAResetInEveryPhase() {
    StreamServer server;
    const auto octets = server.request("body");
    for (size_t sent : {size_t{0}, size_t{10}, octets.size() - 2, octets.size()}) {
      const auto peer = server.connect();
      server.exchange(peer, octets.substr(0, sent));
      peer->reset();
      server.turn();
      CPPUNIT_ASSERT(peer->isClosed());
    }
    const auto flow = server.heard.at(0).flow;
    CPPUNIT_ASSERT(server.plugin.send(flow, server.reply(200, "a.invalid")));  // after the request, before the reply
    const auto peer = server.connect();
    server.exchange(peer, octets);
    peer->window = 5;
    server.plugin.send(server.heard.back().flow, server.reply(200));
    server.turn();
    peer->reset();  // while the reply is written
    server.turn();
    CPPUNIT_ASSERT(peer->isClosed());
    CPPUNIT_ASSERT_EQUAL(0.0, server.open());
    CPPUNIT_ASSERT_EQUAL(0.0, server.host.value("transport_queued_octets"));
    CPPUNIT_ASSERT_EQUAL(5.0, server.ended("reset"));
    CPPUNIT_ASSERT(server.failures.empty());  // no request of ours was lost
  }
  // A21
  void handsOverTheRestAfterAnException() {
    StreamServer server;
    server.onReceived = [&](const StreamServer::Heard&) {
      if (server.heard.size() == 1) throw Poco::OutOfMemoryException();
    };
    const auto peer = server.connect();
    peer->send(server.request("one") + server.request("two") + server.request("three"));
    CPPUNIT_ASSERT_THROW(server.turn(), Poco::OutOfMemoryException);  // the loop's affair
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.heard.size());
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{3}, server.heard.size());
    CPPUNIT_ASSERT_EQUAL(server.request("three"), server.heard[2].octets);
  }
  // B15
  void keepsNothingOfAConnectionThatEnded() {
    StreamServer server;
    for (int i = 0; i < 100; ++i) {
      const auto peer = server.connect();
      server.exchange(peer, server.request().substr(0, 20));
      peer->endSending();
      server.turn();
      CPPUNIT_ASSERT(peer->isClosed());
    }
    CPPUNIT_ASSERT_EQUAL(0.0, server.open());
    CPPUNIT_ASSERT_EQUAL(100.0, server.ended("peer"));
  }
  void isQuietAfterStop() {
    StreamServer server;
    const auto peer = server.connect();
    server.exchange(peer, server.request());
    const auto flow = server.heard[0].flow;
    server.plugin.stop();
    CPPUNIT_ASSERT(peer->isClosed());
    CPPUNIT_ASSERT(!server.plugin.send(flow, server.reply(200)));
    server.turn();
    CPPUNIT_ASSERT(server.failures.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConnectionTest);
