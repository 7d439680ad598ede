#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Sl;
using Resolver::Outcome;
using Testing::Stage;

/// `forward`: RFC 3261, 16.11.
class ForwardTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ForwardTest);
  CPPUNIT_TEST(putsOurViaOnTop);
  CPPUNIT_TEST(oneTransactionHasOneBranch);
  CPPUNIT_TEST(anotherTransactionHasAnotherBranch);
  CPPUNIT_TEST(clientsOfRfc2543AreToldApart);
  CPPUNIT_TEST(usesTheFirstDestinationOnly);
  CPPUNIT_TEST(sendsWhereTheRuleSays);
  CPPUNIT_TEST(followsRouteAndLeavesIt);
  CPPUNIT_TEST(rewritesForAStrictRouter);
  CPPUNIT_TEST(pathGoesBehindTheRoutesThatAreThere);
  CPPUNIT_TEST(relaysTheReplyAlongItsWay);
  CPPUNIT_TEST(dropsForgedReplies);
  CPPUNIT_TEST(largeRequestGoesByTcpAndItsReplyBackByUdp);
  CPPUNIT_TEST(largeRequestGoesByUdpWhenTcpIsOfNoUse);
  CPPUNIT_TEST(unknownExtensionOfAProxyIs420);
  CPPUNIT_TEST(ackIsNotAskedForExtensions);
  CPPUNIT_TEST(leavesOthersReplies);
  CPPUNIT_TEST(waitsForTheNameServer);
  CPPUNIT_TEST(copiesGoToOnePlace);
  CPPUNIT_TEST(unknownNameIs478);
  CPPUNIT_TEST(conditionTellsWhatHappened);
  CPPUNIT_TEST(sendsNothingOnceCancelled);
  CPPUNIT_TEST(forgetsWhatWaitsWhenItStops);
  CPPUNIT_TEST_SUITE_END();

  static std::string branchOf(const Testing::KeepingTransport::Sent& sent) {
    const auto via = sent.headers("Via").at(0);
    return via.substr(via.find("branch=") + 7);
  }
  std::string forwardedBranch(const std::string& octets) {
    Stage stage("<forward/>");
    stage.core.secret = {7, 8};
    stage.receive(octets);
    return branchOf(stage.transport.sent.at(0));
  }

  void putsOurViaOnTop() {
    Stage stage("<forward/>");
    stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT_EQUAL(std::string("settled"), stage.ending);
    CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent.size());
    const auto& sent = stage.transport.sent[0];
    CPPUNIT_ASSERT_EQUAL(std::string("INVITE sip:bob@198.51.100.9 SIP/2.0"), sent.line());
    CPPUNIT_ASSERT_EQUAL(std::string("198.51.100.9:5060"), sent.to);
    CPPUNIT_ASSERT_EQUAL(size_t(2), sent.headers("Via").size());
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtest.s"), sent.headers("Via")[0].substr(0, 47));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bKc1;received=198.51.100.7"), sent.headers("Via")[1]);
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("sl_forwarded_total"));
  }
  void oneTransactionHasOneBranch() {
    const auto invite = forwardedBranch(Stage::request("INVITE"));
    CPPUNIT_ASSERT_EQUAL(invite, forwardedBranch(Stage::request("INVITE")));
    CPPUNIT_ASSERT_EQUAL(invite, forwardedBranch(Stage::request("CANCEL")));
    CPPUNIT_ASSERT_EQUAL(invite,
                         forwardedBranch(Stage::request("ACK", "z9hG4bKc1", "", "sip:bob@198.51.100.9", "<sip:bob@example.org>;tag=b")));
  }
  void anotherTransactionHasAnotherBranch() {
    const auto invite = forwardedBranch(Stage::request("INVITE"));
    CPPUNIT_ASSERT(invite != forwardedBranch(Stage::request("INVITE", "z9hG4bKc2")));
  }
  void clientsOfRfc2543AreToldApart() {
    const auto invite = forwardedBranch(Stage::request("INVITE", ""));
    CPPUNIT_ASSERT_EQUAL(invite, forwardedBranch(Stage::request("INVITE", "")));
    CPPUNIT_ASSERT_EQUAL(invite, forwardedBranch(Stage::request("CANCEL", "")));
    CPPUNIT_ASSERT_EQUAL(invite, forwardedBranch(Stage::request("ACK", "", "", "sip:bob@198.51.100.9", "<sip:bob@example.org>;tag=b")));
    CPPUNIT_ASSERT(invite != forwardedBranch(Stage::request("INVITE", "", "", "sip:carol@198.51.100.9")));
  }
  void usesTheFirstDestinationOnly() {
    Stage stage("<forward/>");
    stage.before = [](Core::Request& request) {
      Core::Destination second;
      second.uri = "sip:bob@198.51.100.10";
      CPPUNIT_ASSERT(request.destinations.add(second));
    };
    stage.receive(Stage::request("MESSAGE"));
    CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent.size());
    CPPUNIT_ASSERT_EQUAL(std::string("198.51.100.9:5060"), stage.transport.sent[0].to);
  }
  void sendsWhereTheRuleSays() {
    Stage stage("<forward to='sip:203.0.113.5:5080'/>");
    stage.receive(Stage::request("MESSAGE", "z9hG4bKc1", "Route: <sip:203.0.113.6;lr>\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("203.0.113.5:5080"), stage.transport.sent.at(0).to);
    CPPUNIT_ASSERT_EQUAL(std::string("MESSAGE sip:bob@198.51.100.9 SIP/2.0"), stage.transport.sent[0].line());
  }
  void followsRouteAndLeavesIt() {
    Stage stage("<forward/>");
    stage.receive(Stage::request("MESSAGE", "z9hG4bKc1", "Route: <sip:203.0.113.6:5071;lr>, <sip:203.0.113.7;lr>\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("203.0.113.6:5071"), stage.transport.sent.at(0).to);
    CPPUNIT_ASSERT(std::vector<std::string>{"<sip:203.0.113.6:5071;lr>, <sip:203.0.113.7;lr>"} == stage.transport.sent[0].headers("Route"));
  }
  // RFC 3261, 16.6 step 6
  void rewritesForAStrictRouter() {
    const std::pair<const char*, std::vector<std::string>> cases[] = {
        {"Route: <sip:203.0.113.6>\r\n", {"<sip:bob@198.51.100.9>"}},
        {"Route: <sip:203.0.113.6>, <sip:203.0.113.7;lr>\r\n", {"<sip:203.0.113.7;lr>", "<sip:bob@198.51.100.9>"}},
        {"Route: <sip:203.0.113.6>\r\nRoute: <sip:203.0.113.7;lr>,<sip:203.0.113.8>\r\n",
         {"<sip:203.0.113.7;lr>,<sip:203.0.113.8>", "<sip:bob@198.51.100.9>"}}};
    for (const auto& [routes, expected] : cases) {
      Stage stage("<forward/>");
      stage.receive(Stage::request("MESSAGE", "z9hG4bKc1", routes));
      const auto& sent = stage.transport.sent.at(0);
      CPPUNIT_ASSERT_EQUAL(std::string("MESSAGE sip:203.0.113.6 SIP/2.0"), sent.line());
      CPPUNIT_ASSERT_EQUAL(std::string("203.0.113.6:5060"), sent.to);
      CPPUNIT_ASSERT_MESSAGE(sent.text, expected == sent.headers("Route"));
    }
  }
  // RFC 3327, 5.3
  void pathGoesBehindTheRoutesThatAreThere() {
    Stage stage("<forward/>");
    stage.before = [](Core::Request& request) { request.destinations.main().path = "<sip:203.0.113.9;lr>"; };
    stage.receive(Stage::request("MESSAGE", "z9hG4bKc1", "Route: <sip:203.0.113.6;lr>\r\n"));
    CPPUNIT_ASSERT((std::vector<std::string>{"<sip:203.0.113.6;lr>", "<sip:203.0.113.9;lr>"}) ==
                   stage.transport.sent.at(0).headers("Route"));
    stage.receive(Stage::request("MESSAGE"));
    CPPUNIT_ASSERT(std::vector<std::string>{"<sip:203.0.113.9;lr>"} == stage.transport.sent.at(1).headers("Route"));
    CPPUNIT_ASSERT_EQUAL(std::string("203.0.113.9:5060"), stage.transport.sent[1].to);
  }

  void relaysTheReplyAlongItsWay() {
    Stage stage("<forward/>");
    stage.receive(Stage::request("INVITE"));
    const auto forwarded = stage.transport.sent.at(0);
    CPPUNIT_ASSERT(stage.receiveReply(Stage::replyTo(forwarded)));
    CPPUNIT_ASSERT_EQUAL(size_t(2), stage.transport.sent.size());
    const auto& reply = stage.transport.sent[1];
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 OK"), reply.line());
    CPPUNIT_ASSERT_EQUAL(std::string("198.51.100.7:5060"), reply.to);
    CPPUNIT_ASSERT(std::vector<std::string>{forwarded.headers("Via")[1]} == reply.headers("Via"));
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("sl_replies_relayed_total"));
  }
  // B18: RFC 3261, 18.1.1
  void largeRequestGoesByTcpAndItsReplyBackByUdp() {
    Stage stage("<forward/>");
    stage.transport.addTcp();
    stage.receive(Stage::request("MESSAGE", "z9hG4bKc1", Large));
    CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent.size());
    const auto forwarded = stage.transport.sent[0];
    CPPUNIT_ASSERT(forwarded.protocol == Transport::Protocol::tcp);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/TCP 192.0.2.1:5060;"), forwarded.headers("Via")[0].substr(0, 27));
    CPPUNIT_ASSERT(stage.receiveReply(Stage::replyTo(forwarded)));
    CPPUNIT_ASSERT_EQUAL(size_t(2), stage.transport.sent.size());
    CPPUNIT_ASSERT(stage.transport.sent[1].protocol == Transport::Protocol::udp);
    CPPUNIT_ASSERT_EQUAL(std::string("198.51.100.7:5060"), stage.transport.sent[1].to);
    auto forged = Stage::replyTo(forwarded);
    forged.replace(forged.find("SIP/2.0/UDP 198"), 11, "SIP/2.0/TCP");
    CPPUNIT_ASSERT(stage.receiveReply(forged));
    CPPUNIT_ASSERT_EQUAL(size_t(2), stage.transport.sent.size());
  }
  // B18
  void largeRequestGoesByUdpWhenTcpIsOfNoUse() {
    for (const bool there : {false, true}) {
      Stage stage("<forward/>");
      if (there) stage.transport.addTcp();
      stage.transport.broken = Transport::Protocol::tcp;
      stage.receive(Stage::request("MESSAGE", "z9hG4bKc1", std::string(Large) + "Route: <sip:192.0.2.77;lr>\r\n"));
      CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent.size());
      CPPUNIT_ASSERT(stage.transport.sent[0].protocol == Transport::Protocol::udp);
      CPPUNIT_ASSERT_EQUAL(size_t(2), stage.transport.sent[0].headers("Via").size());
      CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent[0].headers("Route").size());
    }
  }
  static inline const std::string Large = "X-Padding: " + std::string(1300, 'x') + "\r\n";
  // D13
  void unknownExtensionOfAProxyIs420() {
    for (const char* rules : {"<forward/>", "<rule if='forward()'/><sl_send_reply code='404'/>"}) {
      Stage stage(rules);
      stage.receive(Stage::request("INVITE", "z9hG4bKc1", "Proxy-Require: teleport, foo\r\nProxy-Require: bar\r\n"));
      CPPUNIT_ASSERT(stage.transport.sent.empty());
      CPPUNIT_ASSERT_EQUAL(size_t(1), stage.core.answers.size());
      CPPUNIT_ASSERT_EQUAL(std::string("420 Unsupported: teleport, foo\r\nUnsupported: bar\r\n"), stage.core.answers[0]);
    }
  }
  void ackIsNotAskedForExtensions() {
    Stage stage("<forward/>");
    stage.receive(Stage::request("ACK", "z9hG4bKc1", "Proxy-Require: teleport\r\n"));
    CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent.size());
  }
  void dropsForgedReplies() {
    Stage stage("<forward/>");
    stage.receive(Stage::request("INVITE"));
    const auto good = Stage::replyTo(stage.transport.sent.at(0));
    const auto with = [&](const std::string& what, const std::string& instead) {
      auto text = good;
      return text.replace(text.find(what), what.size(), instead);
    };
    const auto below = stage.transport.sent[0].headers("Via")[1];
    for (const auto& forged : {with("received=198.51.100.7", "received=203.0.113.66"), with("198.51.100.7:5060", "198.51.100.7:5099"),
                               with("branch=z9hG4bKc1", "branch=z9hG4bKc2"), with("Via: " + below + "\r\n", "")}) {
      CPPUNIT_ASSERT_MESSAGE(forged, forged != good && stage.receiveReply(forged));
      CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent.size());
    }
    CPPUNIT_ASSERT(stage.receiveReply(good));
    CPPUNIT_ASSERT_EQUAL(size_t(2), stage.transport.sent.size());
  }
  void leavesOthersReplies() {
    Stage stage("<forward/>");
    stage.receive(Stage::request("INVITE"));
    auto reply = Stage::replyTo(stage.transport.sent.at(0));
    reply.replace(reply.find("z9hG4bKtest.s"), 13, "z9hG4bKtest.t");
    CPPUNIT_ASSERT(!stage.receiveReply(reply));
    CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent.size());
  }

  void waitsForTheNameServer() {
    Stage stage("<forward/>");
    stage.receive(Stage::request("INVITE", "z9hG4bKc1", "", "sip:bob@gw.test"));
    CPPUNIT_ASSERT_EQUAL(std::string(), stage.ending);
    CPPUNIT_ASSERT(stage.transport.sent.empty());
    stage.resolver.tell("gw.test", Outcome::found, "203.0.113.5:5070");
    CPPUNIT_ASSERT_EQUAL(std::string("settled"), stage.ending);
    CPPUNIT_ASSERT_EQUAL(std::string("203.0.113.5:5070"), stage.transport.sent.at(0).to);
    CPPUNIT_ASSERT_EQUAL(std::string("INVITE sip:bob@gw.test SIP/2.0"), stage.transport.sent[0].line());
  }
  // I12
  void copiesGoToOnePlace() {
    Stage stage("<forward/>");
    for (const char* branch : {"z9hG4bKc1", "z9hG4bKc1", "z9hG4bKc2"})
      stage.receive(Stage::request("INVITE", branch, "", "sip:bob@gw.test"));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, stage.resolver.keys.size());
    CPPUNIT_ASSERT(stage.resolver.keys[0] != 0);
    CPPUNIT_ASSERT_EQUAL(stage.resolver.keys[0], stage.resolver.keys[1]);
    CPPUNIT_ASSERT_EQUAL(stage.resolver.keys[0], stage.resolver.keys[2]);
    stage.resolver.tell("gw.test", Outcome::notFound);
  }
  void unknownNameIs478() {
    Stage stage("<forward/>");
    stage.receive(Stage::request("INVITE", "z9hG4bKc1", "", "sip:bob@gw.test"));
    stage.resolver.tell("gw.test", Outcome::notFound);
    CPPUNIT_ASSERT_EQUAL(std::string("settled"), stage.ending);
    CPPUNIT_ASSERT(std::vector<std::string>{"478"} == stage.core.answers);
    stage.receive(Stage::request("INVITE", "z9hG4bKc1", "", "tel:+15551234"));
    CPPUNIT_ASSERT((std::vector<std::string>{"478", "478"}) == stage.core.answers);
    CPPUNIT_ASSERT(stage.transport.sent.empty());
  }
  void conditionTellsWhatHappened() {
    Stage stage("<rule if='!forward()'><sl_send_reply code='480'/></rule>");
    stage.receive(Stage::request("INVITE", "z9hG4bKc1", "", "sip:bob@gw.test"));
    stage.resolver.tell("gw.test", Outcome::notFound);
    CPPUNIT_ASSERT(std::vector<std::string>{"480"} == stage.core.answers);
    stage.receive(Stage::request("INVITE", "z9hG4bKc1", "", "sip:bob@gw.test"));
    stage.resolver.tell("gw.test", Outcome::failed);
    CPPUNIT_ASSERT_EQUAL(std::string("failed"), stage.ending);
    stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT_EQUAL(std::string("settled"), stage.ending);
    CPPUNIT_ASSERT_EQUAL(size_t(1), stage.core.answers.size());
    CPPUNIT_ASSERT_EQUAL(size_t(1), stage.transport.sent.size());
  }
  // RFC 3261, 16.10: what was cancelled before it left must not leave
  void sendsNothingOnceCancelled() {
    Stage stage("<forward/>");
    auto& request = stage.receive(Stage::request("INVITE", "z9hG4bKc1", "", "sip:bob@gw.test"));
    request.machine.cancel();
    CPPUNIT_ASSERT_EQUAL(std::string("cancelled"), stage.ending);
    stage.resolver.tell("gw.test", Outcome::found, "203.0.113.5:5070");
    CPPUNIT_ASSERT(stage.transport.sent.empty() && stage.core.answers.empty());
    CPPUNIT_ASSERT(request.onlyHeldOnce());
  }
  void forgetsWhatWaitsWhenItStops() {
    Stage stage("<forward/>");
    auto& request = stage.receive(Stage::request("INVITE", "z9hG4bKc1", "", "sip:bob@gw.test"));
    CPPUNIT_ASSERT(!request.onlyHeldOnce());
    stage.plugin.stop();
    CPPUNIT_ASSERT(request.onlyHeldOnce());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ForwardTest);
