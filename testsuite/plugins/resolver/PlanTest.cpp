#include <cppunit/extensions/HelperMacros.h>

#include "Plan.h"

using namespace Patchbay::Resolver;
using Patchbay::Transport::Protocol;

class PlanTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PlanTest);
  CPPUNIT_TEST(choosesProtocolAndPort);
  CPPUNIT_TEST(refusesSipsOverUdp);
  CPPUNIT_TEST(doesWithoutUdp);
  CPPUNIT_TEST(readsLiterals);
  CPPUNIT_TEST(foldsNames);
  CPPUNIT_TEST(refusesWhatIsNoName);
  CPPUNIT_TEST(knowsWhatIsTooNarrow);
  CPPUNIT_TEST_SUITE_END();

 public:
  // I04
  void choosesProtocolAndPort() {
    using Start = Plan::Start;
    check({"h", 0, {}, false}, Start::pointers, Protocol::udp, 5060);
    check({"h", 5070, {}, false}, Start::addresses, Protocol::udp, 5070);
    check({"h", 0, Protocol::tcp, false}, Start::services, Protocol::tcp, 5060);
    check({"h", 0, Protocol::tls, false}, Start::services, Protocol::tls, 5061);
    check({"h", 0, {}, true}, Start::pointers, Protocol::tls, 5061);
    check({"h", 5080, {}, true}, Start::addresses, Protocol::tls, 5080);
    check({"h", 0, Protocol::tcp, true}, Start::services, Protocol::tls, 5061);
    check({"h", 0, Protocol::ws, false}, Start::addresses, Protocol::ws, 80);
    check({"h", 0, Protocol::ws, true}, Start::addresses, Protocol::wss, 443);
    check({"192.0.2.1", 0, {}, false}, Start::addresses, Protocol::udp, 5060);
    check({"192.0.2.1", 0, Protocol::tcp, false}, Start::addresses, Protocol::tcp, 5060);
    check({"[2001:db8::1]", 0, {}, true}, Start::addresses, Protocol::tls, 5061);
  }
  void refusesSipsOverUdp() { CPPUNIT_ASSERT(!planOf({"h", 0, Protocol::udp, true}, all)); }
  void doesWithoutUdp() {
    const auto tcp = offers({Protocol::tcp, Protocol::tls}), tls = offers({Protocol::tls});
    CPPUNIT_ASSERT(planOf({"192.0.2.1", 0, {}, false}, tcp)->protocol == Protocol::tcp);
    CPPUNIT_ASSERT(planOf({"192.0.2.1", 0, {}, false}, tls)->protocol == Protocol::tls);
    CPPUNIT_ASSERT(!planOf({"192.0.2.1", 5060, {}, false}, tls));
    CPPUNIT_ASSERT(!planOf({"h", 0, {}, true}, offers({Protocol::udp})));
    CPPUNIT_ASSERT(!planOf({"h", 0, Protocol::udp, false}, tcp));
  }
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
  // G06: who is on the Internet leads us into no private network, who is in one not into this machine
  void knowsWhatIsTooNarrow() {
    using Scope = Patchbay::Runtime::Scope;
    const auto narrow = [](const char* address, Scope least, bool loopback = false) {
      Plan plan;
      plan.least = least;
      return isTooNarrow(*Patchbay::Runtime::IpAddress::parse(address), plan, loopback);
    };
    for (const char* address : {"127.0.0.1", "::1", "169.254.169.254", "fe80::1", "10.1.1.7", "fd00::1", "0.0.0.0"}) {
      CPPUNIT_ASSERT_MESSAGE(address, narrow(address, Scope::global));
      CPPUNIT_ASSERT_MESSAGE(address, !narrow(address, Scope::unspecified));
    }
    CPPUNIT_ASSERT(!narrow("203.0.113.9", Scope::global) && !narrow("2001:db8::1", Scope::global));
    CPPUNIT_ASSERT(!narrow("10.1.1.7", Scope::privateUse) && narrow("127.0.0.1", Scope::privateUse) && narrow("fe80::1", Scope::privateUse));
    CPPUNIT_ASSERT(!narrow("127.0.0.1", Scope::loopback) && !narrow("127.0.0.1", Scope::global, true));
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
  static Offers offers(std::initializer_list<Protocol> protocols) {
    Offers offers;
    for (const auto protocol : protocols) {
      Patchbay::Transport::Listener listener;
      listener.protocol = protocol;
      listener.local = *Patchbay::Runtime::Endpoint::parse("192.0.2.9:5060");
      offers.add(listener);
    }
    return offers;
  }
  const Offers all = offers({Protocol::udp, Protocol::tcp, Protocol::tls, Protocol::ws, Protocol::wss});
  void check(const Query& query, Plan::Start start, Protocol protocol, uint16_t port) const {
    const auto plan = planOf(query, all);
    CPPUNIT_ASSERT(plan);
    CPPUNIT_ASSERT(plan->start == start);
    CPPUNIT_ASSERT(plan->protocol == protocol);
    CPPUNIT_ASSERT_EQUAL(port, plan->port);
  }
  static std::string name(std::string_view host) {
    char out[MostKeyOctets];
    return {out, writeName(host, out)};
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PlanTest);
