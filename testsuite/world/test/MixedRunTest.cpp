#include <cppunit/extensions/HelperMacros.h>

#include "Traffic.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// Calls and messages of every kind on top of each other.
class MixedRunTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MixedRunTest);
  CPPUNIT_TEST(everyKindEndsAsItShould);
  CPPUNIT_TEST(theSameSeedGivesTheSameTrace);
  CPPUNIT_TEST(nothingIsLeftAndRequestsAreUsedAgain);
  CPPUNIT_TEST_SUITE_END();

  static std::string traceOf(uint64_t seed) {
    World world(Traffic::settings(seed));
    world.start();
    Traffic traffic(world);
    for (int i = 0; i < 10; ++i) {
      traffic.round("r" + std::to_string(i) + "-");
      traffic.runUntil(world.time() + 300ms);
    }
    traffic.runUntil(100s);
    return traffic.trace();
  }

  /// So that the other two tests run over what they say they do.
  void everyKindEndsAsItShould() {
    World world(Traffic::settings());
    world.start();
    Traffic traffic(world);
    traffic.round("r");
    traffic.runUntil(100s);
    const std::vector<std::pair<int, size_t>> expected{{200, 1 + 2}, {486, 1 + 2}, {487, 2}, {408, 1}, {480, 2}, {503, 2}, {404, 1}};
    for (const auto& [status, count] : expected) CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(status), count, traffic.replies(status));
  }

  /// Z11.
  void theSameSeedGivesTheSameTrace() {
    const auto trace = traceOf(7);
    CPPUNIT_ASSERT(trace.size() > 10000);
    CPPUNIT_ASSERT(trace == traceOf(7));
    CPPUNIT_ASSERT(trace != traceOf(8));
  }

  /// C35.
  void nothingIsLeftAndRequestsAreUsedAgain() {
    World world(Traffic::settings());
    world.start();
    Traffic traffic(world);
    double made = 0;
    for (int i = 0; i < 5; ++i) {
      for (int k = 0; k < 20; ++k) traffic.round("r" + std::to_string(i) + "-" + std::to_string(k) + "-");
      CPPUNIT_ASSERT(world.metric("tm_transactions") > 200);
      traffic.runUntil(world.time() + 100s);
      CPPUNIT_ASSERT_EQUAL(0.0, world.metric("tm_transactions"));
      CPPUNIT_ASSERT_EQUAL(0.0, world.metric("pipeline_suspended"));
      if (i == 0) made = world.metric("core_requests_pooled");
      CPPUNIT_ASSERT_EQUAL(made, world.metric("core_requests_pooled"));
    }
    CPPUNIT_ASSERT(made <= 20 * 14 + 1);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MixedRunTest);

}  // namespace Patchbay::Testsuite
