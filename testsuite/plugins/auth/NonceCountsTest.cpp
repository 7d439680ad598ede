#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>
#include <vector>

#include "NonceCounts.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Auth::NonceCounts;
using Use = Auth::NonceCounts::Use;

class NonceCountsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NonceCountsTest);
  CPPUNIT_TEST(takesEachCountOnce);
  CPPUNIT_TEST(takesTheSameRequestAgain);
  CPPUNIT_TEST(takesOvertakenOnesWithinTheWindow);
  CPPUNIT_TEST(takesAnyStepForwards);
  CPPUNIT_TEST(forgetsNothingThatCouldBeReplayed);
  CPPUNIT_TEST(takesNewNoncesWhenOldOnesAreOver);
  CPPUNIT_TEST(holdsAMillionInSixteenMegabytes);
  CPPUNIT_TEST(takesACountOnceForAllThreads);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Runtime::TableHash::Key Key{3, 4};
  static constexpr uint32_t Now = 1767225600;

 public:
  // F06, F07
  void takesEachCountOnce() {
    NonceCounts counts(64, 300s, Key);
    CPPUNIT_ASSERT(counts.use({1, Now, 1, 10}, Now) == Use::fresh);
    CPPUNIT_ASSERT(counts.use({1, Now, 1, 11}, Now) == Use::replayed);
    CPPUNIT_ASSERT(counts.use({1, Now, 2, 12}, Now) == Use::fresh);
    CPPUNIT_ASSERT(counts.use({1, Now, 1, 10}, Now) == Use::replayed);
    CPPUNIT_ASSERT(counts.use({2, Now, 1, 13}, Now) == Use::fresh);
  }
  void takesTheSameRequestAgain() {
    NonceCounts counts(64, 300s, Key);
    CPPUNIT_ASSERT(counts.use({1, Now, 1, 10}, Now) == Use::fresh);
    CPPUNIT_ASSERT(counts.use({1, Now, 1, 10}, Now) == Use::repeated);
  }
  // F07
  void takesOvertakenOnesWithinTheWindow() {
    NonceCounts counts(64, 300s, Key);
    CPPUNIT_ASSERT(counts.use({1, Now, 20, 1}, Now) == Use::fresh);
    for (uint32_t count = 5; count < 20; ++count) CPPUNIT_ASSERT(counts.use({1, Now, count, 2}, Now) == Use::fresh);
    for (uint32_t count = 5; count < 20; ++count) CPPUNIT_ASSERT(counts.use({1, Now, count, 2}, Now) == Use::replayed);
    CPPUNIT_ASSERT(counts.use({1, Now, 4, 2}, Now) == Use::replayed);
    CPPUNIT_ASSERT(counts.use({1, Now, 21, 3}, Now) == Use::fresh);
    CPPUNIT_ASSERT(counts.use({1, Now, 6, 2}, Now) == Use::replayed);
  }
  // F07
  void takesAnyStepForwards() {
    NonceCounts counts(64, 300s, Key);
    for (const uint32_t count : {1u, 1000001u, 0xffffffffu}) CPPUNIT_ASSERT(counts.use({1, Now, count, 1}, Now) == Use::fresh);
    CPPUNIT_ASSERT(counts.use({1, Now, 0xffffffffu, 2}, Now) == Use::replayed);
    CPPUNIT_ASSERT(counts.use({1, Now, 0xfffffff0u, 2}, Now) == Use::fresh);
    CPPUNIT_ASSERT(counts.use({1, Now, 0xffffffefu, 2}, Now) == Use::replayed);
  }
  /// More nonces than there is room for: what was used once is never fresh again.
  void forgetsNothingThatCouldBeReplayed() {
    NonceCounts counts(64, 300s, Key);
    std::vector<NonceCounts::Mark> used;
    for (uint32_t i = 0; i < 1000; ++i) {
      const NonceCounts::Mark mark{i + 1, Now + i / 10, 1, i};
      if (counts.use(mark, Now + i / 10) == Use::fresh) used.push_back(mark);
    }
    CPPUNIT_ASSERT(used.size() >= 64);
    for (auto mark : used) {
      mark.request += 5000;
      CPPUNIT_ASSERT(counts.use(mark, Now + 100) == Use::replayed);
    }
  }
  void takesNewNoncesWhenOldOnesAreOver() {
    NonceCounts counts(64, 300s, Key);
    for (uint64_t nonce = 0; nonce < 64; ++nonce) counts.use({nonce, Now, 1, 1}, Now);
    size_t fresh = 0;
    for (uint64_t nonce = 100; nonce < 140; ++nonce) fresh += counts.use({nonce, Now + 301, 1, 1}, Now + 301) == Use::fresh ? 1 : 0;
    CPPUNIT_ASSERT_EQUAL(size_t{40}, fresh);
  }
  // F18: challenges take nothing here; R19
  void holdsAMillionInSixteenMegabytes() { CPPUNIT_ASSERT(NonceCounts(1 << 20, 300s, Key).octets() <= 16u << 20); }
  void takesACountOnceForAllThreads() {
    NonceCounts counts(1024, 300s, Key);
    std::atomic<int> fresh{0};
    std::vector<std::thread> threads;
    for (uint32_t thread = 0; thread < 4; ++thread)
      threads.emplace_back([&, thread] {
        for (uint64_t nonce = 0; nonce < 500; ++nonce) fresh += counts.use({nonce, Now, 1, thread + 1}, Now) == Use::fresh ? 1 : 0;
      });
    for (auto& thread : threads) thread.join();
    CPPUNIT_ASSERT_EQUAL(500, fresh.load());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NonceCountsTest);
