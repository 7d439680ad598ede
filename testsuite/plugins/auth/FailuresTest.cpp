#include <cppunit/extensions/HelperMacros.h>

#include "Failures.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Auth::Failures;

class FailuresTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FailuresTest);
  CPPUNIT_TEST(refusesAnAddressForAnAccount);
  CPPUNIT_TEST(locksNobodyOutElsewhere);
  CPPUNIT_TEST(refusesAnAddressForAllButItsUsers);
  CPPUNIT_TEST(answersLaterAndLater);
  CPPUNIT_TEST(forgetsWhenTheWindowIsOver);
  CPPUNIT_TEST(takesOtherLimitsWhileItRuns);
  CPPUNIT_TEST(countsNetworksOfIPv6);
  CPPUNIT_TEST(countsInBoundedMemory);
  CPPUNIT_TEST_SUITE_END();

  Failures failures{{}, {5, 6}};
  const Runtime::Instant now{1000h};
  static Runtime::IpAddress ip(const std::string& text) { return *Runtime::IpAddress::parse(text); }
  static Failures::Who joe(const std::string& from) { return {ip(from), "joe", "example.org"}; }

 public:
  // G32
  void refusesAnAddressForAnAccount() {
    for (int i = 0; i < 10; ++i) {
      CPPUNIT_ASSERT(!failures.refuses(joe("192.0.2.66"), now));
      failures.add(joe("192.0.2.66"), now);
    }
    CPPUNIT_ASSERT(failures.refuses(joe("192.0.2.66"), now + 299s));
  }
  // G32
  void locksNobodyOutElsewhere() {
    for (int i = 0; i < 1000; ++i) failures.add(joe("192.0.2." + std::to_string(i % 200)), now);
    CPPUNIT_ASSERT(!failures.refuses(joe("192.0.2.201"), now));
  }
  void refusesAnAddressForAllButItsUsers() {
    failures.succeeded(joe("192.0.2.66"));
    for (int i = 0; i < 30; ++i) {
      const std::string user = "user" + std::to_string(i);
      failures.add({ip("192.0.2.66"), user, "example.org"}, now);
    }
    CPPUNIT_ASSERT(failures.refuses({ip("192.0.2.66"), "ann", "example.org"}, now));
    CPPUNIT_ASSERT(!failures.refuses(joe("192.0.2.66"), now));
    CPPUNIT_ASSERT(!failures.refuses({ip("192.0.2.67"), "ann", "example.org"}, now));
  }
  // G32
  void answersLaterAndLater() {
    const Runtime::Duration expected[] = {50ms, 50ms, 50ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 2s, 2s};
    for (const auto hold : expected) CPPUNIT_ASSERT_EQUAL(hold.count(), failures.add(joe("192.0.2.66"), now).count());
    CPPUNIT_ASSERT_EQUAL(Runtime::Duration(100ms).count(), failures.add(joe("192.0.2.1"), now).count());  // the account's eleventh
  }
  void forgetsWhenTheWindowIsOver() {
    for (int i = 0; i < 10; ++i) failures.add(joe("192.0.2.66"), now);
    CPPUNIT_ASSERT(!failures.refuses(joe("192.0.2.66"), now + 301s));
    failures.add(joe("192.0.2.66"), now + 302s);
    CPPUNIT_ASSERT(!failures.refuses(joe("192.0.2.66"), now + 303s));
  }
  void takesOtherLimitsWhileItRuns() {
    for (int i = 0; i < 4; ++i) failures.add(joe("192.0.2.66"), now);
    CPPUNIT_ASSERT(!failures.refuses(joe("192.0.2.66"), now));
    failures.use({.window = 60s, .most = 4, .hold = 10ms});
    CPPUNIT_ASSERT(failures.refuses(joe("192.0.2.66"), now + 59s));
    CPPUNIT_ASSERT(!failures.refuses(joe("192.0.2.66"), now + 62s));
    CPPUNIT_ASSERT_EQUAL(Runtime::Duration(10ms).count(), failures.add(joe("192.0.2.1"), now + 62s).count());
  }
  // N07
  void countsNetworksOfIPv6() {
    for (int i = 0; i < 10; ++i) failures.add(joe("2001:db8::" + std::to_string(i)), now);
    CPPUNIT_ASSERT(failures.refuses(joe("2001:db8::ffff"), now));
    CPPUNIT_ASSERT(!failures.refuses(joe("2001:db8:0:1::1"), now));
  }
  /// A flood of others' failures does not wash one's own count away.
  void countsInBoundedMemory() {
    for (int i = 0; i < 10; ++i) failures.add(joe("192.0.2.66"), now);
    for (int i = 0; i < 200000; ++i) {
      const std::string user = std::to_string(i);
      failures.add({ip("10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255)), user, "r"},
                   now);
    }
    CPPUNIT_ASSERT(failures.refuses(joe("192.0.2.66"), now));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FailuresTest);
