#include "Grouping.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <map>
#include <vector>

#include "patchbay/runtime/Random.h"

using namespace Patchbay::Runtime;

namespace {

using Entries = std::vector<Outbox::Entry>;

Endpoint peer(const char* text) {
  return Endpoint::parse(text).value();
}

Outbox::Entry entry(uint32_t length, const Endpoint& target) {
  return {0, length, target};
}

std::vector<size_t> members(const Grouping& grouping, const Grouping::Group& group) {
  std::vector<size_t> result{group.first};
  while (result.size() < group.count) result.push_back(grouping.after(result.back()));
  CPPUNIT_ASSERT_EQUAL(size_t{group.last}, result.back());
  return result;
}

/// What must hold for any outbox.
void check(const Grouping& grouping, const Entries& entries) {
  std::map<Endpoint, std::vector<size_t>> order;
  for (const Grouping::Group& group : grouping.groups()) {
    uint32_t total = 0;
    const auto indexes = members(grouping, group);
    for (const size_t index : indexes) {
      CPPUNIT_ASSERT(entries[index].target == entries[group.first].target);
      const bool last = index == group.last;
      CPPUNIT_ASSERT(entries[index].length == group.size || (last && entries[index].length < group.size));
      CPPUNIT_ASSERT(group.count == 1 || entries[index].length > 0);
      total += entries[index].length;
      order[entries[index].target].push_back(index);
    }
    CPPUNIT_ASSERT_EQUAL(total, group.total);
    CPPUNIT_ASSERT(group.count == 1 || (total <= 65000 && group.size <= 1472));
  }
  size_t seen = 0;
  for (const auto& [target, indexes] : order) {
    seen += indexes.size();
    CPPUNIT_ASSERT(std::is_sorted(indexes.begin(), indexes.end()));
  }
  CPPUNIT_ASSERT_EQUAL(entries.size(), seen);
}

size_t groupsOf(const Entries& entries, bool segmented = true) {
  Grouping grouping;
  grouping.build(entries, segmented);
  check(grouping, entries);
  return grouping.groups().size();
}

}  // namespace

class GroupingTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(GroupingTest);
  CPPUNIT_TEST(gathersAPeersDatagramsFromBetweenOthers);
  CPPUNIT_TEST(aShorterOneEndsItsGroup);
  CPPUNIT_TEST(aLongerOneBeginsAGroup);
  CPPUNIT_TEST(keepsWithinThePathMtu);
  CPPUNIT_TEST(keepsWithinOneMessage);
  CPPUNIT_TEST(emptyDatagramsStandAlone);
  CPPUNIT_TEST(oneEachWithoutSegmentation);
  CPPUNIT_TEST(sixtyFourPeersAreSixtyFourGroups);
  CPPUNIT_TEST(holdsItsRulesForRandomOutboxes);
  CPPUNIT_TEST_SUITE_END();

  const Endpoint _a = peer("192.0.2.1:5060"), _b = peer("192.0.2.2:5060"), _six = peer("[2001:db8::1]:5060");

 public:
  void gathersAPeersDatagramsFromBetweenOthers() {
    Entries entries;
    for (int i = 0; i < 64; ++i) entries.push_back(entry(400, i % 2 ? _a : _b));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, groupsOf(entries));
  }
  void aShorterOneEndsItsGroup() {
    CPPUNIT_ASSERT_EQUAL(size_t{2}, groupsOf({entry(400, _a), entry(399, _a), entry(399, _a)}));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, groupsOf({entry(400, _a), entry(399, _a), entry(400, _a)}));
  }
  void aLongerOneBeginsAGroup() { CPPUNIT_ASSERT_EQUAL(size_t{2}, groupsOf({entry(400, _a), entry(401, _a), entry(401, _a)})); }
  void keepsWithinThePathMtu() {
    CPPUNIT_ASSERT_EQUAL(size_t{1}, groupsOf({entry(1472, _a), entry(1472, _a)}));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, groupsOf({entry(1473, _a), entry(1473, _a)}));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, groupsOf({entry(1452, _six), entry(1452, _six)}));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, groupsOf({entry(1453, _six), entry(1453, _six)}));
  }
  void keepsWithinOneMessage() { CPPUNIT_ASSERT_EQUAL(size_t{2}, groupsOf(Entries(64, entry(1400, _a)))); }
  void emptyDatagramsStandAlone() { CPPUNIT_ASSERT_EQUAL(size_t{4}, groupsOf({entry(0, _a), entry(0, _a), entry(5, _a), entry(0, _a)})); }
  void oneEachWithoutSegmentation() { CPPUNIT_ASSERT_EQUAL(size_t{64}, groupsOf(Entries(64, entry(400, _a)), false)); }
  void sixtyFourPeersAreSixtyFourGroups() {
    Entries entries;
    for (uint16_t port = 1; port <= 64; ++port) entries.push_back(entry(400, {_a.address, port}));
    CPPUNIT_ASSERT_EQUAL(size_t{64}, groupsOf(entries));
  }
  void holdsItsRulesForRandomOutboxes() {
    const Endpoint peers[] = {_a, _b, _six, peer("192.0.2.1:5061"), peer("[2001:db8::2]:5060")};
    const uint32_t sizes[] = {0, 1, 300, 300, 300, 301, 1452, 1460, 1472, 1473, 20000};
    const auto random = makeSeededRandom(1);
    Grouping grouping;  // one, as in a socket: nothing may stay from the outbox before
    for (int round = 0; round < 2000; ++round) {
      Entries entries(random->next() % 65);
      for (auto& e : entries) e = entry(sizes[random->next() % std::size(sizes)], peers[random->next() % std::size(peers)]);
      grouping.build(entries, round % 5 != 0);
      check(grouping, entries);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GroupingTest);
