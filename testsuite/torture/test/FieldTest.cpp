#include <cppunit/extensions/HelperMacros.h>

#include "Ground.h"
#include "Sound.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// Single fields at and beyond their edges, through the whole server.
class FieldTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FieldTest);
  CPPUNIT_TEST(refusesNumbersOutOfRange);
  CPPUNIT_TEST(acceptsNumbersAtTheEdges);
  CPPUNIT_TEST(countsMaxForwardsOrRefusesIt);
  CPPUNIT_TEST(takesNumbersOfRegistrationsWholeOrNotAtAll);
  CPPUNIT_TEST(refusesPortsThatAreNone);
  CPPUNIT_TEST(refusesLengthsThatAreNotThere);
  CPPUNIT_TEST(relaysRepliesWithSoundStatusesOnly);
  CPPUNIT_TEST(ignoresNoise);
  CPPUNIT_TEST(refusesTwoOfASingleHeader);
  CPPUNIT_TEST(refusesBrokenTagsOfEveryKind);
  CPPUNIT_TEST(livesWithLongFieldsSentTwice);
  CPPUNIT_TEST(answersHalfMessagesSoundlyOrNotAtAll);
  CPPUNIT_TEST_SUITE_END();

  static std::string reaction(Ground& ground, const std::string& octets) {
    const std::string reaction = reactionOf(ground.play(octets));
    CPPUNIT_ASSERT_MESSAGE(octets, ground.alive());
    return reaction;
  }
  /// Each value makes the same reaction.
  static void expect(Ground& ground, const std::string& wanted, const std::string& name, const std::vector<std::string>& values,
                     const std::string& before = {}, const std::string& behind = {}) {
    for (const std::string& value : values) {
      Sound request;
      if (name == "Route") request.with("Route", before + value + behind);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name + ": " + before + value + behind, wanted,
                                   reaction(ground, request.with(name, before + value + behind)));
    }
  }

  static const std::vector<std::string>& bad() {  // no number of any field
    static const std::vector<std::string> values = {"-1",
                                                    "+1",
                                                    "0x10",
                                                    "1.5",
                                                    "7O",
                                                    "",
                                                    "1 1",
                                                    "4294967296",
                                                    "4294967297",
                                                    "18446744073709551616",
                                                    "18446744073709551617",
                                                    "99999999999999999999999"};
    return values;
  }

 public:
  // A14, A41, A31
  void refusesNumbersOutOfRange() {
    Ground ground("proxy.xml");
    expect(ground, "400", "CSeq", bad(), "", " INVITE");
    expect(ground, "400", "CSeq", {"2147483648", "4294967295"}, "", " INVITE");
    expect(ground, "400", "Max-Forwards", bad());
    expect(ground, "400", "Content-Length", bad());
    const std::string via = "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKsound;";
    expect(ground, "400", "Via", bad(), via + "ttl=");
    expect(ground, "400", "Via", {"256", "2147483648"}, via + "ttl=");
    expect(ground, "400", "Via", bad(), via + "rport=");
    expect(ground, "400", "Via", {"0", "65536"}, via + "rport=");
  }

  // A14, A41
  void acceptsNumbersAtTheEdges() {
    Ground ground("proxy.xml");
    expect(ground, "forward", "CSeq", {"0", "1", "0000000000001", "2147483647"}, "", " INVITE");
    expect(ground, "forward", "Max-Forwards", {"1", "0000000000000001", "255"});
    expect(ground, "forward", "Content-Length", {"0", "00000000000000000000"});
    const std::string via = "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKsound;";
    expect(ground, "forward", "Via", {"0", "1", "255", "00001"}, via + "ttl=");
    expect(ground, "forward", "Via", {"1", "65535", "005060"}, via + "rport=");
    expect(ground, "forward", "Expires", {"0", "4294967295", "4294967296", "x"});  // no matter to a proxy, so it goes on as it came
    expect(ground, "forward", "Min-Expires", {"0", "4294967295", "18446744073709551617"});
  }

  // A13
  void countsMaxForwardsOrRefusesIt() {
    Ground ground("proxy.xml");
    expect(ground, "483", "Max-Forwards", {"0", "0000"});
    expect(ground, "400", "Max-Forwards", {"256", "2147483648", "4294967296", "4294967366", "-1", "7O"});
    for (const auto& [value, left] :
         {std::pair("1", "0"), {"70", "69"}, {"70 ", "69 "}, {"255", "70"}, {"0068", "67"}}) {  // none leaves with more than the limit
      for (const auto& packet : ground.play(Sound().with("Max-Forwards", value))) {
        if (!packet.octets.starts_with("INVITE ")) continue;
        const std::string wanted = std::string("\r\nMax-Forwards: ") + left + "\r\n";
        CPPUNIT_ASSERT_MESSAGE(packet.octets, packet.octets.find(wanted) != std::string::npos);
      }
      CPPUNIT_ASSERT_EQUAL(std::string("forward"), reaction(ground, Sound().with("Max-Forwards", value)));
    }
  }

  // A14: RFC 3261, 20.10 and 10.3: what is no number counts as none given; q is refused
  void takesNumbersOfRegistrationsWholeOrNotAtAll() {
    const auto expiresOf = [](const std::string& parameter, const std::string& header) {
      Ground ground("registrar.xml");
      Sound request("REGISTER", "sip:example.com");
      request.with("To", "<sip:ann@example.com>").with("Contact", "<sip:ann@203.0.113.9>" + parameter);
      if (!header.empty()) request.with("Expires", header);
      const auto sent = ground.play(request);
      CPPUNIT_ASSERT_EQUAL(size_t{1}, sent.size());
      if (!sent[0].octets.starts_with("SIP/2.0 200 ")) return sent[0].octets.substr(8, 3);
      const size_t at = sent[0].octets.find(";expires=");
      return at == std::string::npos ? std::string("none") : std::to_string(std::stoul(sent[0].octets.substr(at + 9)));
    };
    const std::string usual = expiresOf("", "");
    CPPUNIT_ASSERT_EQUAL(std::string("3600"), usual);
    for (const std::string& value : bad()) {
      if (!value.empty() && value.find(' ') == value.npos) CPPUNIT_ASSERT_EQUAL_MESSAGE(value, usual, expiresOf(";expires=" + value, ""));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, usual, expiresOf("", value));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, std::string("400"), expiresOf(";q=" + (value == "1.5" ? "1.001" : value), ""));
    }
    CPPUNIT_ASSERT_EQUAL(std::string("120"), expiresOf(";expires=0000120", ""));
    const std::string most = expiresOf(";expires=4294967295", "");
    CPPUNIT_ASSERT_EQUAL(most, expiresOf("", "4294967295"));
    CPPUNIT_ASSERT(std::stoul(most) >= 3600);
    CPPUNIT_ASSERT_EQUAL(std::string("none"), expiresOf(";expires=0", ""));
    CPPUNIT_ASSERT_EQUAL(std::string("423"), expiresOf(";expires=1", ""));
  }

  // A15
  void refusesPortsThatAreNone() {
    Ground ground("proxy.xml");
    const std::vector<std::string> ports = {":0", ":65536", ":8080xyz", ":", ":-1", ":4294972356", ":0x50", ": 5060x"};
    for (const std::string& port : ports) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(port, std::string("400"), reaction(ground, Sound("INVITE", "sip:joe@198.51.100.7" + port)));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(port, std::string("400"), reaction(ground, Sound("INVITE", "sip:joe@[2001:db8::7]" + port)));
    }
    expect(ground, "400", "Via", ports, "SIP/2.0/UDP 203.0.113.9", ";branch=z9hG4bKsound");
    expect(ground, "400", "Contact", ports, "<sip:ann@203.0.113.9", ">");
    expect(ground, "400", "Contact", ports, "sip:ann@203.0.113.9");
    expect(ground, "400", "Route", ports, "<sip:203.0.113.9", ";lr>");
    CPPUNIT_ASSERT_EQUAL(0.0, ground.world().metric("transport_dropped_total", {{"reason", "port"}}));  // nobody tried
  }

  // A31: no body in spite of what is said; what is written anew has the length that is there
  void refusesLengthsThatAreNotThere() {
    Ground ground("proxy.xml");
    expect(ground, "400", "Content-Length", {"1", "2147483648", "2147483649", "1099511627776", "4294967296"});
    for (const char* length : {"2147483648", "2147483649", "1099511627776"})
      CPPUNIT_ASSERT_EQUAL(std::string("400"), reaction(ground, Sound("REGISTER", "sip:example.com").with("Content-Length", length)));
  }

  // A22: of a callee, to a transaction that waits for them
  void relaysRepliesWithSoundStatusesOnly() {
    for (const char* status :
         {"099", "100", "180", "199", "299", "699", "700", "4294967301", "4294967496", "2OO", "20", "-200", "999", "0200"}) {
      Ground ground("proxy.xml");
      World& world = ground.world();
      world.send(Ground::stranger(), world.listener(), Sound());
      std::string via;
      for (const auto& sent : world.take())
        if (sent.packet.octets.starts_with("INVITE ")) via = linesOf(sent.packet.octets)[0];
      CPPUNIT_ASSERT(!via.empty());
      Sound reply;
      reply.line("SIP/2.0 " + std::string(status) + " x").without("Via").without("Max-Forwards").with("To", "<sip:joe@example.com>;tag=2");
      std::string octets = reply;
      octets.insert(octets.find("\r\n") + 2, via + "\r\nVia: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKsound\r\n");
      world.send(*Runtime::Endpoint::parse("198.51.100.7:5060"), world.listener(), octets);
      size_t relayed = 0;
      for (const auto& sent : world.take()) relayed += sent.packet.octets.starts_with("SIP/2.0 " + std::string(status) + " x\r\n");
      const std::string text(status);
      const bool sound = text == "180" || text == "199" || text == "299" || text == "699";  // a 100 goes no further (RFC 3261, 16.7)
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, size_t{sound ? 1u : 0u}, relayed);
      CPPUNIT_ASSERT(ground.alive());
    }
  }

  // A21, A30
  void ignoresNoise() {
    Ground ground("proxy.xml");
    using namespace std::string_literals;
    for (const std::string& noise : {"INVITE sip:joe@198.51.100.7 SIP/2.0\r\n"s, "INVITE sip:joe@198.51.100.7 SIP/2.0\r\n\r\n"s, "\r\n"s,
                                     "\r\n\r\n"s, "\0\0"s, "\0\0\0\0"s, "jaK\0"s, ""s, std::string(31, '\x17'),
                                     "0123456789abcdefghijklmnopqrstu"s, std::string(65507, 'A'), std::string(65507, '\0')}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(noise.substr(0, 40), std::string("drop"), reaction(ground, noise));
    }
    std::string lines;
    for (const size_t count : {1, 2, 4, 5, 50, 10000}) {
      while (lines.size() < 2 * count) lines += "\r\n";
      CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(count), std::string(count <= 4 ? "forward" : "drop"),
                                   reaction(ground, lines + Sound().octets()));
    }
  }

  // A12: at every module the same, because none sees such a message
  void refusesTwoOfASingleHeader() {
    for (const char* configuration : {"proxy.xml", "registrar.xml", "shipped.xml"}) {
      Ground ground(configuration);
      for (const auto& [name, value] : {std::pair("To", "<sip:joe@example.com>"),
                                        {"t", "<sip:x@example.com>"},
                                        {"From", "<sip:ann@example.com>;tag=1"},
                                        {"f", "<sip:x@example.com>;tag=2"},
                                        {"Call-ID", "sound@203.0.113.9"},
                                        {"i", "other"},
                                        {"CSeq", "1 INVITE"},
                                        {"Max-Forwards", "70"},
                                        {"max-forwards", "1"}})
        CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("400"), reaction(ground, Sound().add(name, value)));
      for (const auto& [name, value] : {std::pair("Content-Length", "0"), {"Content-Type", "text/plain"}, {"Expires", "60"}})
        CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("400"), reaction(ground, Sound().add(name, value).add(name, value)));
      CPPUNIT_ASSERT_EQUAL(std::string("400"), reaction(ground, Sound().add("l", "0").add("Content-Length", "0")));
      CPPUNIT_ASSERT_EQUAL(std::string("400"), reaction(ground, Sound().add("Content-Length", "0, 0")));
    }
  }

  // A38
  void refusesBrokenTagsOfEveryKind() {
    Ground ground("proxy.xml");
    expect(ground, "400", "From", {";tag=", ";tag", ";tag=1;tag=2", ";tag=1;TAG=1", ";tag=\"", ";tag=\"1\"", ";tag=1;", ";;tag=1"},
           "<sip:ann@example.com>");
    expect(ground, "400", "To", {";tag=", ";tag", ";tag=1;tag=2", ";tag=\"\\", ";tag=a b"}, "<sip:joe@example.com>");
    CPPUNIT_ASSERT_EQUAL(std::string("400"), reaction(ground, Sound().add("To", "<sip:joe@example.com>;tag=")));
  }

  // A39: a copy goes another way through the server than the first
  void livesWithLongFieldsSentTwice() {
    Ground ground("proxy.xml");
    for (const size_t size : {1000, 2000, 8000, 60000}) {
      const std::string text(size, 'x');
      for (const std::string& octets :
           {Sound().with("From", "<sip:ann@example.com>;tag=" + text).octets(), Sound().with("Call-ID", text).octets(),
            Sound().with("Via", "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK" + text).octets(), Sound().with("CSeq", "1 " + text).octets(),
            Sound(text).octets(), Sound("INVITE", "sip:" + text + "@198.51.100.7").octets(),
            Sound().with("To", "<sip:joe@example.com>;x=" + text).octets()}) {
        World& world = ground.world();
        world.send(Ground::stranger(), world.listener(), octets);
        std::vector<FakeNetwork::Packet> first;
        for (auto& sent : world.take()) first.push_back(std::move(sent.packet));
        const std::string reaction = reactionOf(first);
        world.send(Ground::stranger(), world.listener(), octets);
        world.take();
        CPPUNIT_ASSERT(ground.alive());
        const bool refused = reaction == "400" || reaction == "414" || reaction == "513" || reaction == "drop";
        CPPUNIT_ASSERT_MESSAGE(reaction, refused || (size <= 2000 && reaction == "forward"));
        world.runUntil(world.time() + 250s);
        world.take();
      }
    }
    CPPUNIT_ASSERT_EQUAL(0.0, ground.world().metric("tm_transactions"));
  }

  // A37, A34
  void answersHalfMessagesSoundlyOrNotAtAll() {
    Ground ground("proxy.xml");
    for (const std::string& octets :
         {std::string("INVITE sip:joe@198.51.100.7 SIP/2.0\r\n"), Sound().without("Via").octets(),
          Sound().without("Via").without("From").octets(), Sound().with("Via", "").octets(), Sound().without("To").without("Via").octets()})
      if (octets.find("Via") == octets.npos) CPPUNIT_ASSERT_EQUAL_MESSAGE(octets, std::string("drop"), reaction(ground, octets));
    for (const char* name : {"Call-ID", "From", "To", "CSeq"}) {
      const auto sent = ground.play(Sound().without(name));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, size_t{1}, sent.size());
      CPPUNIT_ASSERT_MESSAGE(name,
                             sent[0].octets.starts_with("SIP/2.0 400 no ") && sent[0].octets.ends_with("\r\nContent-Length: 0\r\n\r\n"));
      CPPUNIT_ASSERT_MESSAGE(name, sent[0].octets.find("\r\n" + std::string(name)) == std::string::npos);
    }
    for (const char* to : {"", "<", "\"", "\"x", "<sip:joe@example.com>;tag=", "a b <sip:joe@", "<sip:joe@example.com>;tag=\"x\\"}) {
      const auto sent = ground.play(Sound().with("To", to));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(to, size_t{1}, sent.size());
      CPPUNIT_ASSERT_MESSAGE(to, sent[0].octets.starts_with("SIP/2.0 400 malformed To\r\n"));
    }
    for (const char* via : {":", "]", "SIP/2.0/UDP", "SIP/2.0/UDP ;branch=z9hG4bKx", "SIP/2.0/UDP []:5060"}) {
      const auto sent = ground.play(Sound().with("Via", via));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(via, size_t{1}, sent.size());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(via, Ground::stranger().toString(), sent[0].to.toString());
      CPPUNIT_ASSERT_MESSAGE(via, sent[0].octets.starts_with("SIP/2.0 400 malformed topmost Via\r\n"));
    }
    const auto sent = ground.play(Sound().with("To", std::string("<sip:joe@example.com>;x=\x01", 25)));
    CPPUNIT_ASSERT(sent.size() == 1 && sent[0].octets.find("\nTo:") == std::string::npos);  // broken, and not fit to be repeated
    CPPUNIT_ASSERT_EQUAL(std::string("drop"), reaction(ground, Sound().with("Via", std::string("SIP/2.0/UDP \x01", 13))));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FieldTest);

}  // namespace Patchbay::Testsuite
