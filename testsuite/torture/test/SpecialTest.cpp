#include <cppunit/extensions/HelperMacros.h>

#include "Ground.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// What single messages of RFC 4475 and RFC 5118 are about, beyond being accepted.
class SpecialTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SpecialTest);
  CPPUNIT_TEST(countsMaxForwardsDownFromAnySpelling);
  CPPUNIT_TEST(forwardsNothingBehindTheBody);
  CPPUNIT_TEST(doesNotGuessAPortInAnIpv6Address);
  CPPUNIT_TEST(registersTwoContactsThatDifferBehindANul);
  CPPUNIT_TEST(keepsHeaderParametersOutOfContacts);
  CPPUNIT_TEST(relaysAReasonAsItCame);
  CPPUNIT_TEST(sendsNothingToTheBroadcastAddress);
  CPPUNIT_TEST(sendsNothingByAViaBelowOursThatLeadsNowhere);
  CPPUNIT_TEST_SUITE_END();

  static std::string forwarded(const std::string& file, Runtime::Endpoint* to = nullptr) {
    Ground ground("proxy.xml");
    for (const auto& packet : ground.play(readTorture(file))) {
      if (packet.octets.starts_with("SIP/2.0 ")) continue;
      if (to) *to = packet.to;
      return packet.octets;
    }
    return {};
  }

  static std::string lineOf(const std::string& octets, const std::string& name) {
    for (const std::string& line : linesOf(octets))
      if (nameOfLine(line) == name) return line;
    return {};
  }

  static size_t count(const std::string& text, const std::string& part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
  }

  /// The proxy's INVITE to a callee, for whom the test then answers.
  static std::string begin(Ground& ground) {
    World& world = ground.world();
    world.send(Ground::stranger(), world.listener(),
               "INVITE sip:joe@198.51.100.7 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKs1\r\nMax-Forwards: 70\r\n"
               "From: <sip:ann@example.com>;tag=1\r\nTo: <sip:joe@example.com>\r\nCall-ID: s1\r\nCSeq: 1 INVITE\r\n"
               "Contact: <sip:ann@203.0.113.9>\r\nContent-Length: 0\r\n\r\n");
    for (const auto& sent : world.take())
      if (sent.packet.octets.starts_with("INVITE ")) return sent.packet.octets;
    return {};
  }

 public:
  // wsinv: 0068
  void countsMaxForwardsDownFromAnySpelling() {
    const std::string value = lineOf(forwarded("rfc4475/wsinv.dat"), "max-forwards");
    CPPUNIT_ASSERT_MESSAGE(value, value.ends_with("67") && !value.ends_with("067"));
  }

  // dblreq
  void forwardsNothingBehindTheBody() {
    const std::string octets = forwarded("rfc4475/dblreq.dat");
    CPPUNIT_ASSERT(octets.starts_with("REGISTER ") && octets.ends_with("Content-Length: 0\r\n\r\n"));
    CPPUNIT_ASSERT_EQUAL(octets.npos, octets.find("INVITE"));
  }

  // port-ambiguous, port-unambiguous
  void doesNotGuessAPortInAnIpv6Address() {
    Runtime::Endpoint to;
    CPPUNIT_ASSERT(!forwarded("rfc5118-wire/port-ambiguous.sip", &to).empty());
    CPPUNIT_ASSERT_EQUAL(std::string("[2001:db8::10:5070]:5060"), to.toString());
    CPPUNIT_ASSERT(!forwarded("rfc5118-wire/port-unambiguous.sip", &to).empty());
    CPPUNIT_ASSERT_EQUAL(std::string("[2001:db8::10]:5070"), to.toString());
  }

  // escnull
  void registersTwoContactsThatDifferBehindANul() {
    Ground ground("registrar.xml");
    const auto sent = ground.play(readTorture("rfc4475/escnull.dat"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, sent.size());
    CPPUNIT_ASSERT(sent[0].octets.find("<sip:%00@host5.example.com>") != std::string::npos);
    CPPUNIT_ASSERT(sent[0].octets.find("<sip:%00%00@host5.example.com>") != std::string::npos);
  }

  // cparam01, cparam02
  void keepsHeaderParametersOutOfContacts() {
    Ground ground("registrar.xml");
    auto sent = ground.play(readTorture("rfc4475/cparam01.dat"));
    CPPUNIT_ASSERT(sent.size() == 1 && count(sent[0].octets, "<sip:+19725552222@gw1.example.net>") == 1);
    sent = ground.play(readTorture("rfc4475/cparam02.dat"));
    CPPUNIT_ASSERT(sent.size() == 1 && count(sent[0].octets, "<sip:+19725552222@gw1.example.net;unknownparam>") == 1);
  }

  // unreason; A28
  void relaysAReasonAsItCame() {
    Ground ground("proxy.xml");
    const std::string invite = begin(ground);
    const std::string torture = readTorture("rfc4475/unreason.dat"), line = torture.substr(0, torture.find("\r\n") + 2);
    std::string reply = line;
    for (const std::string& header : linesOf(invite))
      if (const auto name = nameOfLine(header); name != "contact" && name != "max-forwards" && name != "content-length")
        reply += header + (name == "to" ? ";tag=2" : "") + "\r\n";
    ground.world().send(*Runtime::Endpoint::parse("198.51.100.7:5060"), ground.world().listener(), reply + "Content-Length: 0\r\n\r\n");
    const auto sent = ground.world().take();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, sent.size());
    CPPUNIT_ASSERT(sent[0].packet.octets.starts_with(line) && line.find("\xd0\xbd") != std::string::npos);
  }

  // bcast: without a transaction it belongs to nothing, whatever its Vias say
  void sendsNothingToTheBroadcastAddress() {
    Ground ground("proxy.xml");
    CPPUNIT_ASSERT(ground.play(readTorture("rfc4475/bcast.dat")).empty());
  }

  // A23: replies with our Via on top, but that of a request that we never forwarded, and others below
  void sendsNothingByAViaBelowOursThatLeadsNowhere() {
    for (const char* configuration : {"proxy.xml", "stateless.xml"}) {
      Ground ground(configuration);
      const std::string invite = begin(ground);
      CPPUNIT_ASSERT(!invite.empty());
      const std::string ours = linesOf(invite)[0];
      CPPUNIT_ASSERT(ours.starts_with("Via: SIP/2.0/UDP 192.0.2.1"));
      const std::string forged = ours.substr(0, ours.size() - 4) + "beef";
      for (const std::string& top : {forged, std::string("Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx"), ours})
        for (const char* below :
             {"255.255.255.255", "239.1.2.3", "0.0.0.0", "192.0.2.1", "192.0.2.1:5061", "[ff02::1]", "[::]", "203.0.113.9:0"}) {
          if (top == ours && std::string(configuration) == "proxy.xml") continue;  // the way back is the transaction's, not the Via's
          const auto sent =
              ground.play("SIP/2.0 200 OK\r\n" + top + "\r\nVia: SIP/2.0/UDP " + below +
                          ";branch=z9hG4bKs1\r\nFrom: <sip:ann@example.com>;tag=1\r\nTo: <sip:joe@example.com>;tag=2\r\nCall-ID: s1\r\n"
                          "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
          for (const auto& packet : sent)
            CPPUNIT_ASSERT_MESSAGE(below + packet.octets, packet.octets.starts_with("INVITE ") || packet.octets.find(" 408 ") < 16);
          CPPUNIT_ASSERT(ground.alive());
        }
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SpecialTest);

}  // namespace Patchbay::Testsuite
