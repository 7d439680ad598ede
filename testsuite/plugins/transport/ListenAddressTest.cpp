#include <cppunit/extensions/HelperMacros.h>

#include "ListenAddress.h"

using namespace Patchbay::Transport;

class ListenAddressTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ListenAddressTest);
  CPPUNIT_TEST(readsAddressAndPort);
  CPPUNIT_TEST(readsIpv6InBrackets);
  CPPUNIT_TEST(readsWhatIsAdvertised);
  CPPUNIT_TEST(refusesWhatIsNoListener);
  CPPUNIT_TEST(saysWhatIsAllowed);
  CPPUNIT_TEST_SUITE_END();

 public:
  void readsAddressAndPort() {
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:5070"), good("udp:127.0.0.1:5070").local.toString());
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:5060"), good("UDP:127.0.0.1").local.toString());
    CPPUNIT_ASSERT_EQUAL(uint16_t{0}, good("udp:0.0.0.0:0").local.port);
    CPPUNIT_ASSERT(good("udp:127.0.0.1:5070").host.empty());
  }
  // N02
  void readsIpv6InBrackets() {
    CPPUNIT_ASSERT_EQUAL(std::string("[::1]:5070"), good("udp:[::1]:5070").local.toString());
    CPPUNIT_ASSERT_EQUAL(std::string("[2001:db8::1]:5060"), good("udp:[2001:DB8:0::0001]").local.toString());
  }
  void readsWhatIsAdvertised() {
    const auto named = good("udp:0.0.0.0:5070/sip.example.org:5060");
    CPPUNIT_ASSERT_EQUAL(std::string("sip.example.org"), named.host);
    CPPUNIT_ASSERT_EQUAL(uint16_t{5060}, named.port);
    CPPUNIT_ASSERT_EQUAL(uint16_t{0}, good("udp:0.0.0.0:5070/sip.example.org").port);
    const auto v6 = good("udp:[::]:5070/[2001:db8::1]:5080");
    CPPUNIT_ASSERT_EQUAL(std::string("[2001:db8::1]"), v6.host);
    CPPUNIT_ASSERT_EQUAL(uint16_t{5080}, v6.port);
  }
  void refusesWhatIsNoListener() {
    for (const char* text : {"",
                             "udp",
                             "udp:",
                             "127.0.0.1:5060",
                             "udp:localhost:5060",
                             "udp:127.0.0.1:",
                             "udp:127.0.0.1:65536",
                             "udp:127.0.0.1:x",
                             "udp:::1:5060",
                             "udp:[::1:5060",
                             "udp:[127.0.0.1]:5060",
                             "udp:127.1:5060",
                             "udp:224.0.0.1:5060",
                             "sctp:127.0.0.1:5060",
                             "udp:127.0.0.1:5060/",
                             "udp:127.0.0.1:5060/a b",
                             "udp:127.0.0.1:5060/a;b",
                             "udp:127.0.0.1:5060/a:0",
                             "udp:127.0.0.1:5060/a\r\nX: y",
                             "udp:127.0.0.1:5060/[::1"}) {
      std::string why;
      CPPUNIT_ASSERT_MESSAGE(text, !ListenAddress::parse(text, why));
      CPPUNIT_ASSERT_MESSAGE(text, !why.empty());
    }
  }
  void saysWhatIsAllowed() {
    std::string why;
    ListenAddress::parse("sctp:127.0.0.1:5061", why);
    CPPUNIT_ASSERT(why.find("(udp tcp tls ws wss)") != std::string::npos);
  }

 private:
  static ListenAddress good(const char* text) {
    std::string why;
    const auto address = ListenAddress::parse(text, why);
    CPPUNIT_ASSERT_MESSAGE(why, address);
    return *address;
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ListenAddressTest);
