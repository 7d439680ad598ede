#include <cppunit/extensions/HelperMacros.h>

#include "Plan.h"

using namespace Patchbay::Resolver;
using Patchbay::Transport::Protocol;

class PlanTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PlanTest);
  CPPUNIT_TEST(choosesProtocolAndPort);
  CPPUNIT_TEST(refusesSipsOverUdp);
  CPPUNIT_TEST(readsLiterals);
  CPPUNIT_TEST(foldsNames);
  CPPUNIT_TEST(refusesWhatIsNoName);
  CPPUNIT_TEST_SUITE_END();

 public:
  // I04, as far as it needs no NAPTR and SRV
  void choosesProtocolAndPort() {
    check({"h", 0, {}, false}, Protocol::udp, 5060);
    check({"h", 5070, {}, false}, Protocol::udp, 5070);
    check({"h", 0, Protocol::tcp, false}, Protocol::tcp, 5060);
    check({"h", 0, Protocol::tls, false}, Protocol::tls, 5061);
    check({"h", 0, {}, true}, Protocol::tls, 5061);
    check({"h", 5080, {}, true}, Protocol::tls, 5080);
    check({"h", 0, Protocol::tcp, true}, Protocol::tls, 5061);
    check({"h", 0, Protocol::ws, false}, Protocol::ws, 80);
    check({"h", 0, Protocol::ws, true}, Protocol::wss, 443);
  }
  void refusesSipsOverUdp() { CPPUNIT_ASSERT(!planOf({"h", 0, Protocol::udp, true})); }
  void readsLiterals() {
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), literalOf("192.0.2.1")->toString());
    CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::1"), literalOf("[2001:DB8::1]")->toString());
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), literalOf("[::ffff:127.0.0.1]")->toString());
    for (const char* text : {"::1", "2001:db8::1", "example.org", "", "[192.0.2.1]", "[::1", "127.1"})
      CPPUNIT_ASSERT_MESSAGE(text, !literalOf(text));
  }
  void foldsNames() {
    CPPUNIT_ASSERT_EQUAL(std::string("sip.example.org"), name("SIP.Example.ORG."));
    CPPUNIT_ASSERT_EQUAL(std::string("localhost"), name("localhost"));
    CPPUNIT_ASSERT_EQUAL(std::string("_sip._udp.x-1.example"), name("_sip._udp.x-1.example"));
    CPPUNIT_ASSERT_EQUAL(std::string("1.2.a"), name("1.2.a"));
  }
  // G06: other spellings of addresses are no names either
  void refusesWhatIsNoName() {
    const std::string longLabel(64, 'a'), longName = std::string(250, 'a') + ".abc";
    for (const std::string& text :
         {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a.."), std::string("a b"),
          std::string("0177.0.0.1"), std::string("2130706433"), std::string("0x7f.1"), std::string("127.1"), std::string("a%00b"),
          std::string("a\0b", 3), std::string("\xc3\xa9.org"), longLabel, longName, std::string("a:b")})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::string(), name(text));
  }

 private:
  static void check(const Query& query, Protocol protocol, uint16_t port) {
    const auto plan = planOf(query);
    CPPUNIT_ASSERT(plan);
    CPPUNIT_ASSERT(plan->protocol == protocol);
    CPPUNIT_ASSERT_EQUAL(port, plan->port);
  }
  static std::string name(std::string_view host) {
    char out[MostKeyOctets];
    return {out, writeName(host, out)};
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PlanTest);
