#include <cppunit/extensions/HelperMacros.h>

#include "patchbay/pipeline/Value.h"

using namespace Patchbay::Pipeline;

class ValueTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ValueTest);
  CPPUNIT_TEST(readsDurations);
  CPPUNIT_TEST(readsSizes);
  CPPUNIT_TEST(readsIntegers);
  CPPUNIT_TEST(readsBooleans);
  CPPUNIT_TEST(knowsTruth);
  CPPUNIT_TEST_SUITE_END();

  static int64_t duration(const char* text) {
    const auto found = parseDuration(text);
    return found ? found->count() : -1;
  }

  void readsDurations() {
    CPPUNIT_ASSERT_EQUAL(int64_t{500000000}, duration("500ms"));
    CPPUNIT_ASSERT_EQUAL(int64_t{2000000000}, duration("2s"));
    CPPUNIT_ASSERT_EQUAL(int64_t{180000000000}, duration("3min"));
    CPPUNIT_ASSERT_EQUAL(int64_t{7} * 86400 * 1000000000, duration("7d"));
    for (const char* wrong : {"", "5", "s", "5 s", "5S", "-1s", "1.5s", "5m", "99999999999d", "1s2"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong, int64_t{-1}, duration(wrong));
  }

  void readsSizes() {
    CPPUNIT_ASSERT_EQUAL(int64_t{16384}, parseBytes("16KiB").value_or(-1));
    CPPUNIT_ASSERT_EQUAL(int64_t{512}, parseBytes("512B").value_or(-1));
    CPPUNIT_ASSERT_EQUAL(int64_t{1} << 20, parseBytes("1MiB").value_or(-1));
    for (const char* wrong : {"", "5", "KiB", "5KB", "5kib", "-1B", "9999999999GiB"}) CPPUNIT_ASSERT_MESSAGE(wrong, !parseBytes(wrong));
  }

  void readsIntegers() {
    CPPUNIT_ASSERT_EQUAL(int64_t{-17}, parseInteger("-17").value_or(0));
    for (const char* wrong : {"", " 1", "1 ", "0x1", "1e3", "99999999999999999999", "+1"})
      CPPUNIT_ASSERT_MESSAGE(wrong, !parseInteger(wrong));
  }

  void readsBooleans() {
    for (const char* yes : {"yes", "true", "on", "1"}) CPPUNIT_ASSERT_MESSAGE(yes, parseBoolean(yes) == true);
    for (const char* no : {"no", "false", "off", "0"}) CPPUNIT_ASSERT_MESSAGE(no, parseBoolean(no) == false);
    for (const char* wrong : {"", "Yes", "2"}) CPPUNIT_ASSERT_MESSAGE(wrong, !parseBoolean(wrong));
  }

  void knowsTruth() {
    CPPUNIT_ASSERT(!Value::absent().truth());
    CPPUNIT_ASSERT(!Value::of(std::string_view()).truth());
    CPPUNIT_ASSERT(!Value::of(int64_t{0}).truth());
    CPPUNIT_ASSERT(!Value::of(Patchbay::Runtime::IpAddress()).truth());
    CPPUNIT_ASSERT(Value::of(std::string_view("false")).truth());
    CPPUNIT_ASSERT(Value::of(int64_t{-1}).truth());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ValueTest);
