#include <cppunit/extensions/HelperMacros.h>

#include "ResolverWorld.h"

using namespace Patchbay;
using namespace Patchbay::Resolver;
using namespace Patchbay::Resolver::Testing;
using namespace std::chrono_literals;
using Runtime::IpAddress;
using Transport::Protocol;

class ResolverTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ResolverTest);
  CPPUNIT_TEST(answersLiteralsAtOnce);
  CPPUNIT_TEST(answersFromTheHostsTable);
  CPPUNIT_TEST(findsNothingForWhatNobodyOffers);
  CPPUNIT_TEST(followsTheListenersAtAReload);
  CPPUNIT_TEST(findsNothingForWhatIsNoName);
  CPPUNIT_TEST(tellsTheWaiterLater);
  CPPUNIT_TEST(answersAtOnceWhatIsAnsweredAtOnce);
  CPPUNIT_TEST(asksForTheFamiliesOfTheListeners);
  CPPUNIT_TEST(prefersTheConfiguredFamily);
  CPPUNIT_TEST(doesNotWaitLongForTheSecondFamily);
  CPPUNIT_TEST(findsWithOneFamilyWhenTheOtherFails);
  CPPUNIT_TEST(saysNotFoundOnlyWhenBothAreKnown);
  CPPUNIT_TEST(cachesAnswers);
  CPPUNIT_TEST(cachesThatThereIsNone);
  CPPUNIT_TEST(asksAgainAfterAFailure);
  CPPUNIT_TEST(joinsTheSameLookUp);
  CPPUNIT_TEST(joinsRegardlessOfPort);
  CPPUNIT_TEST(failsAtTheDeadline);
  CPPUNIT_TEST(keepsALateAnswer);
  CPPUNIT_TEST(eachLookUpHasItsOwnDeadline);
  CPPUNIT_TEST(isCancelledByDestruction);
  CPPUNIT_TEST(mayCancelOthersWhenTold);
  CPPUNIT_TEST(mayAskAgainWhenTold);
  CPPUNIT_TEST(mayDestroyItselfWhenTold);
  CPPUNIT_TEST(refusesOverTheCap);
  CPPUNIT_TEST(leavesOutAddressesThatCannotBeTargets);
  CPPUNIT_TEST(noNameOfOthersIsThisMachine);
  CPPUNIT_TEST(boundsTheNumberOfTargets);
  CPPUNIT_TEST(toleratesASecondAnswer);
  CPPUNIT_TEST(staysSilentAfterStop);
  CPPUNIT_TEST(refusesBadServers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void answersLiteralsAtOnce() {
    World world({}, true);
    CPPUNIT_ASSERT(world.resolve({"192.0.2.1", 0, {}, false}) == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5060"), world.first());
    CPPUNIT_ASSERT(world.resolve({"[2001:db8::1]", 5070, {}, false}) == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("[2001:db8::1]:5070"), world.first());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, world.targets.size());
    CPPUNIT_ASSERT(world.server.asked.empty());
  }
  void answersFromTheHostsTable() {
    World world;
    CPPUNIT_ASSERT(world.resolve({"LocalHost", 5070, {}, false}) == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:5070"), world.first());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, world.targets.size());  // no IPv6 listener
  }
  void findsNothingForWhatNobodyOffers() {
    World world;
    CPPUNIT_ASSERT(world.resolve({"192.0.2.1", 0, {}, true}) == Outcome::notFound);
    CPPUNIT_ASSERT(world.resolve({"192.0.2.1", 0, Protocol::tcp, false}) == Outcome::notFound);
    CPPUNIT_ASSERT(world.resolve({"192.0.2.1", 0, Protocol::udp, true}) == Outcome::notFound);
    CPPUNIT_ASSERT(world.resolve({"[2001:db8::1]", 0, {}, false}) == Outcome::notFound);
    CPPUNIT_ASSERT(world.targets.empty());
  }
  void followsTheListenersAtAReload() {
    World world;
    const Query v6{"[2001:db8::1]", 5070, {}, false};
    CPPUNIT_ASSERT(world.resolve(v6) == Outcome::notFound);
    world.transport.add("[::1]:5060");
    world.plugin.commit();
    CPPUNIT_ASSERT(world.resolve(v6) == Outcome::found);
    world.transport.all.erase(world.transport.all.begin());
    world.plugin.commit();
    CPPUNIT_ASSERT(world.resolve({"192.0.2.1", 0, {}, false}) == Outcome::notFound);
  }
  void findsNothingForWhatIsNoName() {
    World world;
    for (const char* host : {"", "0177.0.0.1", "2130706433", "a..b", "::1"})
      CPPUNIT_ASSERT(world.resolve(query(host)) == Outcome::notFound);
    CPPUNIT_ASSERT(world.server.asked.empty());
  }
  // I05
  void tellsTheWaiterLater() {
    World world;
    TestWaiter waiter;
    CPPUNIT_ASSERT(world.plugin.resolve(query("GW.example.org", 5070), world.targets, waiter) == Outcome::pending);
    CPPUNIT_ASSERT(waiter.waiting());
    CPPUNIT_ASSERT_EQUAL(std::string("gw.example.org"), world.server.asked.at(0).name);
    CPPUNIT_ASSERT_EQUAL(1.0, world.host.value("resolver_outstanding"));
    world.server.answer(0, Outcome::found, {"192.0.2.1", "192.0.2.2"});
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, waiter.targets.size());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5070"), waiter.targets[0].endpoint.toString());
    CPPUNIT_ASSERT_EQUAL(0.0, world.host.value("resolver_outstanding"));
  }
  void answersAtOnceWhatIsAnsweredAtOnce() {
    World world({}, true);
    world.server.atOnce["gw"] = FakeNameServer::of({"192.0.2.1"});
    TestWaiter waiter;
    CPPUNIT_ASSERT(world.resolve("gw", waiter) == Outcome::found);
    CPPUNIT_ASSERT(!waiter.waiting());
    CPPUNIT_ASSERT(!waiter.outcome);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, world.targets.size());
  }
  void asksForTheFamiliesOfTheListeners() {
    World v4;
    TestWaiter first;
    v4.resolve("gw", first);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, v4.server.asked.size());
    CPPUNIT_ASSERT(v4.server.asked[0].type == Type::a);
    World both({}, true);
    TestWaiter second;
    both.resolve("gw", second);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, both.server.asked.size());
  }
  // I13
  void prefersTheConfiguredFamily() {
    for (const bool v6First : {true, false}) {
      World world(Settings{{"prefer", v6First ? "ipv6" : "ipv4"}}, true);
      TestWaiter waiter;
      world.resolve("gw", waiter);
      world.server.answer(0, Outcome::found, {"192.0.2.1"});
      world.server.answer(1, Outcome::found, {"2001:db8::1"});
      CPPUNIT_ASSERT_EQUAL(size_t{2}, waiter.targets.size());
      CPPUNIT_ASSERT_EQUAL(v6First, waiter.targets[0].endpoint.address.isV6());
    }
  }
  void doesNotWaitLongForTheSecondFamily() {
    World world({}, true);
    TestWaiter waiter;
    world.resolve("gw", waiter);
    world.pass(1s);
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    world.pass(99ms);
    CPPUNIT_ASSERT(!waiter.outcome);
    world.pass(2ms);
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, waiter.targets.size());
  }
  void findsWithOneFamilyWhenTheOtherFails() {
    World world({}, true);
    TestWaiter waiter;
    world.resolve("gw", waiter);
    world.server.answer(1, Outcome::failed);
    CPPUNIT_ASSERT(!waiter.outcome);
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
  }
  void saysNotFoundOnlyWhenBothAreKnown() {
    World world({}, true);
    TestWaiter none, broken;
    world.resolve("none", none);
    world.server.answer(0, Outcome::notFound);
    world.server.answer(1, Outcome::notFound);
    CPPUNIT_ASSERT(none.outcome == Outcome::notFound);
    world.resolve("broken", broken);
    world.server.answer(2, Outcome::notFound);
    world.server.answer(3, Outcome::failed);
    CPPUNIT_ASSERT(broken.outcome == Outcome::failed);
  }
  // I07
  void cachesAnswers() {
    World world;
    TestWaiter first, second, third;
    world.resolve("gw", first);
    world.server.answer(0, Outcome::found, {"192.0.2.1"}, 60s);
    world.pass(59s);
    CPPUNIT_ASSERT(world.resolve("GW.", second) == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5060"), world.first());
    CPPUNIT_ASSERT_EQUAL(1.0, world.host.value("resolver_cache_hits_total"));
    world.pass(1s);
    CPPUNIT_ASSERT(world.resolve("gw", third) == Outcome::pending);
  }
  void cachesThatThereIsNone() {
    World world(Settings{{"negative_ttl", "10s"}});
    TestWaiter first, second, third;
    world.resolve("gw", first);
    world.server.answer(0, Outcome::notFound);
    CPPUNIT_ASSERT(world.resolve("gw", second) == Outcome::notFound);
    world.pass(10s);
    CPPUNIT_ASSERT(world.resolve("gw", third) == Outcome::pending);
  }
  void asksAgainAfterAFailure() {
    World world;
    TestWaiter first, second;
    world.resolve("gw", first);
    world.server.answer(0, Outcome::failed);
    CPPUNIT_ASSERT(first.outcome == Outcome::failed);
    CPPUNIT_ASSERT(world.resolve("gw", second) == Outcome::pending);
  }
  void joinsTheSameLookUp() {
    World world;
    std::vector<std::unique_ptr<TestWaiter>> waiters;
    for (int i = 0; i < 1000; ++i) {
      waiters.push_back(std::make_unique<TestWaiter>());
      CPPUNIT_ASSERT(world.resolve("gw", *waiters.back()) == Outcome::pending);
    }
    CPPUNIT_ASSERT_EQUAL(size_t{1}, world.server.asked.size());
    CPPUNIT_ASSERT_EQUAL(999.0, world.host.value("resolver_joined_total"));
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    for (const auto& waiter : waiters) CPPUNIT_ASSERT(waiter->outcome == Outcome::found);
  }
  void joinsRegardlessOfPort() {
    World world;
    TestWaiter first, second;
    world.plugin.resolve(query("gw", 5070), world.targets, first);
    world.plugin.resolve(query("gw", 5080), world.targets, second);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, world.server.asked.size());
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT_EQUAL(uint16_t{5070}, first.targets.at(0).endpoint.port);
    CPPUNIT_ASSERT_EQUAL(uint16_t{5080}, second.targets.at(0).endpoint.port);
  }
  // I05
  void failsAtTheDeadline() {
    World world;
    TestWaiter waiter;
    world.resolve("gw", waiter);
    world.pass(3999ms);
    CPPUNIT_ASSERT(!waiter.outcome);
    world.pass(2ms);
    CPPUNIT_ASSERT(waiter.outcome == Outcome::failed);
    CPPUNIT_ASSERT(waiter.targets.empty());
    CPPUNIT_ASSERT_EQUAL(1.0, world.host.value("resolver_timeouts_total"));
  }
  void keepsALateAnswer() {
    World world;
    TestWaiter first, second;
    world.resolve("gw", first);
    world.pass(5s);
    CPPUNIT_ASSERT(first.outcome == Outcome::failed);
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT(world.resolve("gw", second) == Outcome::found);
  }
  void eachLookUpHasItsOwnDeadline() {
    World world(Settings{{"timeout", "1s"}});
    TestWaiter first, second;
    world.resolve("gw", first);
    world.pass(600ms);
    world.resolve("gw", second);
    world.pass(500ms);
    CPPUNIT_ASSERT(first.outcome == Outcome::failed);
    CPPUNIT_ASSERT(!second.outcome);
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT(second.outcome == Outcome::found);
  }
  void isCancelledByDestruction() {
    World world({}, true);
    TestWaiter stays;
    {
      TestWaiter goes;
      world.resolve("gw", goes);
      world.resolve("gw", stays);
    }
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    world.server.answer(1, Outcome::notFound);
    CPPUNIT_ASSERT(stays.outcome == Outcome::found);
    world.pass(5s);
  }
  void mayCancelOthersWhenTold() {
    World world;
    auto first = std::make_unique<TestWaiter>(), second = std::make_unique<TestWaiter>(), third = std::make_unique<TestWaiter>();
    for (auto* waiter : {&first, &second, &third}) world.resolve("gw", **waiter);
    first->then = [&] { second.reset(); };
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT(!second);
    CPPUNIT_ASSERT(third->outcome == Outcome::found);
  }
  void mayAskAgainWhenTold() {
    World world;
    TestWaiter waiter;
    waiter.then = [&] {
      const auto outcome = *waiter.outcome;
      waiter.outcome.reset();
      waiter.then = nullptr;
      CPPUNIT_ASSERT(outcome == Outcome::failed);
      CPPUNIT_ASSERT(world.resolve("gw", waiter) == Outcome::pending);
    };
    world.resolve("gw", waiter);
    world.server.answer(0, Outcome::failed);
    CPPUNIT_ASSERT(waiter.waiting());
    world.server.answer(1, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
  }
  void mayDestroyItselfWhenTold() {
    World world;
    auto waiter = std::make_unique<TestWaiter>();
    TestWaiter* raw = waiter.get();
    bool told = false;
    raw->then = [&] {
      told = true;
      waiter.reset();
    };
    world.resolve("gw", *raw);
    world.pass(5s);
    CPPUNIT_ASSERT(told);
    CPPUNIT_ASSERT(!waiter);
  }
  // H05
  void refusesOverTheCap() {
    World world(Settings{{"outstanding", "2"}});
    TestWaiter a, b, c, joined;
    const auto ask = [&](std::string_view name, Waiter& waiter) { return world.plugin.resolve(query(name, 5060), world.targets, waiter); };
    CPPUNIT_ASSERT(ask("a", a) == Outcome::pending);
    CPPUNIT_ASSERT(ask("b", b) == Outcome::pending);
    CPPUNIT_ASSERT(ask("c", c) == Outcome::failed);
    CPPUNIT_ASSERT(ask("a", joined) == Outcome::pending);
    CPPUNIT_ASSERT_EQUAL(1.0, world.host.value("resolver_failures_total", {{"kind", "refused"}}));
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT(ask("c", c) == Outcome::pending);
  }
  // G06
  void leavesOutAddressesThatCannotBeTargets() {
    World world;
    TestWaiter waiter, none;
    world.resolve("gw", waiter);
    world.server.answer(0, Outcome::found, {"0.0.0.0", "224.0.0.1", "192.0.2.1", "255.255.255.255"});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, waiter.targets.size());
    world.resolve("bad", none);
    world.server.answer(1, Outcome::found, {"0.0.0.0"});
    CPPUNIT_ASSERT(none.outcome == Outcome::notFound);
  }
  // E10
  void noNameOfOthersIsThisMachine() {
    World world({}, false, "192.0.2.1:5060");
    TestWaiter waiter, none;
    world.resolve("gw", waiter);
    world.server.answer(0, Outcome::found, {"127.0.0.1", "192.0.2.7"});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, waiter.targets.size());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7:5060"), waiter.targets[0].endpoint.toString());
    world.resolve("rebound", none);
    world.server.answer(1, Outcome::found, {"127.1.2.3"});
    CPPUNIT_ASSERT(none.outcome == Outcome::notFound);
    World local;
    TestWaiter found;
    local.resolve("gw", found);
    local.server.answer(0, Outcome::found, {"127.0.0.1"});
    CPPUNIT_ASSERT(found.outcome == Outcome::found);
  }
  // I06
  void boundsTheNumberOfTargets() {
    World world;
    TestWaiter waiter;
    world.resolve("gw", waiter);
    FakeNameServer::Answer answer{Outcome::found, {}, 60s};
    for (int i = 0; i < 4000; ++i) answer.records.push_back({.address = *IpAddress::parse("192.0.2." + std::to_string(1 + i % 254))});
    world.server.say(0, answer);
    CPPUNIT_ASSERT_EQUAL(size_t{16}, waiter.targets.size());
  }
  void toleratesASecondAnswer() {
    World world;
    TestWaiter waiter;
    world.resolve("gw", waiter);
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    world.server.answer(0, Outcome::found, {"192.0.2.2"});
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5060"), waiter.targets.at(0).endpoint.toString());
    CPPUNIT_ASSERT_EQUAL(0.0, world.host.value("resolver_outstanding"));
  }
  void staysSilentAfterStop() {
    World world;
    TestWaiter waiter;
    world.resolve("gw", waiter);
    world.plugin.stop();
    CPPUNIT_ASSERT(!waiter.waiting());
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT(!waiter.outcome);
    CPPUNIT_ASSERT(world.resolve("gw", waiter) == Outcome::failed);
  }
  void refusesBadServers() {
    ResolverPlugin plugin;
    Testsuite::FakeHost host(plugin, {{"servers", "192.0.2.53, [2001:db8::53]:5353, ns.example.org, 192.0.2.53:x"}});
    plugin.configure(host);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, host.problems.all().size());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ResolverTest);
