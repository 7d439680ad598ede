#include <arpa/inet.h>
#include <cppunit/extensions/HelperMacros.h>
#include <net/if.h>

#include "patchbay/runtime/Endpoint.h"

using namespace Patchbay::Runtime;

class EndpointTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EndpointTest);
  CPPUNIT_TEST(writesAddressesAsRfc5952Says);
  CPPUNIT_TEST(refusesWhatIsNoAddress);
  CPPUNIT_TEST(readsV4AsTheSystemDoes);
  CPPUNIT_TEST(mappedAddressesAreV4);
  CPPUNIT_TEST(zonesBelongToLinkLocalAddresses);
  CPPUNIT_TEST(knowsTheScopes);
  CPPUNIT_TEST(wildcardsAreTheTwoAllZeroAddresses);
  CPPUNIT_TEST(writesWithBracketsWhenAsked);
  CPPUNIT_TEST(readsAndWritesEndpoints);
  CPPUNIT_TEST(refusesWhatIsNoEndpoint);
  CPPUNIT_TEST(survivesTheWayThroughSockaddr);
  CPPUNIT_TEST(ordersByAddressThenPort);
  CPPUNIT_TEST_SUITE_END();

  static std::string canonical(std::string_view text) {
    const auto address = IpAddress::parse(text);
    return address ? address->toString() : "no address";
  }
  static Scope scopeOf(std::string_view text) { return IpAddress::parse(text).value().scope(); }

 public:
  void writesAddressesAsRfc5952Says() {
    const std::pair<const char*, const char*> cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // 4.2.2: one group is not shortened
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // 4.2.3: the longest run
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // 4.2.3: the first of equals
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"fe80:0:0:0:0:0:0:0", "fe80::"},
        {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
        {"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
        {"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"2001:db8:::192.0.2.1", "2001:db8::c000:201"},  // RFC 5118, 4.10
        {"[2001:db8::1]", "2001:db8::1"}};
    for (const auto& [text, expected] : cases) CPPUNIT_ASSERT_EQUAL(std::string(expected), canonical(text));
  }

  void refusesWhatIsNoAddress() {
    for (const char* text : {"",
                             "1",
                             "1.2.3",
                             "1.2.3.4.5",
                             "256.1.1.1",
                             "01.2.3.4",
                             "0x7f.0.0.1",
                             "1.2.3.4 ",
                             " 1.2.3.4",
                             "1.2.3.-4",
                             "[1.2.3.4]",
                             "[::1",
                             "::1]",
                             "[]",
                             ":",
                             ":::",
                             "1::2::3",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "12345::",
                             "::g",
                             "::1%",
                             "fe80::1%no-such-interface",
                             "::ffff:1.2.3",
                             "::1.2.3.4.5",
                             "example.org"})
      CPPUNIT_ASSERT_MESSAGE(text, !IpAddress::parse(text));
    CPPUNIT_ASSERT(!IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
  }

  void readsV4AsTheSystemDoes() {
    for (const char* text : {"0.0.0.0",   "255.255.255.255",  "192.0.2.1", "1.2.3",    "1.2.3.4.", ".1.2.3.4", "1..2.3",    "256.0.0.1",
                             "1.2.3.999", "01.2.3.4",         "1.2.3.00",  "1.2.3.4 ", " 1.2.3.4", "1.2.3.4x", "0x1.2.3.4", "1,2.3.4",
                             "1.2.3.-4",  "4294967297.1.1.1", "1.2.3.4.5", ""}) {
      in_addr expected;
      const bool good = inet_pton(AF_INET, text, &expected) == 1;
      const auto found = IpAddress::parse(text);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, good, found.has_value());
      if (good) CPPUNIT_ASSERT(*found == IpAddress::fromV4(expected));
    }
  }

  // N06: so a source has one entry in whatever list
  void mappedAddressesAreV4() {
    sockaddr_in6 source{};
    source.sin6_family = AF_INET6;
    source.sin6_port = htons(5060);
    const auto mappedSource = in6_addr{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}}};
    source.sin6_addr = mappedSource;
    CPPUNIT_ASSERT(Endpoint::fromSockaddr(reinterpret_cast<const sockaddr*>(&source)) == Endpoint::parse("192.0.2.1:5060"));
    const auto mapped = IpAddress::parse("::ffff:192.0.2.1");
    CPPUNIT_ASSERT(mapped && !mapped->isV6());
    CPPUNIT_ASSERT(*mapped == IpAddress::parse("192.0.2.1"));
    CPPUNIT_ASSERT_EQUAL(size_t{4}, mapped->octets().size());
  }

  void zonesBelongToLinkLocalAddresses() {
    const uint32_t loopback = if_nametoindex("lo");
    CPPUNIT_ASSERT_EQUAL(7u, IpAddress::parse("fe80::1%7").value().scopeId());
    CPPUNIT_ASSERT_EQUAL(7u, IpAddress::parse("[ff02::1%7]").value().scopeId());
    CPPUNIT_ASSERT(loopback == 0 || IpAddress::parse("fe80::1%lo").value().scopeId() == loopback);
    CPPUNIT_ASSERT(!IpAddress::parse("2001:db8::1%7"));
    CPPUNIT_ASSERT(IpAddress::parse("fe80::1%7") != IpAddress::parse("fe80::1%8"));
    CPPUNIT_ASSERT_EQUAL(std::string("fe80::1"), canonical("fe80::1%7"));
  }

  void knowsTheScopes() {
    for (const char* text : {"127.0.0.1", "127.255.255.255", "::1"}) CPPUNIT_ASSERT_MESSAGE(text, scopeOf(text) == Scope::loopback);
    for (const char* text : {"169.254.0.1", "fe80::1", "febf::1"}) CPPUNIT_ASSERT_MESSAGE(text, scopeOf(text) == Scope::linkLocal);
    for (const char* text : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.0.1", "fc00::1", "fdff::1"})
      CPPUNIT_ASSERT_MESSAGE(text, scopeOf(text) == Scope::privateUse);
    for (const char* text :
         {"8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "126.0.0.1", "128.0.0.1", "2001:db8::1", "::2"})
      CPPUNIT_ASSERT_MESSAGE(text, scopeOf(text) == Scope::global);
    for (const char* text : {"224.0.1.75", "239.255.255.255", "255.255.255.255", "ff02::1"})
      CPPUNIT_ASSERT_MESSAGE(text, scopeOf(text) == Scope::multicast);
    for (const char* text : {"0.0.0.0", "0.1.2.3", "::"}) CPPUNIT_ASSERT_MESSAGE(text, scopeOf(text) == Scope::unspecified);
    CPPUNIT_ASSERT(IpAddress().scope() == Scope::unspecified);
  }

  void wildcardsAreTheTwoAllZeroAddresses() {
    CPPUNIT_ASSERT(IpAddress::parse("0.0.0.0").value().isWildcard());
    CPPUNIT_ASSERT(IpAddress::parse("::").value().isWildcard());
    CPPUNIT_ASSERT(!IpAddress::parse("0.0.0.1").value().isWildcard());
    CPPUNIT_ASSERT(!IpAddress::parse("::1").value().isWildcard());
    CPPUNIT_ASSERT(!IpAddress().isWildcard());
  }

  void writesWithBracketsWhenAsked() {
    char out[48];
    const auto v6 = IpAddress::parse("2001:db8::1").value(), v4 = IpAddress::parse("192.0.2.1").value();
    CPPUNIT_ASSERT_EQUAL(std::string("[2001:db8::1]"), std::string(out, v6.write(out, true)));
    CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::1"), std::string(out, v6.write(out, false)));
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), std::string(out, v4.write(out, true)));
    CPPUNIT_ASSERT(IpAddress().write(out, true) == out);
  }

  void readsAndWritesEndpoints() {
    for (const char* text : {"192.0.2.1:5060", "[2001:db8::1]:5061", "127.0.0.1:0", "[::]:65535"})
      CPPUNIT_ASSERT_EQUAL(std::string(text), Endpoint::parse(text).value().toString());
  }

  void refusesWhatIsNoEndpoint() {
    for (const char* text : {"", ":", "192.0.2.1", "192.0.2.1:", ":5060", "192.0.2.1:65536", "192.0.2.1:005060", "192.0.2.1:+1",
                             "192.0.2.1:5060 ", "2001:db8::1", "2001:db8::1:5060", "[2001:db8::1]", "[2001:db8::1]5060", "host:5060"})
      CPPUNIT_ASSERT_MESSAGE(text, !Endpoint::parse(text));
  }

  void survivesTheWayThroughSockaddr() {
    for (const char* text : {"192.0.2.1:5060", "[2001:db8::1]:5061", "[fe80::1%3]:5060"}) {
      const Endpoint endpoint = Endpoint::parse(text).value();
      sockaddr_storage raw{};
      const socklen_t length = endpoint.toSockaddr(raw);
      CPPUNIT_ASSERT_EQUAL(endpoint.address.isV6() ? socklen_t{sizeof(sockaddr_in6)} : socklen_t{sizeof(sockaddr_in)}, length);
      CPPUNIT_ASSERT(endpoint == Endpoint::fromSockaddr(reinterpret_cast<const sockaddr*>(&raw)));
    }
    sockaddr_storage other{};
    other.ss_family = AF_UNIX;
    CPPUNIT_ASSERT(!Endpoint::fromSockaddr(reinterpret_cast<const sockaddr*>(&other)).address.valid());
  }

  void ordersByAddressThenPort() {
    const auto of = [](const char* text) { return Endpoint::parse(text).value(); };
    CPPUNIT_ASSERT(of("192.0.2.1:5060") < of("192.0.2.1:5061"));
    CPPUNIT_ASSERT(of("192.0.2.1:5061") < of("192.0.2.2:5060"));
    CPPUNIT_ASSERT(of("192.0.2.1:5060") != of("192.0.2.1:5061"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EndpointTest);
