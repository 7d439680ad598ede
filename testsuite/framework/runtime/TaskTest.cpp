#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <memory>
#include <vector>

#include "patchbay/runtime/Task.h"

using namespace Patchbay::Runtime;

class TaskTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TaskTest);
  CPPUNIT_TEST(emptyTaskIsFalse);
  CPPUNIT_TEST(callsSmallAndLargeCallables);
  CPPUNIT_TEST(movesAndLeavesTheSourceEmpty);
  CPPUNIT_TEST(destroysWhatItHoldsOnce);
  CPPUNIT_TEST(takesWhatCannotBeCopied);
  CPPUNIT_TEST_SUITE_END();

 public:
  void emptyTaskIsFalse() { CPPUNIT_ASSERT(!Task()); }

  void callsSmallAndLargeCallables() {
    int sum = 0;
    Task small([&sum] { sum += 1; });
    std::array<int, 100> numbers;
    numbers.fill(2);
    Task large([&sum, numbers] { sum += numbers[99]; });
    small();
    large();
    CPPUNIT_ASSERT_EQUAL(3, sum);
  }

  void movesAndLeavesTheSourceEmpty() {
    int calls = 0;
    std::vector<Task> tasks;
    for (int i = 0; i < 50; ++i) tasks.emplace_back([&calls] { ++calls; });
    Task last = std::move(tasks.back());
    CPPUNIT_ASSERT(!tasks.back());
    tasks.pop_back();
    for (Task& task : tasks) task();
    last();
    CPPUNIT_ASSERT_EQUAL(50, calls);
  }

  void destroysWhatItHoldsOnce() {
    const auto small = std::make_shared<int>(), large = std::make_shared<int>();
    const std::array<char, 100> weight{};
    {
      Task first([small] {}), second([large, weight] {});
      Task moved = std::move(first);
      second = std::move(moved);
      CPPUNIT_ASSERT_EQUAL(2L, small.use_count());
      CPPUNIT_ASSERT_EQUAL(1L, large.use_count());
    }
    CPPUNIT_ASSERT_EQUAL(1L, small.use_count());
  }

  void takesWhatCannotBeCopied() {
    int seen = 0;
    Task task([number = std::make_unique<int>(5), &seen] { seen = *number; });
    task();
    CPPUNIT_ASSERT_EQUAL(5, seen);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TaskTest);
