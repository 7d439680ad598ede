#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "Octets.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Parser {

class UriTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(UriTest);
  CPPUNIT_TEST(splitsAllParts);
  CPPUNIT_TEST(keepsSemicolonsOfTheUserPart);
  CPPUNIT_TEST(readsNumberSignsOfTheUserPart);
  CPPUNIT_TEST(readsIpv6References);
  CPPUNIT_TEST(readsOtherSchemes);
  CPPUNIT_TEST(readsTelephoneNumbers);
  CPPUNIT_TEST(refusesWhatTheGrammarForbids);
  CPPUNIT_TEST(refusesPortsOutOfRange);
  CPPUNIT_TEST(findsParametersWithoutCaseAndEscaped);
  CPPUNIT_TEST(givesHostAndPortAsWritten);
  CPPUNIT_TEST(followsItsOctets);
  CPPUNIT_TEST(unescapesOnce);
  CPPUNIT_TEST(refusesBrokenEscapes);
  CPPUNIT_TEST(writesAddressesOfRecord);
  CPPUNIT_TEST(readsThousandsOfParameters);
  CPPUNIT_TEST_SUITE_END();

  static bool good(std::string_view text) {
    const Octets octets(text);
    return Uri::parse(octets.view()).has_value();
  }

  static std::string recordOf(std::string_view text) {
    const auto uri = Uri::parse(text);
    CPPUNIT_ASSERT(uri);
    std::string out(uri->user.size() + uri->host.size() + 2, '\0');
    const char* end = writeAddressOfRecord(*uri, out.data());
    CPPUNIT_ASSERT(end);
    return out.substr(0, static_cast<size_t>(end - out.data()));
  }

 public:
  void splitsAllParts() {
    const Octets octets("SIPS:al%69ce:secret@Example.COM:5071;transport=tcp;lr?Subject=x%20y&a=");
    const auto uri = Uri::parse(octets.view());
    CPPUNIT_ASSERT(uri);
    CPPUNIT_ASSERT(uri->scheme == Uri::Scheme::sips && uri->isSip());
    CPPUNIT_ASSERT(uri->schemeText == "SIPS" && uri->user == "al%69ce" && uri->hasUser && uri->password == "secret");
    CPPUNIT_ASSERT(uri->host == "Example.COM" && uri->port == 5071);
    CPPUNIT_ASSERT(uri->parameters == "transport=tcp;lr" && uri->headers == "Subject=x%20y&a=");
  }

  // semiuri, intmeth
  void keepsSemicolonsOfTheUserPart() {
    const auto uri = Uri::parse("sip:user;par=u%40example.net@example.com");
    CPPUNIT_ASSERT(uri && uri->user == "user;par=u%40example.net" && uri->host == "example.com" && uri->parameters.empty());
    CPPUNIT_ASSERT(good("sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com"));
  }

  // against the grammar, which wants %23, as many telephones dial; nowhere else
  void readsNumberSignsOfTheUserPart() {
    const auto uri = Uri::parse("sip:*21#0030#@example.com;x=y");
    CPPUNIT_ASSERT(uri && uri->user == "*21#0030#" && uri->host == "example.com" && uri->parameters == "x=y");
    CPPUNIT_ASSERT(uri->equivalent(*Uri::parse("sip:*21%230030%23@example.com;x=y")));
    CPPUNIT_ASSERT_EQUAL(std::string("#31#@b"), recordOf("sip:#31%23@b"));
    for (const char* text : {"sip:b#", "sip:a@b#c", "sip:a@b#@d", "sip:a@b;x#=y", "sip:a@b?x=#", "sip:a:#@b", "s#ip:a@b", "sip:#"})
      CPPUNIT_ASSERT_MESSAGE(text, !good(text));
  }

  // RFC 5118, 4.1 to 4.10; N02
  void readsIpv6References() {
    const auto uri = Uri::parse("sip:[2001:db8::10:5070]");
    CPPUNIT_ASSERT(uri && uri->host == "[2001:db8::10:5070]" && uri->port == 0 && uri->portOrDefault() == 5060);
    CPPUNIT_ASSERT_EQUAL(uint16_t{5070}, Uri::parse("sip:[2001:db8::10]:5070")->port);
    for (const char* host : {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::ffff:192.0.2.1", "2001:db8:::192.0.2.1",
                             "fe80::1%25eth0", "1:2:3:4:5:6:192.0.2.1"}) {
      CPPUNIT_ASSERT_MESSAGE(host, good("sip:a@[" + std::string(host) + "]"));
    }
    for (const char* host : {"", ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2::3",
                             "12345::", "g::", "::256.0.0.1", "::1.2.3", "1:2:3:4:5:6:7:192.0.2.1", "::1%", "::1 "}) {
      CPPUNIT_ASSERT_MESSAGE(host, !good("sip:a@[" + std::string(host) + "]"));
    }
  }

  // A20, unkscm, novelsc, unksm2
  void readsOtherSchemes() {
    const auto uri = Uri::parse("soap.beep://192.0.2.103:3002");
    CPPUNIT_ASSERT(uri && uri->scheme == Uri::Scheme::other && uri->schemeText == "soap.beep" && uri->user == "//192.0.2.103:3002");
    CPPUNIT_ASSERT(uri->host.empty() && !uri->isSip());
    for (const char* text : {"urn:service:sos", "http://www.example.com", "isbn:2983792873", "name:John_Smith"})
      CPPUNIT_ASSERT_MESSAGE(text, good(text));
    for (const char* text : {"a b:c", "9p:x", ":x", "urn:", "urn:a b", "urn:<x>", "urn:%zz", "noscheme"})
      CPPUNIT_ASSERT_MESSAGE(text, !good(text));
  }

  void readsTelephoneNumbers() {
    const auto uri = Uri::parse("tel:+1-212-555-0101;phone-context=example.com");
    CPPUNIT_ASSERT(uri && uri->scheme == Uri::Scheme::tel && uri->user == "+1-212-555-0101");
    CPPUNIT_ASSERT(uri->parameter("phone-context").value() == "example.com");
    CPPUNIT_ASSERT(!good("tel:") && !good("tel:12 34") && !good("tel:alice"));
  }

  // A15, A18, N04, lwsruri, ltgtruri
  void refusesWhatTheGrammarForbids() {
    using namespace std::string_view_literals;
    for (const std::string_view text : {""sv,
                                        "sip"sv,
                                        "sip:"sv,
                                        "sip:@"sv,
                                        "sip:@host"sv,
                                        "sip:user@"sv,
                                        "sip:user@@host"sv,
                                        "<sip:a@b>"sv,
                                        " sip:a@b"sv,
                                        "sip:a@b "sv,
                                        "sip:a b@c"sv,
                                        "sip:a@b\r\n"sv,
                                        "sip:a@b\0"sv,
                                        "sip:a\0b@c"sv,
                                        "sip:a@b\t"sv,
                                        "sip:2001:db8::10"sv,
                                        "sip:a@::1"sv,
                                        "sip:a@[::1"sv,
                                        "sip:a@::1]"sv,
                                        "sip:a@[]"sv,
                                        "sip:a%@b"sv,
                                        "sip:a%4@b"sv,
                                        "sip:a%zz@b"sv,
                                        "sip:a@b;x=%"sv,
                                        "sip:a@b;x=%4"sv,
                                        "sip:a@b;"sv,
                                        "sip:a@b;;lr"sv,
                                        "sip:a@b;=x"sv,
                                        "sip:a@b;x="sv,
                                        "sip:a@b;x=y=z"sv,
                                        "sip:a@b?"sv,
                                        "sip:a@b?x"sv,
                                        "sip:a@b?=y"sv,
                                        "sip:a@b?x=y&"sv,
                                        "sip:a@.b"sv,
                                        "sip:a@b..c"sv,
                                        "sip:a@."sv,
                                        "sip:a@b/c"sv,
                                        "sip:a@256.1.1.1"sv,
                                        "sip:a@1.2.3"sv,
                                        "sip:a@12345"sv,
                                        "sip:a@b\"c"sv,
                                        "sip:a\xc3\xa4@b"sv,
                                        "sip:a@b,sip:c@d"sv}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(text), !good(text));
    }
    for (const std::string_view text :
         {"sip:host."sv, "sip:a_b.example"sv, "sip:%00@b"sv, "sip:a:@b"sv, "sip:x@b;%6C%72"sv, "sip:3com.example"sv}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(text), good(text));
    }
  }

  // A14, A15
  void refusesPortsOutOfRange() {
    for (const char* port : {"0", "00", "65536", "4294967297", "18446744073709551617", "-1", "+1", "0x10", "8080xyz", "", " 1"}) {
      CPPUNIT_ASSERT_MESSAGE(port, !good("sip:a@b:" + std::string(port)));
    }
    CPPUNIT_ASSERT_EQUAL(uint16_t{65535}, Uri::parse("sip:a@b:65535")->port);
    CPPUNIT_ASSERT_EQUAL(uint16_t{5060}, Uri::parse("sip:a@b:0005060")->port);
    CPPUNIT_ASSERT_EQUAL(uint16_t{5061}, Uri::parse("sips:a@b")->portOrDefault());
  }

  // esc01
  void findsParametersWithoutCaseAndEscaped() {
    const auto uri = Uri::parse("sip:a@b;Transport=TCP;%6C%72;n%61me=v%61lue");
    CPPUNIT_ASSERT(uri->parameter("transport").value() == "TCP");
    CPPUNIT_ASSERT(uri->parameter("lr").value().empty());
    CPPUNIT_ASSERT(uri->parameter("name").value() == "v%61lue");
    CPPUNIT_ASSERT(!uri->parameter("nam") && !uri->parameter("maddr"));
  }

  void givesHostAndPortAsWritten() {
    CPPUNIT_ASSERT(Uri::parse("sip:a@B:05060;lr")->hostPort() == "B:05060");
    CPPUNIT_ASSERT(Uri::parse("sip:[::1]:5")->hostPort() == "[::1]:5");
    CPPUNIT_ASSERT(Uri::parse("sip:host")->hostPort() == "host");
  }

  void followsItsOctets() {
    const std::string text = "sip:alice@example.com:5062;lr";
    std::string copy = text;
    auto uri = Uri::parse(text);
    uri->rebase(copy.data() - text.data());
    copy.replace(4, 5, "carol");
    CPPUNIT_ASSERT(uri->user == "carol" && uri->hostPort() == "example.com:5062" && uri->password.data() == nullptr);
  }

  // A18
  void unescapesOnce() {
    std::string out = "x";
    CPPUNIT_ASSERT(unescape("%2541%00%0d%0a", out));
    CPPUNIT_ASSERT(out == std::string("x%41\0\r\n", 7));
  }

  void refusesBrokenEscapes() {
    std::string out = "x";
    for (const char* text : {"a%", "a%4", "a%zz", "%g0"}) CPPUNIT_ASSERT_MESSAGE(text, !unescape(text, out));
    CPPUNIT_ASSERT_EQUAL(std::string("x"), out);
  }

  // escnull, esc01; RFC 3261, 10.3
  void writesAddressesOfRecord() {
    CPPUNIT_ASSERT_EQUAL(std::string("Alice@example.com"), recordOf("sip:%41lice:pw@EXAMPLE.com.:5070;x=y"));
    CPPUNIT_ASSERT_EQUAL(std::string("example.com"), recordOf("sip:Example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("a\0b@h", 5), recordOf("sip:a%00b@h"));
    // N02: one form of an IPv6 address, that of RFC 5952
    for (const char* host : {"2001:DB8::A", "2001:db8:0:0:0:0:0:a", "2001:0db8::000A", "2001:db8::0:a", "2001:db8::0.0.0.10"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(host, std::string("a@[2001:db8::a]"), recordOf("sip:a@[" + std::string(host) + "]"));
    CPPUNIT_ASSERT_EQUAL(std::string("a@[1:0:2:3:4:5:6:7]"), recordOf("sip:a@[1::2:3:4:5:6:7]"));
    CPPUNIT_ASSERT_EQUAL(std::string("a@[2001:db8:1::1]"), recordOf("sip:a@[2001:db8:1:0:0:0::1]"));
    CPPUNIT_ASSERT_EQUAL(std::string("a@192.0.2.1"), recordOf("sip:a@[::FFFF:192.0.2.1]"));
    CPPUNIT_ASSERT_EQUAL(std::string("+1212"), recordOf("tel:+1212;isub=1"));
  }

  // A27
  void readsThousandsOfParameters() {
    std::string text = "sip:a@b";
    for (int i = 0; i < 2000; ++i) text += ";p" + std::to_string(i);
    const Octets octets(text);
    const auto uri = Uri::parse(octets.view());
    CPPUNIT_ASSERT(uri && uri->parameter("p1999") && uri->equivalent(*uri));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UriTest);

}  // namespace Patchbay::Parser
