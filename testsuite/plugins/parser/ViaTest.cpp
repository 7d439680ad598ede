#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "Octets.h"
#include "patchbay/parser/Fields.h"

namespace Patchbay::Parser {

class ViaTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ViaTest);
  CPPUNIT_TEST(splitsAllParts);
  CPPUNIT_TEST(readsBlanksAndFoldsAnywhere);
  CPPUNIT_TEST(readsRportWithAndWithoutValue);
  CPPUNIT_TEST(readsReceivedWithAndWithoutBrackets);
  CPPUNIT_TEST(knowsTheCookieWithoutCase);
  CPPUNIT_TEST(refusesViaWithoutHost);
  CPPUNIT_TEST(refusesBadPortsAndParameters);
  CPPUNIT_TEST(followsItsOctets);
  CPPUNIT_TEST_SUITE_END();

  static bool good(std::string_view text) {
    const Octets octets(text);
    return parseVia(octets.view()).has_value();
  }

 public:
  void splitsAllParts() {
    const Octets octets("SIP/2.0/UDP [2001:db8::9]:5062;branch=z9hG4bKx;rport=4;received=192.0.2.1;maddr=a.example;ttl=1;x=\"q;,\"");
    const auto via = parseVia(octets.view());
    CPPUNIT_ASSERT(via && via->protocol == "UDP" && via->host == "[2001:db8::9]" && via->port == 5062 &&
                   via->sentBy == "[2001:db8::9]:5062");
    CPPUNIT_ASSERT(via->branch == "z9hG4bKx" && via->hasRport && via->rport == 4 && via->received == "192.0.2.1" &&
                   via->maddr == "a.example");
    CPPUNIT_ASSERT(via->parameters.starts_with("branch=") && via->parameters.ends_with("x=\"q;,\""));
  }

  // A11, wsinv
  void readsBlanksAndFoldsAnywhere() {
    const Octets octets(" SIP  /   2.0\r\n /UDP\r\n    192.0.2.2 : 5070\t; branch=\r\n z9hG4bK30239  ");
    const auto via = parseVia(octets.view());
    CPPUNIT_ASSERT(via && via->protocol == "UDP" && via->host == "192.0.2.2" && via->port == 5070 && via->branch == "z9hG4bK30239");
    CPPUNIT_ASSERT(via->text.starts_with("SIP") && via->text.ends_with("30239"));
  }

  void readsRportWithAndWithoutValue() {
    CPPUNIT_ASSERT(!parseVia("SIP/2.0/UDP a")->hasRport);
    CPPUNIT_ASSERT(parseVia("SIP/2.0/UDP a;rport")->hasRport && parseVia("SIP/2.0/UDP a;rport")->rport == 0);
    CPPUNIT_ASSERT_EQUAL(uint16_t{65535}, parseVia("SIP/2.0/UDP a;RPORT=65535")->rport);
  }

  // RFC 5118, 4.5; N03
  void readsReceivedWithAndWithoutBrackets() {
    CPPUNIT_ASSERT(parseVia("SIP/2.0/UDP [::1];received=2001:db8::9:255")->received == "2001:db8::9:255");
    CPPUNIT_ASSERT(parseVia("SIP/2.0/UDP [::1];received=[2001:db8::9:255]")->received == "[2001:db8::9:255]");
  }

  // RFC 3261, 17.2.3
  void knowsTheCookieWithoutCase() {
    CPPUNIT_ASSERT(parseVia("SIP/2.0/UDP a;branch=Z9HG4BKx")->hasCookie());
    CPPUNIT_ASSERT(!parseVia("SIP/2.0/UDP a;branch=z9hG4b")->hasCookie());
    CPPUNIT_ASSERT(!parseVia("SIP/2.0/UDP a")->hasCookie());
  }

  // A34
  void refusesViaWithoutHost() {
    for (const char* text : {"",
                             ":",
                             "]",
                             "SIP",
                             "SIP/2.0",
                             "SIP/2.0/",
                             "SIP/2.0/UDP",
                             "SIP/2.0/UDP ",
                             "SIP/2.0/UDP ;branch=x",
                             "SIP/2.0/UDP :5060",
                             "SIP/2.0/UDP ]",
                             "SIP/2.0/UDP [",
                             "SIP/2.0/UDP []",
                             "SIP/2.0/UDP ::1",
                             "/2.0/UDP a",
                             "SIP//UDP a",
                             "XIP/2.0/UDP a",
                             "SIP/2.0/UDPa",
                             "SIP/2.0/UDP a b",
                             "SIP/2.0/UDP a,"}) {
      CPPUNIT_ASSERT_MESSAGE(text, !good(text));
    }
  }

  // A14, A15, badinv01
  void refusesBadPortsAndParameters() {
    for (const char* rest : {":0",
                             ":65536",
                             ":8080xyz",
                             ":",
                             ":-1",
                             ";",
                             ";;",
                             ";,",
                             ";branch",
                             ";branch=",
                             ";branch=a;branch=b",
                             ";branch=\"a\"",
                             ";branch=a b",
                             ";rport=",
                             ";rport=0",
                             ";rport=65536",
                             ";rport=x",
                             ";rport;rport",
                             ";received=",
                             ";received=:",
                             ";received=a;received=b",
                             ";maddr=",
                             ";maddr=a/b",
                             ";ttl=256",
                             ";ttl=",
                             ";ttl=-1",
                             ";ttl=0x1",
                             ";x=\"",
                             ";x=\"\\",
                             ";=x",
                             ";x=",
                             ";branch=a;"}) {
      CPPUNIT_ASSERT_MESSAGE(rest, !good("SIP/2.0/UDP a" + std::string(rest)));
    }
    CPPUNIT_ASSERT(good("SIP/2.0/UDP a;ttl=255;alias;keep=30"));
  }

  void followsItsOctets() {
    const std::string text = "SIP/2.0/UDP host;branch=abc";
    std::string copy = text;
    auto via = parseVia(text);
    via->rebase(copy.data() - text.data());
    copy.replace(12, 4, "HOST");
    CPPUNIT_ASSERT(via->host == "HOST" && via->branch == "abc" && via->received.data() == nullptr);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ViaTest);

}  // namespace Patchbay::Parser
