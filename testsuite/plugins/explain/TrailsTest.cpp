#include <cppunit/extensions/HelperMacros.h>

#include "FakeEnvironment.h"
#include "Trails.h"

namespace Patchbay::Explain {

class TrailsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TrailsTest);
  CPPUNIT_TEST(findsATrailByItsId);
  CPPUNIT_TEST(anOverwrittenOneIsGone);
  CPPUNIT_TEST(aForeignIdFindsNothing);
  CPPUNIT_TEST(idsShowNoOrder);
  CPPUNIT_TEST(showsTheNewestFirst);
  CPPUNIT_TEST(longTextsAreCut);
  CPPUNIT_TEST(eventsBeyondTheRoomAreCounted);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { _trails.configure(1, 200, 0x1234567890abcdef); }

  void findsATrailByItsId() {
    const uint64_t first = begin("a"), second = begin("b");
    CPPUNIT_ASSERT_EQUAL(std::string("a"), callIdOf(first));
    CPPUNIT_ASSERT_EQUAL(std::string("b"), callIdOf(second));
  }

  void anOverwrittenOneIsGone() {
    const uint64_t first = begin("a");
    for (int i = 0; i < 199; ++i) begin("x");
    CPPUNIT_ASSERT_EQUAL(std::string("a"), callIdOf(first));
    begin("y");
    CPPUNIT_ASSERT_EQUAL(std::string("none"), callIdOf(first));
  }

  void aForeignIdFindsNothing() {
    begin("a");
    for (const uint64_t id : {uint64_t(0), uint64_t(1), ~uint64_t(0), uint64_t(0x1234567890abcdef)})
      CPPUNIT_ASSERT_EQUAL(std::string("none"), callIdOf(id));
  }

  void idsShowNoOrder() {
    int alike = 0;
    uint64_t before = begin("a");
    for (int i = 0; i < 100; ++i) {
      const uint64_t next = begin("a");
      alike += __builtin_popcountll(before ^ next) < 12;
      before = next;
    }
    CPPUNIT_ASSERT_EQUAL(0, alike);
  }

  void showsTheNewestFirst() {
    for (int i = 0; i < 300; ++i) begin(std::to_string(i));
    std::vector<std::string> seen;
    std::vector<uint64_t> ids;
    _trails.each([&](uint64_t id, const Trail& trail) {
      ids.push_back(id);
      seen.push_back(trail.callId);
      return true;
    });
    for (size_t i = 0; i < ids.size(); ++i) CPPUNIT_ASSERT_EQUAL(seen[i], callIdOf(ids[i]));
    CPPUNIT_ASSERT_EQUAL(size_t(200), seen.size());
    CPPUNIT_ASSERT_EQUAL(std::string("299"), seen.front());
    CPPUNIT_ASSERT_EQUAL(std::string("100"), seen.back());
  }

  void longTextsAreCut() {
    const uint64_t id = begin(std::string(1000, 'x'));
    CPPUNIT_ASSERT_EQUAL(std::string(96, 'x'), callIdOf(id));
  }

  void eventsBeyondTheRoomAreCounted() {
    const uint64_t id = begin("a");
    for (int i = 0; i < 20; ++i) _trails.with(id, [](Trail& trail) { trail.add(Trail::Event::Kind::reply, 180, 1, "Ringing", {}); });
    _trails.with(id, [](Trail& trail) {
      CPPUNIT_ASSERT_EQUAL(int(Trail::MostEvents), int(trail.events));
      CPPUNIT_ASSERT_EQUAL(20 - int(Trail::MostEvents), int(trail.lost));
    });
  }

 private:
  uint64_t begin(const std::string& callId) {
    return _trails.begin(_worker, [&](Trail& trail) { trail.callId = callId; });
  }
  std::string callIdOf(uint64_t id) {
    std::string found = "none";
    _trails.with(id, [&](const Trail& trail) { found = trail.callId; });
    return found;
  }
  Testsuite::FakeClock _clock;
  Testsuite::FakeWorker _worker{_clock, 1};
  Trails _trails;
};

CPPUNIT_TEST_SUITE_REGISTRATION(TrailsTest);

}  // namespace Patchbay::Explain
