#include <cppunit/extensions/HelperMacros.h>

#include "CredentialCache.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using AuthDb::CredentialCache;

class CredentialCacheTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CredentialCacheTest);
  CPPUNIT_TEST(isFreshForItsTime);
  CPPUNIT_TEST(keepsWhatIsNotFreshForWorseTimes);
  CPPUNIT_TEST(replacesWhatItHas);
  CPPUNIT_TEST(forgetsWhatIsRemoved);
  CPPUNIT_TEST(letsNothingBeFreshWithoutTime);
  CPPUNIT_TEST(staysWithinItsSize);
  CPPUNIT_TEST_SUITE_END();

  const Runtime::Instant now{1000h};
  static Auth::HexDigest digest(char c) { return *Auth::hexDigestOf(Auth::Algorithm::md5, std::string(32, c)); }

 public:
  // F28
  void isFreshForItsTime() {
    CredentialCache cache(64, 60s, 3600s);
    cache.put({1, 2}, digest('a'), now + 900ms);
    CPPUNIT_ASSERT(cache.find({1, 2}, now + 59s)->fresh);
    CPPUNIT_ASSERT(cache.find({1, 2}, now + 59s)->ha1.text() == std::string(32, 'a'));
    CPPUNIT_ASSERT(!cache.find({1, 2}, now + 60s)->fresh);
    CPPUNIT_ASSERT(!cache.find({1, 3}, now));
    CPPUNIT_ASSERT(!cache.find({2, 2}, now));
  }
  void keepsWhatIsNotFreshForWorseTimes() {
    CredentialCache cache(64, 60s, 3600s);
    cache.put({1, 2}, digest('a'), now);
    CPPUNIT_ASSERT(cache.find({1, 2}, now + 3599s));
    CPPUNIT_ASSERT(!cache.find({1, 2}, now + 3600s));
  }
  void replacesWhatItHas() {
    CredentialCache cache(64, 60s, 3600s);
    cache.put({1, 2}, digest('a'), now);
    cache.put({1, 2}, digest('b'), now + 59s);
    CPPUNIT_ASSERT(cache.find({1, 2}, now + 100s)->ha1.text() == std::string(32, 'b'));
  }
  void forgetsWhatIsRemoved() {
    CredentialCache cache(64, 60s, 3600s);
    cache.put({1, 2}, digest('a'), now);
    cache.remove({1, 2});
    CPPUNIT_ASSERT(!cache.find({1, 2}, now));
  }
  void letsNothingBeFreshWithoutTime() {
    CredentialCache cache(64, 0s, 0s);
    cache.put({1, 2}, digest('a'), now);
    CPPUNIT_ASSERT(!cache.find({1, 2}, now));
  }
  void staysWithinItsSize() {
    CredentialCache cache(64, 60s, 3600s);
    for (uint64_t i = 0; i < 10000; ++i) cache.put({i, i}, digest('a'), now + std::chrono::seconds(i / 1000));
    size_t found = 0;
    for (uint64_t i = 0; i < 10000; ++i) found += cache.find({i, i}, now + 10s) ? 1 : 0;
    CPPUNIT_ASSERT_EQUAL(size_t{64}, found);
    CPPUNIT_ASSERT(cache.find({9999, 9999}, now + 10s));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CredentialCacheTest);
