#include <cppunit/extensions/HelperMacros.h>

#include "TestPaths.h"
#include "Traffic.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// The server is stopped while requests wait. The world holds no lookup, timer or socket of it then; valgrind and the sanitizers see the
/// rest.
class StopTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(StopTest);
  CPPUNIT_TEST(whileRulesWait);
  CPPUNIT_TEST(whileRelaysWaitForANameServer);
  CPPUNIT_TEST(whileForwardsWaitForANameServer);
  CPPUNIT_TEST(whileOwnNamesAreAnsweredLate);
  CPPUNIT_TEST(startsAgainAfterwards);
  CPPUNIT_TEST_SUITE_END();

  static World::Settings settings() {
    auto settings = Traffic::settings();
    settings.configuration = sourceFolder() + "/testsuite/world/test/witness.xml";
    settings.bundles = {"pause", "witness"};
    settings.names = {{.name = "silent.test", .kind = Scenario::Name::Kind::silent},
                      {.name = "slow.test", .record = {.address = *Runtime::IpAddress::parse("127.0.0.9")}, .delay = 1s}};
    return settings;
  }
  static void endsCleanly(World& world) {
    const auto listener = world.listener();
    world.take();
    world.stop();
    CPPUNIT_ASSERT(world.take().empty());
    CPPUNIT_ASSERT(!world.environment().network.inject(Traffic::caller(), listener, "OPTIONS"));
    world.environment().advance(100s);
    CPPUNIT_ASSERT(!world.environment().worker.nextDue());
    CPPUNIT_ASSERT(world.environment().network.sent.empty());
  }
  static void fill(World& world, const std::string& uri, int count) {
    Traffic traffic(world);
    for (int i = 0; i < count; ++i)
      for (const char* method : {"INVITE", "MESSAGE"}) traffic.send(traffic.request(method, uri, method + std::to_string(i)));
  }

  void whileRulesWait() {
    World world(settings());
    world.start();
    fill(world, "sip:wait@127.0.0.1", 50);
    CPPUNIT_ASSERT_EQUAL(100.0, world.metric("pipeline_suspended"));
    CPPUNIT_ASSERT_EQUAL(100.0, world.metric("tm_transactions"));
    endsCleanly(world);
  }
  void whileRelaysWaitForANameServer() {
    World world(settings());
    world.start();
    fill(world, "sip:bob@silent.test", 50);
    CPPUNIT_ASSERT_EQUAL(100.0, world.metric("tm_transactions"));
    CPPUNIT_ASSERT(world.metric("resolver_outstanding") > 0);
    endsCleanly(world);
  }
  void whileForwardsWaitForANameServer() {
    World world(settings());
    world.start();
    fill(world, "sip:stateless@silent.test", 50);
    CPPUNIT_ASSERT_EQUAL(100.0, world.metric("pipeline_suspended"));
    CPPUNIT_ASSERT(world.metric("resolver_outstanding") > 0);
    endsCleanly(world);
  }
  /// The answers come when nobody is there any more.
  void whileOwnNamesAreAnsweredLate() {
    World world(settings());
    world.start();
    fill(world, "sip:stateless@slow.test", 5);
    fill(world, "sip:bob@slow.test", 5);
    CPPUNIT_ASSERT(world.environment().worker.nextDue());
    world.stop();
    world.take();
    world.environment().advance(2s);
    CPPUNIT_ASSERT(world.environment().network.sent.empty());
  }
  void startsAgainAfterwards() {
    World world(settings());
    world.start();
    fill(world, "sip:wait@127.0.0.1", 5);
    world.stop();
    world.start();
    CPPUNIT_ASSERT_EQUAL(0.0, world.metric("pipeline_suspended"));
    CPPUNIT_ASSERT_EQUAL(0.0, world.metric("tm_transactions"));
    world.take();
    Traffic traffic(world);
    traffic.send(traffic.request("MESSAGE", "sip:wait@127.0.0.1", "again"));
    traffic.runUntil(world.time() + 1s);
    CPPUNIT_ASSERT_EQUAL(size_t(1), traffic.replies(480));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StopTest);

}  // namespace Patchbay::Testsuite
