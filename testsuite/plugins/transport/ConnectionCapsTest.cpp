#include <cppunit/extensions/HelperMacros.h>

#include <cerrno>

#include "StreamServer.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Settings = Testsuite::FakeHost::SettingsMap;
using Testsuite::StreamServer;

/// How many connections there may be, and who goes when there are too many.
class ConnectionCapsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ConnectionCapsTest);
  CPPUNIT_TEST(keepsIdleConnectionsWhileThereIsRoom);
  CPPUNIT_TEST(letsNewOnesWaitWhenNoneWouldNotBeMissed);
  CPPUNIT_TEST(endsTheOldestSilentOneForANewOne);
  CPPUNIT_TEST(endsThoseThatNeverSpokeFirst);
  CPPUNIT_TEST(closesWhatIsTooMuchFromOneSource);
  CPPUNIT_TEST(takesAnIpv6NetworkForOneSource);
  CPPUNIT_TEST(pausesWithoutDescriptors);
  CPPUNIT_TEST_SUITE_END();

  static std::string from(int number) { return "192.0.2." + std::to_string(number) + ":40000"; }

 public:
  // B12
  void keepsIdleConnectionsWhileThereIsRoom() {
    StreamServer server;
    const auto peer = server.connect();
    server.turn();
    server.pass(24h);
    CPPUNIT_ASSERT(!peer->isEnded());
  }
  // B13
  void letsNewOnesWaitWhenNoneWouldNotBeMissed() {
    StreamServer server(Settings{{"max_connections", "2"}});
    const auto one = server.connect(from(1).c_str()), two = server.connect(from(2).c_str());
    server.turn();
    server.answerAll();
    const auto three = server.connect(from(3).c_str());
    three->send(server.request());
    server.turn();
    CPPUNIT_ASSERT(!one->isClosed() && !two->isClosed());
    CPPUNIT_ASSERT_EQUAL(std::string(), three->take());
    for (int i = 0; i < 50; ++i) server.turn();
    CPPUNIT_ASSERT_EQUAL(1.0, server.refused("cap"));  // it is not asked in every turn
    two->endSending();
    server.turn();
    server.pass(200ms);
    CPPUNIT_ASSERT_EQUAL(server.reply(200), three->take());
  }
  // B12
  void endsTheOldestSilentOneForANewOne() {
    StreamServer server(Settings{{"max_connections", "3"}});
    server.answerAll();
    std::vector<StreamServer::Peer> peers;
    for (int i = 0; i < 3; ++i) {
      peers.push_back(server.connect(from(i).c_str()));
      CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(peers.back(), server.request()));
    }
    server.pass(1min);
    server.exchange(peers[0], "\r\n\r\n");
    server.pass(1min);
    const auto fresh = server.connect(from(9).c_str());
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(fresh, server.request()));
    CPPUNIT_ASSERT(!peers[0]->isClosed() && peers[1]->isClosed() && !peers[2]->isClosed());
    CPPUNIT_ASSERT_EQUAL(1.0, server.ended("evicted"));
    CPPUNIT_ASSERT_EQUAL(3.0, server.open());
  }
  // B12
  void endsThoseThatNeverSpokeFirst() {
    StreamServer server(Settings{{"max_connections", "2"}});
    server.answerAll();
    const auto phone = server.connect(from(1).c_str());
    server.exchange(phone, server.request());
    server.pass(10min);
    const auto mute = server.connect(from(2).c_str());
    server.turn();
    server.pass(4s);
    const auto fresh = server.connect(from(3).c_str());
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(fresh, server.request()));
    CPPUNIT_ASSERT(!phone->isClosed() && mute->isClosed());
  }
  // B14
  void closesWhatIsTooMuchFromOneSource() {
    StreamServer server(Settings{{"max_connections_per_source", "2"}});
    server.answerAll();
    const auto one = server.connect("192.0.2.1:1"), two = server.connect("192.0.2.1:2"), three = server.connect("192.0.2.1:3");
    const auto other = server.connect("192.0.2.2:1");
    server.turn();
    CPPUNIT_ASSERT(!one->isClosed() && !two->isClosed() && three->isClosed());
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(other, server.request()));
    CPPUNIT_ASSERT_EQUAL(1.0, server.refused("source"));
    two->endSending();
    server.turn();
    const auto again = server.connect("192.0.2.1:4");
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(again, server.request()));
  }
  // B14, N06
  void takesAnIpv6NetworkForOneSource() {
    StreamServer server(Settings{{"listen", "tcp:[::1]:5060"}, {"max_connections_per_source", "1"}});
    const auto one = server.connect("[2001:db8::1]:1", "[::1]:5060"), two = server.connect("[2001:db8::2:1]:1", "[::1]:5060");
    const auto other = server.connect("[2001:db8:0:1::1]:1", "[::1]:5060");
    server.turn();
    CPPUNIT_ASSERT(!one->isClosed() && two->isClosed() && !other->isClosed());
  }
  // B13
  void pausesWithoutDescriptors() {
    StreamServer server;
    server.answerAll();
    server.streams().acceptErrors = {ECONNABORTED, EMFILE, ENFILE};
    const auto peer = server.connect();
    peer->send(server.request());
    for (int i = 0; i < 50; ++i) server.turn();
    CPPUNIT_ASSERT_EQUAL(1.0, server.refused("files"));
    server.pass(200ms);
    CPPUNIT_ASSERT_EQUAL(2.0, server.refused("files"));
    server.pass(200ms);
    CPPUNIT_ASSERT_EQUAL(server.reply(200), peer->take());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConnectionCapsTest);
