#include <cppunit/extensions/HelperMacros.h>

#include "Ground.h"
#include "Sound.h"

namespace Patchbay::Testsuite {

/// Headers, lists and bodies of every size and content, through the whole server.
class TextTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TextTest);
  CPPUNIT_TEST(readsEachHeaderFolded);
  CPPUNIT_TEST(readsEachHeaderInEverySpelling);
  CPPUNIT_TEST(refusesTooManyValues);
  CPPUNIT_TEST(refusesTooMuchOfHeaders);
  CPPUNIT_TEST(forwardsManyHeadersThatNobodyReads);
  CPPUNIT_TEST(forwardsOctetsThatAreNoUtf8);
  CPPUNIT_TEST(refusesBareLineEndsWhereverTheyStand);
  CPPUNIT_TEST(neverMakesALineEndOfAnEscape);
  CPPUNIT_TEST(refusesOpenQuotesAtTheEnd);
  CPPUNIT_TEST(forwardsMultipartBodiesUntouched);
  CPPUNIT_TEST(forwardsOtherBodiesUntouched);
  CPPUNIT_TEST_SUITE_END();

  static std::string reaction(Ground& ground, const std::string& octets) {
    const std::string reaction = reactionOf(ground.play(octets));
    CPPUNIT_ASSERT_MESSAGE(octets.substr(0, 200), ground.alive());
    return reaction;
  }
  static void expect(Ground& ground, const std::string& wanted, const std::string& octets) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(octets.substr(0, 600), wanted, reaction(ground, octets));
  }
  static std::string forwarded(Ground& ground, const std::string& octets) {
    for (const auto& packet : ground.play(octets))
      if (!packet.octets.starts_with("SIP/2.0 ")) return packet.octets;
    return {};
  }
  static std::string repeated(const std::string& unit, size_t times) {
    std::string text;
    for (size_t i = 0; i < times; ++i) text += unit;
    return text;
  }

 public:
  // A11: every blank of what we parse may be a fold
  void readsEachHeaderFolded() {
    Ground ground("proxy.xml");
    for (const auto& [name, value] : {std::pair("Via", "\r\n SIP\r\n / 2.0 / UDP\r\n\t203.0.113.9\r\n ;\r\n branch\r\n =\r\n z9hG4bKsound"),
                                      {"From", "\r\n \"Ann\"\r\n <sip:ann@example.com>\r\n ;\r\n tag\r\n =\r\n 1"},
                                      {"To", "Joe\r\n\tSmith\r\n <sip:joe@example.com>\r\n ; x\r\n = y"},
                                      {"Contact", "\r\n <sip:ann@203.0.113.9>\r\n ,\r\n\t<sip:ann@203.0.113.10>\r\n ;\r\n q=0.5"},
                                      {"CSeq", "\r\n 1\r\n INVITE\r\n "},
                                      {"Max-Forwards", "\r\n  70\r\n\t"},
                                      {"Call-ID", "\r\n sound@203.0.113.9"},
                                      {"Content-Length", "\r\n 0\r\n "},
                                      {"Route", "\r\n <sip:198.51.100.7;lr>\r\n ,\r\n <sip:198.51.100.8;lr>"},
                                      {"Authorization", "Digest\r\n username=\"ann\",\r\n\trealm=\"\r\n x\",\r\n nc=00000001"}}) {
      const std::string octets = Sound().with(name, value);
      const std::string there = forwarded(ground, octets);
      CPPUNIT_ASSERT_MESSAGE(octets, there.starts_with("INVITE "));
      if (std::string("Max-Forwards") != name && std::string("Via") != name)
        CPPUNIT_ASSERT_MESSAGE(there, there.find(value) != std::string::npos);  // passed on as it came
      CPPUNIT_ASSERT(ground.alive());
    }
    expect(ground, "400", Sound().octets().substr(0, Sound().octets().size() - 2) + " ");  // a fold that nothing follows
    expect(ground, "400", "INVITE sip:joe@198.51.100.7 SIP/2.0\r\n X: y\r\n" + Sound().octets().substr(Sound().octets().find("Via")));
  }

  // A10
  void readsEachHeaderInEverySpelling() {
    Ground ground("proxy.xml");
    for (const auto& [name, spellings] :
         std::vector<std::pair<std::string, std::vector<std::string>>>{{"Via", {"v", "V", "VIA", "vIa", "Via ", "Via\t", "v \t "}},
                                                                       {"From", {"f", "F", "FROM", "from "}},
                                                                       {"To", {"t", "T", "TO", "t\t"}},
                                                                       {"Call-ID", {"i", "I", "CALL-ID", "call-id "}},
                                                                       {"Contact", {"m", "M", "CONTACT", "m "}},
                                                                       {"CSeq", {"CSEQ", "cseq", "cSeq \t"}},
                                                                       {"Max-Forwards", {"MAX-FORWARDS", "max-forwards "}}}) {
      for (const std::string& spelling : spellings) {
        std::string octets = Sound();
        octets.replace(octets.find("\r\n" + name + ":") + 2, name.size(), spelling);
        expect(ground, "forward", octets);
      }
    }
    using namespace std::string_literals;
    for (const std::string& line : {":x"s, "To\x01: x"s, "T\0o: x"s, "\x7f: x"s, "T\xc3\xb6: x"s, "X Y: z"s, "X(: z"s})
      expect(
          ground, "400",
          "INVITE sip:joe@198.51.100.7 SIP/2.0\r\nX-First: y\r\n" + line + "\r\n" + Sound().octets().substr(Sound().octets().find("Via")));
  }

  // A25: the time is WorkTest's
  void refusesTooManyValues() {
    Ground ground("proxy.xml");
    const std::string via = "SIP/2.0/UDP h;branch=z9hG4bKy";
    for (const size_t count : {1, 69, 70, 71, 1000}) {
      Sound lines, list;
      for (size_t i = 1; i < count; ++i) lines.add("Via", via);
      expect(ground, count <= 70 ? "forward" : "513", lines);
      if (count < 70) continue;  // one line of them is longer than a header may be
      list.with("Via", "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKsound" + repeated(",SIP/2.0/UDP h", count - 1));
      expect(ground, count <= 70 ? "forward" : count == 71 ? "513" : "drop", list);
    }
    for (const char* name : {"Route", "Record-Route", "Contact"}) {
      for (const size_t count : {1, 70, 71, 200}) {
        Sound request;
        request.with(name, "<sip:198.51.100.7;lr>");
        for (size_t i = 1; i < count; ++i) request.add(name, "<sip:198.51.100.7;lr>");
        expect(ground, "forward", request);
      }
      Sound request;
      for (size_t i = 0; i < 1000; ++i) request.add(name, "<sip:198.51.100.7;lr>");
      expect(ground, "513", request);
    }
  }

  // A26, A42, R13
  void refusesTooMuchOfHeaders() {
    Ground ground("proxy.xml");
    for (const char* name :
         {"X-Other", "User-Agent", "Identity", "Path", "Service-Route", "Event", "SIP-If-Match", "Subject", "Proxy-Authorization"}) {
      const size_t fixed = std::string(name).size() + 4;
      expect(ground, "forward", Sound().add(name, std::string(2048 - fixed, 'x')));
      expect(ground, "513", Sound().add(name, std::string(2049 - fixed, 'x')));
      expect(ground, "513", Sound().add(name, std::string(60000, 'x')));
    }
    const std::string user(1900, 'u');
    expect(ground, "forward", Sound("INVITE", "sip:" + user + "@198.51.100.7"));
    expect(ground, "414", Sound("INVITE", "sip:" + user + user + "@198.51.100.7"));
    for (const size_t count : {100, 249, 250, 500, 10000}) {
      Sound request;
      for (size_t i = 0; i < count; ++i) request.add("X", "y");
      expect(ground, count + 7 <= 256 ? "forward" : "513", request);
    }
    expect(ground, "forward", Sound().with("Content-Type", "text/plain").body(std::string(8192, 'x')));
    expect(ground, "413", Sound().with("Content-Type", "text/plain").body(std::string(8193, 'x')));
    expect(ground, "413", Sound().with("Content-Type", "text/plain").body(std::string(60000, 'x')));
  }

  // A43
  void forwardsManyHeadersThatNobodyReads() {
    Ground ground("proxy.xml");
    for (const char* name : {"Accept", "Allow", "Supported", "Require", "Allow-Events"}) {
      for (const size_t count : {50, 200, 500}) {
        Sound request;
        for (size_t i = 0; i < count; ++i) request.add(name, "x" + std::to_string(i));
        expect(ground, count < 249 ? "forward" : "513", request);
      }
      Sound list;
      list.add(name, "x" + repeated(", y", 500));
      expect(ground, "forward", list);
    }
  }

  // A28
  void forwardsOctetsThatAreNoUtf8() {
    Ground ground("proxy.xml");
    const std::string odd = "\xff\xc0\xaf\xed\xa0\x80\x80";
    for (const auto& [name, value] : {std::pair("From", "\"" + odd + "\" <sip:ann@example.com>;tag=1"),
                                      {"To", odd + " <sip:joe@example.com>"},
                                      {"Subject", odd},
                                      {"Call-ID", odd},
                                      {"Contact", "<sip:ann@203.0.113.9>;x=" + odd},
                                      {"User-Agent", odd},
                                      {"X-Other", odd}}) {
      const std::string there = forwarded(ground, Sound().with(name, value));
      CPPUNIT_ASSERT_MESSAGE(name, there.find(std::string(name) + ": " + value + "\r\n") != std::string::npos);
    }
    CPPUNIT_ASSERT_EQUAL(odd, bodyOf(forwarded(ground, Sound().add("Content-Type", "text/plain").body(odd))));
    expect(ground, "400", Sound("INVITE", "sip:" + odd + "@198.51.100.7"));
    expect(ground, "400", Sound("INV" + odd));
  }

  // A29, A16
  void refusesBareLineEndsWhereverTheyStand() {
    Ground ground("proxy.xml");
    const std::string sound = Sound().add("Subject", "\"a b\"");
    for (size_t at = 0; at < sound.size(); at += 1)
      for (const char* end : {"\r", "\n"}) {
        if (at > 0 && sound[at - 1] == '\r' && *end == '\n') continue;  // that is a line end
        if (sound[at] == '\n' && *end == '\r') continue;                // and so is this: CR CR LF
        if (at + 2 > sound.size()) continue;                            // body
        std::string octets = sound;
        octets.insert(at, end);
        const std::string reaction = reactionOf(ground.play(octets));
        CPPUNIT_ASSERT_MESSAGE(octets, reaction == "400" || reaction == "drop");
      }
    CPPUNIT_ASSERT(ground.alive());
    std::string lf = sound;
    std::erase(lf, '\r');
    expect(ground, "400", lf);
  }

  // A18
  void neverMakesALineEndOfAnEscape() {
    Ground ground("proxy.xml");
    for (const char* user : {"joe%0d%0aRoute:%20x", "%00", "%2500", "%0a"}) {
      const std::string uri = "sip:" + std::string(user) + "@198.51.100.7";
      const std::string there = forwarded(ground, Sound("INVITE", uri).with("To", "<" + uri + ">"));
      CPPUNIT_ASSERT_MESSAGE(
          there, there.starts_with("INVITE " + uri + " SIP/2.0\r\n") && there.find("\r\nTo: <" + uri + ">\r\n") != std::string::npos);
    }
    for (const char* user : {"%", "%0", "%zz", "a%", "%%30"})
      expect(ground, "400", Sound("INVITE", "sip:" + std::string(user) + "@198.51.100.7"));
    Ground registrar("registrar.xml");
    const auto sent = registrar.play(
        Sound("REGISTER", "sip:example.com").with("To", "<sip:ann%0d%0ax@example.com>").with("Contact", "<sip:a%0d%0ab@203.0.113.9>"));
    CPPUNIT_ASSERT(sent.size() == 1 && sent[0].octets.find("<sip:a%0d%0ab@203.0.113.9>") != std::string::npos);
  }

  // A32, A33
  void refusesOpenQuotesAtTheEnd() {
    Ground ground("proxy.xml");
    const std::string begin = Sound().without("To");
    for (const char* end : {"To: <sip:a@b>;x=\"\\", "To: <sip:a@b>;x=\"", "To: \"\\", "To: <sip:a@b>;tag=", "To: <sip:a@b>;tag", "To", "T",
                            "To:", "Proxy-Authorization: Digest user", "Proxy-Authorization: Digest username=",
                            "Proxy-Authorization: Digest username=\"", "Content-Len", "Content-Length: ", "Via: SIP/2.0/UDP h;branch="}) {
      const std::string head = begin.substr(0, begin.size() - 2) + end;
      CPPUNIT_ASSERT_EQUAL_MESSAGE(end, std::string("400"), reaction(ground, head));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(end, std::string("400"), reaction(ground, head + "\r\n\r\n"));  // there is no sound To
    }
  }

  // A40: nobody here reads them, so nothing can go wrong in them
  void forwardsMultipartBodiesUntouched() {
    Ground ground("proxy.xml");
    const auto part = [](const std::string& boundary) { return "--" + boundary + "\r\nContent-Type: text/plain\r\n\r\nx\r\n"; };
    std::string nested = "x";
    for (int i = 0; i < 100; ++i) nested = "--b" + std::to_string(i) + "\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n" + nested;
    const std::pair<std::string, std::string> cases[] = {
        {"multipart/mixed", part("b") + "--b--"},
        {"multipart/mixed;boundary=", part("") + "----"},
        {"multipart/mixed;boundary=\"\"", part("") + "----"},
        {"multipart/mixed;boundary=" + std::string(71, 'b'), part(std::string(71, 'b'))},
        {"multipart/mixed;boundary=" + std::string(1000, 'b'), part(std::string(1000, 'b'))},
        {"multipart/mixed;boundary=b", "no boundary at all"},
        {"multipart/mixed;boundary=b", repeated("--b\r\n", 1600)},
        {"multipart/mixed;boundary=b", part("b") + "--b-"},
        {"multipart/mixed;boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\n--b\r\n\r\n--b--"},
        {"multipart/mixed;boundary=b0", nested}};
    for (const auto& [type, body] : cases) {
      const std::string there = forwarded(ground, Sound().with("Content-Type", type).body(body));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(type, body, bodyOf(there));
      CPPUNIT_ASSERT(ground.alive());
    }
    const std::string many = repeated("--b\r\n", 10000);
    expect(ground, "413", Sound().with("Content-Type", "multipart/mixed;boundary=b").body(many));
  }

  // A36, A44
  void forwardsOtherBodiesUntouched() {
    Ground ground("proxy.xml");
    const std::string sdp =
        "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=\r\nt=0 0\r\nm=\r\na=\r\na=fmtp:101 0-15\r\na=rtpmap:101 "
        "telephone-event/8000\r\na=ptime:20";
    for (size_t length = 0; length <= sdp.size(); ++length)
      CPPUNIT_ASSERT_EQUAL(sdp.substr(0, length),
                           bodyOf(forwarded(ground, Sound().with("Content-Type", "application/sdp").body(sdp.substr(0, length)))));
    const std::string xml =
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"" + std::string(513, 'x') + "\"><!ENTITY c \"&b;&b;\">]>" + repeated("<a>", 100);
    for (const auto& [type, body] : {std::pair("application/sdp", repeated("m=audio 1 RTP/AVP 0\r\n", 380)),
                                     {"application/pidf+xml", xml},
                                     {"application/simple-message-summary", std::string(513, 'M') + "\r\n"}})
      CPPUNIT_ASSERT_EQUAL(body, bodyOf(forwarded(ground, Sound("NOTIFY").with("Content-Type", type).body(body))));
    CPPUNIT_ASSERT(ground.alive());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TextTest);

}  // namespace Patchbay::Testsuite
