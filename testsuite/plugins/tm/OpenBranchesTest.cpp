#include <cppunit/extensions/HelperMacros.h>

#include <vector>

#include "OpenBranches.h"

using namespace Patchbay;
using namespace Patchbay::Tm;

namespace {

Runtime::Endpoint target(int number) {
  return *Runtime::Endpoint::parse("192.0.2." + std::to_string(number % 250) + ":" + std::to_string(1000 + number));
}

}  // namespace

/// Case H05: a target that answers nothing holds so many branches and no more; others do not notice.
class OpenBranchesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OpenBranchesTest);
  CPPUNIT_TEST(admitsAsManyAsAllowedToOneTarget);
  CPPUNIT_TEST(onePlaceIsFreeAgainWhenOneLeaves);
  CPPUNIT_TEST(aFullTargetLeavesOthersAlone);
  CPPUNIT_TEST(theSameAddressWithAnotherPortIsAnotherTarget);
  CPPUNIT_TEST_SUITE_END();

 public:
  OpenBranches open{{1, 2}, 10};

  void admitsAsManyAsAllowedToOneTarget() {
    for (int i = 0; i < 10; ++i) {
      CPPUNIT_ASSERT(!open.isFull(target(1)));
      CPPUNIT_ASSERT(open.enter(target(1)) != 0);
    }
    CPPUNIT_ASSERT(open.isFull(target(1)));
    for (int i = 0; i < 1000; ++i) CPPUNIT_ASSERT_EQUAL(uint32_t{0}, open.enter(target(1)));
  }

  void onePlaceIsFreeAgainWhenOneLeaves() {
    std::vector<uint32_t> places;
    for (int i = 0; i < 10; ++i) places.push_back(open.enter(target(1)));
    CPPUNIT_ASSERT_EQUAL(uint32_t{0}, open.enter(target(1)));
    open.leave(places.back());
    CPPUNIT_ASSERT(open.enter(target(1)) != 0);
    CPPUNIT_ASSERT_EQUAL(uint32_t{0}, open.enter(target(1)));
    for (const auto place : places) open.leave(place);
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(open.enter(target(1)) != 0);
  }

  void aFullTargetLeavesOthersAlone() {
    for (int full = 0; full < 20; ++full)
      for (int i = 0; i < 10; ++i) open.enter(target(full));
    for (int other = 20; other < 10000; ++other) CPPUNIT_ASSERT(!open.isFull(target(other)));
  }

  void theSameAddressWithAnotherPortIsAnotherTarget() {
    for (int i = 0; i < 10; ++i) open.enter({target(1).address, 5060});
    CPPUNIT_ASSERT(open.isFull({target(1).address, 5060}));
    CPPUNIT_ASSERT(!open.isFull({target(1).address, 5061}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OpenBranchesTest);
