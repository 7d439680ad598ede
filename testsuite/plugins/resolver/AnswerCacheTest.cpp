#include <cppunit/extensions/HelperMacros.h>

#include "AnswerCache.h"

using namespace Patchbay;
using namespace Patchbay::Resolver;
using namespace std::chrono_literals;

class AnswerCacheTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AnswerCacheTest);
  CPPUNIT_TEST(keepsAnAnswerForItsTime);
  CPPUNIT_TEST(keepsTheTimeWithinBounds);
  CPPUNIT_TEST(believesThatThereIsNone);
  CPPUNIT_TEST(believesTheZoneHowLongThereIsNone);
  CPPUNIT_TEST(revivesWhatHasExpired);
  CPPUNIT_TEST(whatIsNotThereDoesNotComeBack);
  CPPUNIT_TEST(forgetsFailures);
  CPPUNIT_TEST(replacesAnAnswer);
  CPPUNIT_TEST(dropsTheLongestUnused);
  CPPUNIT_TEST_SUITE_END();

  AnswerCache::Bounds bounds{5s, 86400s, 30s, 100s, 3};
  AnswerCache cache{bounds, {1, 2}};
  Runtime::Instant start{std::chrono::hours(1)};

  static NameServer::Answer found(const char* address, std::chrono::seconds ttl) {
    return {Outcome::found, {{.address = *Runtime::IpAddress::parse(address)}}, ttl};
  }

 public:
  void keepsAnAnswerForItsTime() {
    cache.put("a4", found("192.0.2.1", 60s), start);
    CPPUNIT_ASSERT(cache.find("a4", start + 59s));
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), cache.find("a4", start)->records.at(0).address.toString());
    CPPUNIT_ASSERT(!cache.find("a6", start));
    CPPUNIT_ASSERT(!cache.find("a4", start + 60s));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, cache.size());  // may yet be used, stale
    CPPUNIT_ASSERT(!cache.find("a4", start + 160s));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, cache.size());
  }
  // I07
  void keepsTheTimeWithinBounds() {
    cache.put("a4", found("192.0.2.1", 0s), start);
    cache.put("b4", found("192.0.2.1", std::chrono::seconds(0x7fffffff)), start);
    CPPUNIT_ASSERT(cache.find("a4", start + 4s));
    CPPUNIT_ASSERT(!cache.find("a4", start + 5s));
    CPPUNIT_ASSERT(cache.find("b4", start + 86399s));
    CPPUNIT_ASSERT(!cache.find("b4", start + 86400s));
  }
  // I07
  void believesThatThereIsNone() {
    cache.put("a4", {.outcome = Outcome::notFound}, start);
    CPPUNIT_ASSERT(cache.find("a4", start + 29s)->outcome == Outcome::notFound);
    CPPUNIT_ASSERT(!cache.find("a4", start + 30s));
  }
  // I07
  void believesTheZoneHowLongThereIsNone() {
    cache.put("a4", {.outcome = Outcome::notFound, .ttl = 10s}, start);
    cache.put("b4", {.outcome = Outcome::notFound, .ttl = 3600s}, start);
    CPPUNIT_ASSERT(cache.find("a4", start + 9s));
    CPPUNIT_ASSERT(!cache.find("a4", start + 10s));
    CPPUNIT_ASSERT(cache.find("b4", start + 29s));
    CPPUNIT_ASSERT(!cache.find("b4", start + 30s));
  }
  // I07
  void revivesWhatHasExpired() {
    cache.put("a4", found("192.0.2.1", 60s), start);
    CPPUNIT_ASSERT(cache.revive("a4", start + 70s));
    CPPUNIT_ASSERT(cache.find("a4", start + 99s));  // counts as good for a while
    CPPUNIT_ASSERT(!cache.find("a4", start + 100s));
    CPPUNIT_ASSERT(cache.revive("a4", start + 159s));
    CPPUNIT_ASSERT(!cache.find("a4", start + 160s));
    CPPUNIT_ASSERT(!cache.revive("a4", start + 160s));
    CPPUNIT_ASSERT(!cache.revive("b4", start));
  }
  void whatIsNotThereDoesNotComeBack() {
    cache.put("a4", {.outcome = Outcome::notFound}, start);
    CPPUNIT_ASSERT(!cache.revive("a4", start + 30s));
  }
  void forgetsFailures() {
    cache.put("a4", {Outcome::failed, {}, 60s}, start);
    CPPUNIT_ASSERT(!cache.find("a4", start));
  }
  void replacesAnAnswer() {
    cache.put("a4", found("192.0.2.1", 60s), start);
    cache.put("a4", found("192.0.2.2", 60s), start);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, cache.size());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.2"), cache.find("a4", start)->records.at(0).address.toString());
  }
  void dropsTheLongestUnused() {
    for (const char* key : {"a4", "b4", "c4"}) cache.put(key, found("192.0.2.1", 60s), start);
    cache.find("a4", start);
    cache.put("d4", found("192.0.2.1", 60s), start);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, cache.size());
    CPPUNIT_ASSERT(!cache.find("b4", start));
    CPPUNIT_ASSERT(cache.find("a4", start));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AnswerCacheTest);
