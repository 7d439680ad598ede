#include <cppunit/extensions/HelperMacros.h>

#include "Bans.h"
#include "Sources.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Guard::Bans;
using Guard::Reason;
using Guard::Sources;

namespace {

Runtime::IpAddress ip(const std::string& text) {
  return *Runtime::IpAddress::parse(text);
}

Runtime::IpAddress spoofed(uint32_t number) {
  in_addr address;
  address.s_addr = htonl(0x0b000000u + number);
  return Runtime::IpAddress::fromV4(address);
}

}  // namespace

class BansTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BansTest);
  CPPUNIT_TEST(endsWithItsTime);
  CPPUNIT_TEST(keepsTheLongerBan);
  CPPUNIT_TEST(endsByHand);
  CPPUNIT_TEST(bansNetworksOfIPv6);
  CPPUNIT_TEST(staysWithinItsSizeUnderAMillionSources);
  CPPUNIT_TEST(remembersWhoIsGoodUnderAMillionSources);
  CPPUNIT_TEST(countsWithinAWindow);
  CPPUNIT_TEST(countsPrefixes);
  CPPUNIT_TEST_SUITE_END();

  Bans bans{1024, {1, 2}};
  Sources sources{4096, {3, 4}};
  const Runtime::Instant now{1000h};

 public:
  void endsWithItsTime() {
    CPPUNIT_ASSERT(!bans.has(ip("192.0.2.1"), now));
    CPPUNIT_ASSERT(bans.add({ip("192.0.2.1"), Reason::scan, now + 30s}, now));
    CPPUNIT_ASSERT(bans.has(ip("192.0.2.1"), now + 29s) && !bans.has(ip("192.0.2.1"), now + 30s));
    CPPUNIT_ASSERT(!bans.has(ip("192.0.2.2"), now));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, bans.count(now));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, bans.count(now + 30s));
  }
  void keepsTheLongerBan() {
    bans.add({ip("192.0.2.1"), Reason::administrator, now + 1h}, now);
    CPPUNIT_ASSERT(!bans.add({ip("192.0.2.1"), Reason::scan, now + 30s}, now));
    CPPUNIT_ASSERT(bans.has(ip("192.0.2.1"), now + 59min));
    CPPUNIT_ASSERT(bans.all(now).front().reason == Reason::administrator);
  }
  void endsByHand() {
    bans.add({ip("192.0.2.1"), Reason::scan, now + 1h}, now);
    CPPUNIT_ASSERT(bans.remove(ip("192.0.2.1")));
    CPPUNIT_ASSERT(!bans.remove(ip("192.0.2.1")) && !bans.has(ip("192.0.2.1"), now));
  }
  // N07
  void bansNetworksOfIPv6() {
    bans.add({Guard::sourceOf(ip("2001:db8::1")), Reason::scan, now + 1h}, now);
    CPPUNIT_ASSERT(bans.has(Guard::sourceOf(ip("2001:db8::ffff")), now));
    CPPUNIT_ASSERT(!bans.has(Guard::sourceOf(ip("2001:db8:0:1::1")), now));
  }
  // G34
  void staysWithinItsSizeUnderAMillionSources() {
    bans.add({ip("192.0.2.1"), Reason::administrator, now + 1h}, now);
    for (uint32_t i = 0; i < 1000000; ++i) bans.add({spoofed(i), Reason::flood, now + 30s}, now);
    CPPUNIT_ASSERT_EQUAL(bans.most(), bans.all(now).size());
    CPPUNIT_ASSERT(bans.has(ip("192.0.2.1"), now));  // what ends last makes room last
    CPPUNIT_ASSERT_EQUAL(size_t{1}, bans.count(now + 31s));
  }
  // G34
  void remembersWhoIsGoodUnderAMillionSources() {
    sources.prove(ip("192.0.2.1"), 1000, 4600);
    for (uint32_t i = 0; i < 1000000; ++i) sources.request(spoofed(i), 1001 + i / 10000, 60);
    CPPUNIT_ASSERT(sources.request(ip("192.0.2.1"), 1200, 60).isGood(1200));
    CPPUNIT_ASSERT(!sources.request(ip("192.0.2.1"), 4600, 60).isGood(4600));
  }
  // R12
  void countsWithinAWindow() {
    for (uint32_t i = 1; i <= 100; ++i) CPPUNIT_ASSERT_EQUAL(i, sources.request(ip("192.0.2.1"), 1000 + i / 2, 60).requests);
    CPPUNIT_ASSERT_EQUAL(1u, sources.request(ip("192.0.2.1"), 1060, 60).requests);
    CPPUNIT_ASSERT_EQUAL(3u, sources.suspect(ip("192.0.2.1"), 3, 1000, 300).points);
    CPPUNIT_ASSERT_EQUAL(6u, sources.suspect(ip("192.0.2.1"), 3, 1299, 300).points);
    CPPUNIT_ASSERT_EQUAL(1u, sources.suspect(ip("192.0.2.1"), 1, 1300, 300).points);
    sources.prove(ip("192.0.2.1"), 1300, 1400);
    CPPUNIT_ASSERT_EQUAL(1u, sources.suspect(ip("192.0.2.1"), 1, 1301, 300).points);
  }
  void countsPrefixes() {
    for (int i = 1; i <= 9; ++i) sources.prefix(ip("192.0.2." + std::to_string(i)), 1000, 60);
    CPPUNIT_ASSERT_EQUAL(10u, sources.prefix(ip("192.0.2.77"), 1000, 60).requests);
    CPPUNIT_ASSERT_EQUAL(1u, sources.prefix(ip("192.0.3.1"), 1000, 60).requests);
    CPPUNIT_ASSERT_EQUAL(1u, sources.request(ip("192.0.2.0"), 1000, 60).requests);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BansTest);
