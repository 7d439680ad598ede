#include <cppunit/extensions/HelperMacros.h>

#include "StreamServer.h"

using namespace Patchbay;
using namespace Patchbay::Transport;
using namespace std::chrono_literals;
using Testsuite::at;
using Testsuite::StreamServer;

namespace {

/// A server whose `listen` is changed while it runs.
struct Changing : StreamServer {
  using SettingsMap = Testsuite::FakeHost::SettingsMap;
  explicit Changing(const std::string& listen, SettingsMap more = {}) : StreamServer(with(listen, std::move(more))) {}

  static SettingsMap with(const std::string& listen, SettingsMap more = {}) {
    more["listen"] = listen;
    return more;
  }
  /// As a reload does it; what is wrong when it is refused, else nothing.
  std::string reload(const std::string& listen, SettingsMap more = {}) {
    auto& next = nexts.emplace_back(std::make_unique<Testsuite::FakeHost>(plugin, with(listen, std::move(more))));
    std::string wrong;
    host.environment_.worker.as([&] {
      plugin.prepare(*next);
      if (next->problems.hasErrors()) wrong = next->problems.all().front().text;
      wrong.empty() ? plugin.commit() : plugin.discard();
    });
    turn();
    return wrong;
  }
  std::string listening() const {
    std::string all;
    for (const auto& listener : plugin.listeners()) all += listener.text + " ";
    return all;
  }
  bool arrive(const char* to, std::string octets) {
    const bool there = host.environment_.network.inject(at("192.0.2.1:40001"), at(to), std::move(octets));
    turn();
    return there;
  }
  auto& sent() { return host.environment_.network.sent; }
  double closing() { return host.value("transport_dropped_total", {{"reason", "closing"}}); }

  std::vector<std::unique_ptr<Testsuite::FakeHost>> nexts;
};

const char* const Options = "OPTIONS sip:127.0.0.1 SIP/2.0\r\n\r\n";

}  // namespace

/// `listen` is live: whole or not at all, and nothing that is under way is lost.
class ListenersReloadTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ListenersReloadTest);
  CPPUNIT_TEST(opensWhatIsNew);
  CPPUNIT_TEST(refusesWholeWhenAPortIsTaken);
  CPPUNIT_TEST(doesNotTouchWhatStays);
  CPPUNIT_TEST(aDatagramListenerEndsWhatIsUnderWay);
  CPPUNIT_TEST(aDatagramListenerIsClosedBehindItsTime);
  CPPUNIT_TEST(oneThatComesBackIsTheSame);
  CPPUNIT_TEST(connectionsOfAClosedListenerLiveOn);
  CPPUNIT_TEST(itIsOursAsLongAsAConnectionIsThere);
  CPPUNIT_TEST(anotherNameKeepsTheSockets);
  CPPUNIT_TEST(theFirstStreamListenerMayComeLate);
  CPPUNIT_TEST(choosesOnlyOpenOnes);
  CPPUNIT_TEST_SUITE_END();

 public:
  void opensWhatIsNew() {
    Changing server("udp:127.0.0.1:5060");
    CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("udp:127.0.0.1:5060, udp:127.0.0.1:5070, tcp:127.0.0.1:5070"));
    CPPUNIT_ASSERT_EQUAL(std::string("udp:127.0.0.1:5060 udp:127.0.0.1:5070 tcp:127.0.0.1:5070 "), server.listening());
    CPPUNIT_ASSERT(server.arrive("127.0.0.1:5070", Options));
    const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:5070");
    peer->send(server.request());
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.heard.size());
    CPPUNIT_ASSERT_EQUAL(std::string("udp:127.0.0.1:5070"), server.heard[0].flow.listener->text);
    CPPUNIT_ASSERT_EQUAL(std::string("tcp:127.0.0.1:5070"), server.heard[1].flow.listener->text);
    CPPUNIT_ASSERT(server.plugin.isOurs(at("127.0.0.1:5070")));
    CPPUNIT_ASSERT(server.plugin.send(server.heard[0].flow, "SIP/2.0 200 OK\r\n\r\n"));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:5070"), server.sent().at(0).from.toString());
  }

  void refusesWholeWhenAPortIsTaken() {
    Changing server("udp:127.0.0.1:5060");
    server.host.environment_.network.taken.push_back(at("127.0.0.1:5080"));
    const auto wrong = server.reload("udp:127.0.0.1:5070, udp:127.0.0.1:5080");
    CPPUNIT_ASSERT_MESSAGE(wrong, wrong.find("127.0.0.1:5080") != wrong.npos && wrong.find("Address already in use") != wrong.npos);
    CPPUNIT_ASSERT_EQUAL(std::string("udp:127.0.0.1:5060 "), server.listening());
    CPPUNIT_ASSERT(!server.arrive("127.0.0.1:5070", Options));  // what could be opened is closed again
    CPPUNIT_ASSERT(server.arrive("127.0.0.1:5060", Options));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.heard.size());
    CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("udp:127.0.0.1:5060, udp:127.0.0.1:5070"));  // nor is it in the way later
    CPPUNIT_ASSERT(!server.reload("").empty());
  }

  void doesNotTouchWhatStays() {
    Changing server("udp:127.0.0.1:5060, tcp:127.0.0.1:5060");
    const auto* udp = &server.plugin.listeners()[0];
    const auto* tcp = &server.plugin.listeners()[1];
    // arrived, but not read yet
    server.host.environment_.network.inject(at("192.0.2.1:40001"), at("127.0.0.1:5060"), Options);
    const auto peer = server.connect();
    CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("tcp:127.0.0.1:5060, udp:127.0.0.1:5070, udp:127.0.0.1:5060"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.heard.size());
    CPPUNIT_ASSERT(server.heard[0].flow.listener == udp);
    CPPUNIT_ASSERT(&server.plugin.listeners()[0] == tcp && &server.plugin.listeners()[2] == udp);
    server.answerAll();
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(peer, server.request()));
  }

  void aDatagramListenerEndsWhatIsUnderWay() {
    Changing server("udp:127.0.0.1:5060, udp:127.0.0.1:5070");
    server.arrive("127.0.0.1:5070", "INVITE sip:127.0.0.1 SIP/2.0\r\n\r\n");
    CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("udp:127.0.0.1:5060"));
    CPPUNIT_ASSERT_EQUAL(std::string("udp:127.0.0.1:5060 "), server.listening());
    const Flow flow = server.heard.at(0).flow;
    CPPUNIT_ASSERT(server.plugin.send(flow, "SIP/2.0 200 OK\r\n\r\n"));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:5070"), server.sent().at(0).from.toString());
    for (const char* octets :
         {"SIP/2.0 200 OK\r\n\r\n", "ACK sip:a SIP/2.0\r\n\r\n", "BYE sip:a SIP/2.0\r\n\r\n", "CANCEL sip:a SIP/2.0\r\n\r\n"})
      server.arrive("127.0.0.1:5070", octets);
    CPPUNIT_ASSERT_EQUAL(size_t{5}, server.heard.size());
    for (const char* octets : {Options, "INVITE sip:127.0.0.1 SIP/2.0\r\n\r\n", "REGISTER sip:127.0.0.1 SIP/2.0\r\n\r\n"})
      server.arrive("127.0.0.1:5070", octets);
    CPPUNIT_ASSERT_EQUAL(size_t{5}, server.heard.size());
    CPPUNIT_ASSERT_EQUAL(3.0, server.closing());
    CPPUNIT_ASSERT(server.plugin.isOurs(at("127.0.0.1:5070")));
  }

  void aDatagramListenerIsClosedBehindItsTime() {
    Changing server("udp:127.0.0.1:5060, udp:127.0.0.1:5070");
    server.arrive("127.0.0.1:5070", Options);
    server.reload("udp:127.0.0.1:5060", {{"drain", "30s"}});
    server.pass(29s);
    CPPUNIT_ASSERT(server.arrive("127.0.0.1:5070", "ACK sip:a SIP/2.0\r\n\r\n"));
    server.pass(2s);
    CPPUNIT_ASSERT(!server.arrive("127.0.0.1:5070", "ACK sip:a SIP/2.0\r\n\r\n"));
    CPPUNIT_ASSERT(!server.plugin.isOurs(at("127.0.0.1:5070")));
    // who still has the flow can ask, and is told that it cannot be sent
    const Flow flow = server.heard.at(0).flow;
    CPPUNIT_ASSERT_EQUAL(std::string("udp:127.0.0.1:5070"), flow.listener->text);
    CPPUNIT_ASSERT(!server.plugin.send(flow, "SIP/2.0 200 OK\r\n\r\n"));
    // nothing keeps the loop awake any more
    CPPUNIT_ASSERT(!server.host.environment_.worker.nextDue());
  }

  void oneThatComesBackIsTheSame() {
    Changing server("udp:127.0.0.1:5060, udp:127.0.0.1:5070, tcp:127.0.0.1:5070");
    const auto* udp = &server.plugin.listeners()[1];
    const auto* tcp = &server.plugin.listeners()[2];
    for (const auto waits : {1s, 600s}) {
      CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("udp:127.0.0.1:5060"));
      server.pass(waits);
      CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("udp:127.0.0.1:5060, udp:127.0.0.1:5070, tcp:127.0.0.1:5070"));
      CPPUNIT_ASSERT(&server.plugin.listeners()[1] == udp && &server.plugin.listeners()[2] == tcp);
      server.heard.clear();
      CPPUNIT_ASSERT(server.arrive("127.0.0.1:5070", Options));
      server.connect("192.0.2.1:40002", "127.0.0.1:5070")->send(server.request());
      server.turn();
      CPPUNIT_ASSERT_EQUAL(size_t{2}, server.heard.size());
    }
    server.pass(600s);
    CPPUNIT_ASSERT(server.arrive("127.0.0.1:5070", Options));
  }

  void connectionsOfAClosedListenerLiveOn() {
    Changing server("tcp:127.0.0.1:5060, tcp:127.0.0.1:5070");
    server.answerAll();
    const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:5070");
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(peer, server.request()));
    const auto knocking = server.connect("192.0.2.1:40002", "127.0.0.1:5070");  // not accepted yet
    CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("tcp:127.0.0.1:5060"));
    CPPUNIT_ASSERT(!server.streams().connect(at("192.0.2.1:40003"), at("127.0.0.1:5070")));
    server.pass(600s);
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(peer, server.request()));
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(knocking, server.request()));
  }

  void itIsOursAsLongAsAConnectionIsThere() {
    Changing server("tcp:127.0.0.1:5060, tcp:127.0.0.1:5070");
    server.answerAll();
    const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:5070");
    server.exchange(peer, server.request());
    server.reload("tcp:127.0.0.1:5060");
    server.pass(600s);
    CPPUNIT_ASSERT(server.plugin.isOurs(at("127.0.0.1:5070")));
    peer->endSending();
    server.turn();
    CPPUNIT_ASSERT_EQUAL(0.0, server.open());
    server.pass(61s);
    CPPUNIT_ASSERT(!server.plugin.isOurs(at("127.0.0.1:5070")));
  }

  void anotherNameKeepsTheSockets() {
    Changing server("udp:127.0.0.1:5060/192.0.2.7, tcp:127.0.0.1:5060");
    server.arrive("127.0.0.1:5060", Options);
    const Flow before = server.heard.at(0).flow;
    CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("udp:127.0.0.1:5060/192.0.2.8, tcp:127.0.0.1:5060/sip.example.org"));
    server.arrive("127.0.0.1:5060", Options);
    const Flow after = server.heard.at(1).flow;
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.8:5060"), after.listener->hostPort);
    CPPUNIT_ASSERT(server.plugin.isOurs(at("192.0.2.7:5060")) && server.plugin.isOurs(at("192.0.2.8:5060")));
    const auto peer = server.connect();
    peer->send(server.request());
    server.turn();
    CPPUNIT_ASSERT_EQUAL(std::string("sip.example.org:5060"), server.heard.at(2).flow.listener->hostPort);
    for (const auto wait : {0s, 600s}) {
      server.pass(wait);
      CPPUNIT_ASSERT_EQUAL(wait == 0s, server.plugin.send(before, "SIP/2.0 200 OK\r\n\r\n"));
      CPPUNIT_ASSERT(server.plugin.send(after, "SIP/2.0 200 OK\r\n\r\n"));
      CPPUNIT_ASSERT(server.arrive("127.0.0.1:5060", Options));
    }
    CPPUNIT_ASSERT(!server.plugin.isOurs(at("192.0.2.7:5060")));
    // and back
    CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("udp:127.0.0.1:5060/192.0.2.7, tcp:127.0.0.1:5060/sip.example.org"));
    server.arrive("127.0.0.1:5060", Options);
    CPPUNIT_ASSERT(server.heard.back().flow.listener == before.listener);
    CPPUNIT_ASSERT(server.plugin.send(before, "SIP/2.0 200 OK\r\n\r\n"));
  }

  void theFirstStreamListenerMayComeLate() {
    Changing server("udp:127.0.0.1:5060");
    server.pass(3600s);
    CPPUNIT_ASSERT_EQUAL(std::string(), server.reload("udp:127.0.0.1:5060, tcp:127.0.0.1:5060"));
    server.answerAll();
    const auto peer = server.connect();
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.exchange(peer, server.request()));
    // a message that does not go on
    peer->send("OPTIONS ");
    server.turn();
    server.pass(5s);
    CPPUNIT_ASSERT_EQUAL(1.0, server.ended("message too slow") + server.ended("slow"));
  }

  void choosesOnlyOpenOnes() {
    Changing server("udp:127.0.0.1:5070, udp:127.0.0.1:5060");
    const auto* gone = &server.plugin.listeners()[0];
    const auto* stays = &server.plugin.listeners()[1];
    const auto target = at("127.0.0.9:5060").address;
    CPPUNIT_ASSERT(server.plugin.listenerFor(Protocol::udp, target, gone) == gone);
    server.reload("udp:127.0.0.1:5060");
    CPPUNIT_ASSERT(server.plugin.listenerFor(Protocol::udp, target, gone) == stays);
    CPPUNIT_ASSERT(server.plugin.routeTo(Protocol::udp, target, gone) == stays);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ListenersReloadTest);
