#include <cppunit/extensions/HelperMacros.h>

#include "Allocations.h"
#include "Bench.h"

/// Design section 9: no allocation while rules run.
class AllocationTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AllocationTest);
  CPPUNIT_TEST(runsWithoutAllocation);
  CPPUNIT_TEST(suspendsWithoutAllocation);
  CPPUNIT_TEST_SUITE_END();

  Bench::Desk desk;

  /// Of the second of two runs: the first one fills what is kept.
  size_t allocationsOfARun(const std::string& steps) {
    const std::string problems = desk.load("<routing><pipeline name='p' on='reply'>" + steps + "</pipeline></routing>");
    CPPUNIT_ASSERT_EQUAL(std::string(), problems);
    desk.run("reply");
    desk.machine.cancel();
    const size_t before = allocations();
    desk.machine.start(desk.engine, *desk.program, 0, desk.letter, desk);
    return allocations() - before;
  }

  void runsWithoutAllocation() {
    desk.letter.texts = {{"method", "INVITE"}, {"uri.host", "home"}, {"src.ip", "10.1.2.3"}};
    const size_t found = allocationsOfARun(
        "<rule name='a' if=\"method == 'INVITE' and uri.host in domains and src.ip in 10.0.0.0/8 and method =~ '(?i)^inv'\">"
        "<quiet text='${method} from ${src.ip} ${msg.size}'/><route name='b'/></rule><first><rule "
        "if='quiet(uri.host)'/><rule/></first></pipeline>"
        "<pipeline name='b'><quiet/><return value='false'/>");
    CPPUNIT_ASSERT_EQUAL(size_t{0}, found);
    CPPUNIT_ASSERT(allocations() > 0);
  }

  void suspendsWithoutAllocation() { CPPUNIT_ASSERT_EQUAL(size_t{0}, allocationsOfARun("<quiet/><still/>")); }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AllocationTest);
