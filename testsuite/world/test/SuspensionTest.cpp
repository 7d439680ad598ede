#include <cppunit/extensions/HelperMacros.h>

#include "Traffic.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// Many requests that wait in the rules at once.
class SuspensionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SuspensionTest);
  CPPUNIT_TEST(tenThousandWaitAndNobodyElseIsDelayed);
  CPPUNIT_TEST(aboveTheCapTheyGet503AndTheOthersGoOn);
  CPPUNIT_TEST_SUITE_END();

  /// Design 4 and section 1, promise 1; D26.
  void tenThousandWaitAndNobodyElseIsDelayed() {
    constexpr int Many = 10000;
    World world(Traffic::settings());
    world.start();
    Traffic traffic(world);
    for (int i = 0; i < Many; ++i) traffic.send(traffic.request("MESSAGE", "sip:wait@127.0.0.1", "w" + std::to_string(i)));
    CPPUNIT_ASSERT_EQUAL(double(Many), world.metric("pipeline_suspended"));
    CPPUNIT_ASSERT_EQUAL(double(Many), world.metric("tm_transactions"));
    world.runUntil(500ms);
    CPPUNIT_ASSERT(world.take().empty());
    callGoesThroughAtOnce(world, traffic);
    world.runUntil(999ms);
    CPPUNIT_ASSERT(world.take().empty());
    world.runUntil(1s);
    const auto answers = world.take();
    CPPUNIT_ASSERT_EQUAL(size_t(Many), answers.size());
    for (const auto& [packet, at] : answers) {
      CPPUNIT_ASSERT(at == 1s);
      CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 480 Temporarily Unavailable"), packet.octets.substr(0, packet.octets.find("\r\n")));
    }
    world.runUntil(70s);
    CPPUNIT_ASSERT_EQUAL(0.0, world.metric("pipeline_suspended"));
    CPPUNIT_ASSERT_EQUAL(0.0, world.metric("tm_transactions"));
  }

  /// R10.
  void aboveTheCapTheyGet503AndTheOthersGoOn() {
    auto settings = Traffic::settings();
    settings.defines["suspended"] = "100";
    World world(settings);
    world.start();
    Traffic traffic(world);
    for (int i = 0; i < 150; ++i) traffic.send(traffic.request("MESSAGE", "sip:wait@127.0.0.1", "w" + std::to_string(i)));
    CPPUNIT_ASSERT_EQUAL(100.0, world.metric("pipeline_suspended"));
    traffic.runUntil(500ms);
    CPPUNIT_ASSERT_EQUAL(size_t(50), traffic.replies(503));
    callGoesThroughAtOnce(world, traffic);
    traffic.runUntil(1s);
    CPPUNIT_ASSERT_EQUAL(size_t(100), traffic.replies(480));
    traffic.send(traffic.request("MESSAGE", "sip:wait@127.0.0.1", "later"));
    traffic.runUntil(2s);
    CPPUNIT_ASSERT_EQUAL(size_t(101), traffic.replies(480));
    traffic.runUntil(70s);
    CPPUNIT_ASSERT_EQUAL(0.0, world.metric("tm_transactions"));
  }

  /// INVITE, 486 and ACK, each passed on without any time going by.
  static void callGoesThroughAtOnce(World& world, Traffic& traffic) {
    const auto now = world.time();
    traffic.send(traffic.request("INVITE", "sip:busy@127.0.0.1:6004", "call"));
    const auto relayed = world.take();
    CPPUNIT_ASSERT_EQUAL(size_t(2), relayed.size());
    for (const auto& sent : relayed) {
      CPPUNIT_ASSERT(sent.at == now);
      if (sent.packet.to == Traffic::phone()) world.send(Traffic::phone(), world.listener(), answerTo(sent.packet.octets, "486 Busy Here"));
    }
    const auto refused = world.take();  // the ACK to the phone, and the reply to the caller
    CPPUNIT_ASSERT_EQUAL(size_t(2), refused.size());
    for (const auto& sent : refused) {
      CPPUNIT_ASSERT(sent.at == now);
      if (sent.packet.to != Traffic::caller()) continue;
      CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 486 Busy Here"), sent.packet.octets.substr(0, sent.packet.octets.find("\r\n")));
    }
    auto ack = traffic.request("ACK", "sip:busy@127.0.0.1:6004", "call");
    ack.insert(ack.find("\r\nCall-ID"), ";tag=phone");
    traffic.send(ack);
    CPPUNIT_ASSERT(world.take().empty());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SuspensionTest);

}  // namespace Patchbay::Testsuite
