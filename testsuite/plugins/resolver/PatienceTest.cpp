#include "ResolverWorld.h"

using namespace Patchbay;
using namespace Patchbay::Resolver;
using namespace Patchbay::Resolver::Testing;
using namespace std::chrono_literals;

/// What becomes of a look-up when name servers are slow, fail or are silent: in virtual time, with all steps.
class PatienceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PatienceTest);
  CPPUNIT_TEST(oneDeadlineForAllSteps);
  CPPUNIT_TEST(goesOnWithoutPointers);
  CPPUNIT_TEST(doesNotGoOnWithoutServices);
  CPPUNIT_TEST(waitsForTheOtherTargetsALittle);
  CPPUNIT_TEST(waitsForTheFirstTarget);
  CPPUNIT_TEST(aFirstTargetThatFailsIsNotWaitedFor);
  CPPUNIT_TEST(lateAnswersOfEachStepAreKept);
  CPPUNIT_TEST(asksAgainWhatIsLost);
  CPPUNIT_TEST(joinsInEveryStep);
  CPPUNIT_TEST(isCancelledInEveryStep);
  CPPUNIT_TEST(usesAStaleAnswerWhenTheServerFails);
  CPPUNIT_TEST(usesAStaleAnswerWhenTheServerIsSilent);
  CPPUNIT_TEST(usesStaleAnswersInEveryStep);
  CPPUNIT_TEST(doesNotAskADeadServerEachTime);
  CPPUNIT_TEST(believesTheServerAgainWhenItIsBack);
  CPPUNIT_TEST(staleIsASettingAndHasAnEnd);
  CPPUNIT_TEST(aNameThatIsGoneIsNotStale);
  CPPUNIT_TEST(usesAStaleAnswerOverTheCap);
  CPPUNIT_TEST(otherNamesAreNotHeldUp);
  CPPUNIT_TEST(countsFailuresByKind);
  CPPUNIT_TEST(countsQuestionsByType);
  CPPUNIT_TEST_SUITE_END();

  struct Scene : World {
    explicit Scene(Settings settings = {}, bool v6 = false) : World(std::move(settings), v6) { server.services = true; }
    void none(const std::string& name, Type type) { server.say(server.last(name, type), {.outcome = Outcome::notFound}); }
    void found(const std::string& name, const char* address, std::chrono::seconds ttl = 60s) {
      server.answer(server.last(name, Type::a), Outcome::found, {address}, ttl);
    }
    /// Knows gw.test's SRV and address, then lets them expire.
    void learn() {
      TestWaiter waiter;
      resolve("gw.test", waiter);
      none("gw.test", Type::naptr);
      server.service(server.last("_sip._udp.gw.test", Type::srv), {"a.test"});
      found("a.test", "192.0.2.1");
      CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
      pass(60s);
    }
  };

 public:
  // I05
  void oneDeadlineForAllSteps() {
    Scene scene;
    TestWaiter waiter;
    scene.resolve("gw.test", waiter);
    scene.pass(1400ms);
    scene.none("gw.test", Type::naptr);
    scene.pass(1400ms);
    scene.server.service(scene.server.last("_sip._udp.gw.test", Type::srv), {"a.test"});
    scene.pass(1190ms);
    CPPUNIT_ASSERT(!waiter.outcome);
    scene.pass(11ms);
    CPPUNIT_ASSERT(waiter.outcome == Outcome::failed);
    CPPUNIT_ASSERT_EQUAL(1.0, scene.host.value("resolver_timeouts_total"));
  }
  // I05: some name servers are silent on what they do not know
  void goesOnWithoutPointers() {
    Scene scene;
    TestWaiter waiter;
    scene.resolve("gw.test", waiter);
    scene.pass(1499ms);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, scene.server.asked.size());
    scene.pass(2ms);
    scene.server.service(scene.server.last("_sip._udp.gw.test", Type::srv), {"a.test"});
    scene.found("a.test", "192.0.2.1");
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5070"), waiter.targets.at(0).endpoint.toString());
  }
  void doesNotGoOnWithoutServices() {
    Scene scene;
    TestWaiter waiter;
    scene.resolve("gw.test", waiter);
    scene.none("gw.test", Type::naptr);
    scene.pass(4001ms);
    CPPUNIT_ASSERT(waiter.outcome == Outcome::failed);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, scene.server.asked.size());
  }
  void waitsForTheOtherTargetsALittle() {
    Scene scene;
    TestWaiter waiter;
    scene.resolve("gw.test", waiter);
    scene.none("gw.test", Type::naptr);
    scene.server.service(scene.server.last("_sip._udp.gw.test", Type::srv), {"a.test", "b.test"});
    scene.found("a.test", "192.0.2.1");
    scene.pass(499ms);
    CPPUNIT_ASSERT(!waiter.outcome);
    scene.pass(2ms);
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, waiter.targets.size());
  }
  void waitsForTheFirstTarget() {
    Scene scene;
    TestWaiter waiter;
    scene.resolve("gw.test", waiter);
    scene.none("gw.test", Type::naptr);
    scene.server.service(scene.server.last("_sip._udp.gw.test", Type::srv), {"a.test", "b.test"});
    scene.found("b.test", "192.0.2.2");
    scene.pass(2s);
    CPPUNIT_ASSERT(!waiter.outcome);
    scene.found("a.test", "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(size_t{2}, waiter.targets.size());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5070"), waiter.targets[0].endpoint.toString());
  }
  void aFirstTargetThatFailsIsNotWaitedFor() {
    Scene scene;
    TestWaiter waiter;
    scene.resolve("gw.test", waiter);
    scene.none("gw.test", Type::naptr);
    scene.server.service(scene.server.last("_sip._udp.gw.test", Type::srv), {"a.test", "b.test"});
    scene.server.fail(scene.server.last("a.test", Type::a));
    scene.found("b.test", "192.0.2.2");
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
  }
  // I05
  void lateAnswersOfEachStepAreKept() {
    Scene scene(Settings{{"timeout", "1s"}});
    const auto giveUp = [&] {
      TestWaiter waiter;
      scene.resolve("gw.test", waiter);
      scene.pass(1001ms);
      CPPUNIT_ASSERT(waiter.outcome == Outcome::failed);
    };
    giveUp();
    scene.none("gw.test", Type::naptr);
    scene.server.service(scene.server.last("_sip._udp.gw.test", Type::srv), {"a.test"});
    giveUp();
    scene.found("a.test", "192.0.2.1");
    TestWaiter waiter;
    CPPUNIT_ASSERT(scene.resolve("gw.test", waiter) == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, scene.server.asked.size());
  }
  void asksAgainWhatIsLost() {
    Scene scene;
    TestWaiter first, second, third;
    const auto ask = [&](TestWaiter& waiter) { scene.plugin.resolve(query("a.test", 5060), scene.targets, waiter); };
    ask(first);
    scene.pass(3999ms);
    ask(second);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, scene.server.asked.size());
    scene.pass(1ms);
    ask(third);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, scene.server.asked.size());
    scene.server.answer(1, Outcome::found, {"192.0.2.1"});
    scene.server.answer(0, Outcome::found, {"192.0.2.2"});
    CPPUNIT_ASSERT(first.outcome == Outcome::failed);
    for (auto* waiter : {&second, &third}) CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5060"), waiter->targets.at(0).endpoint.toString());
    CPPUNIT_ASSERT_EQUAL(0.0, scene.host.value("resolver_outstanding"));
  }
  void joinsInEveryStep() {
    Scene scene;
    std::vector<std::unique_ptr<TestWaiter>> waiters;
    const auto more = [&] {
      waiters.push_back(std::make_unique<TestWaiter>());
      CPPUNIT_ASSERT(scene.resolve("gw.test", *waiters.back()) == Outcome::pending);
    };
    more();
    more();
    scene.none("gw.test", Type::naptr);
    more();
    scene.server.service(scene.server.last("_sip._udp.gw.test", Type::srv), {"a.test"});
    more();
    scene.found("a.test", "192.0.2.1");
    for (const auto& waiter : waiters) CPPUNIT_ASSERT(waiter->outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, scene.server.asked.size());
  }
  void isCancelledInEveryStep() {
    Scene scene;
    auto first = std::make_unique<TestWaiter>(), second = std::make_unique<TestWaiter>(), third = std::make_unique<TestWaiter>();
    for (auto* waiter : {&first, &second, &third}) scene.resolve("gw.test", **waiter);
    first.reset();
    scene.none("gw.test", Type::naptr);
    second.reset();
    scene.server.service(scene.server.last("_sip._udp.gw.test", Type::srv), {"a.test"});
    third.reset();
    scene.found("a.test", "192.0.2.1");
    scene.pass(5s);
    CPPUNIT_ASSERT_EQUAL(0.0, scene.host.value("resolver_outstanding"));
    CPPUNIT_ASSERT_EQUAL(0.0, scene.host.value("resolver_timeouts_total"));
  }
  // I07
  void usesAStaleAnswerWhenTheServerFails() {
    Scene scene;
    scene.learn();
    TestWaiter waiter;
    scene.server.services = false;  // NAPTR: none
    scene.plugin.resolve(query("a.test", 5080), scene.targets, waiter);
    CPPUNIT_ASSERT(!waiter.outcome);
    scene.server.fail(scene.server.last("a.test", Type::a));
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5080"), waiter.targets.at(0).endpoint.toString());
    CPPUNIT_ASSERT_EQUAL(1.0, scene.host.value("resolver_stale_total"));
  }
  // I07
  void usesAStaleAnswerWhenTheServerIsSilent() {
    Scene scene;
    scene.learn();
    TestWaiter waiter;
    scene.plugin.resolve(query("a.test", 5080), scene.targets, waiter);
    scene.pass(1499ms);
    CPPUNIT_ASSERT(!waiter.outcome);
    scene.pass(2ms);
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
  }
  void usesStaleAnswersInEveryStep() {
    Scene scene;
    scene.learn();
    TestWaiter waiter;
    scene.resolve("gw.test", waiter);
    const size_t pointers = scene.server.last("gw.test", Type::naptr);
    scene.server.fail(pointers, NameServer::Failure::timeout);
    scene.server.fail(scene.server.last("_sip._udp.gw.test", Type::srv));
    scene.server.fail(scene.server.last("a.test", Type::a));
    CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:5070"), waiter.targets.at(0).endpoint.toString());
    CPPUNIT_ASSERT_EQUAL(2.0, scene.host.value("resolver_stale_total"));
  }
  void doesNotAskADeadServerEachTime() {
    Scene scene;
    scene.learn();
    TestWaiter first, second, third;
    const auto ask = [&](TestWaiter& waiter) { return scene.plugin.resolve(query("a.test", 5080), scene.targets, waiter); };
    ask(first);
    scene.server.fail(scene.server.last("a.test", Type::a));
    scene.pass(29s);
    CPPUNIT_ASSERT(ask(second) == Outcome::found);
    scene.pass(1s);
    CPPUNIT_ASSERT(ask(third) == Outcome::pending);
  }
  void believesTheServerAgainWhenItIsBack() {
    Scene scene;
    scene.learn();
    TestWaiter first, second;
    scene.plugin.resolve(query("a.test", 5080), scene.targets, first);
    scene.pass(2s);
    CPPUNIT_ASSERT(first.outcome == Outcome::found);
    scene.found("a.test", "192.0.2.7");  // the late answer
    scene.plugin.resolve(query("a.test", 5080), scene.targets, second);
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7:5080"), scene.first());
  }
  void staleIsASettingAndHasAnEnd() {
    for (const auto& [setting, wait, usable] : {std::tuple("0s", 0s, false), std::tuple("10s", 9s, true), std::tuple("10s", 10s, false)}) {
      Scene scene(Settings{{"stale", setting}});
      scene.learn();
      scene.pass(wait);
      TestWaiter waiter;
      scene.plugin.resolve(query("a.test", 5080), scene.targets, waiter);
      scene.server.fail(scene.server.last("a.test", Type::a));
      CPPUNIT_ASSERT(waiter.outcome == (usable ? Outcome::found : Outcome::failed));
    }
  }
  // I07: what the server says counts, whatever was known
  void aNameThatIsGoneIsNotStale() {
    Scene scene;
    scene.learn();
    TestWaiter first, second;
    scene.plugin.resolve(query("a.test", 5080), scene.targets, first);
    scene.none("a.test", Type::a);
    CPPUNIT_ASSERT(first.outcome == Outcome::notFound);
    scene.pass(30s);
    scene.plugin.resolve(query("a.test", 5080), scene.targets, second);
    scene.server.fail(scene.server.last("a.test", Type::a));
    CPPUNIT_ASSERT(second.outcome == Outcome::failed);
  }
  // I05
  void usesAStaleAnswerOverTheCap() {
    Scene scene(Settings{{"outstanding", "1"}});
    scene.learn();
    TestWaiter hanging, waiter;
    scene.plugin.resolve(query("silent.test", 5060), scene.targets, hanging);
    CPPUNIT_ASSERT(scene.plugin.resolve(query("a.test", 5080), scene.targets, waiter) == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(1.0, scene.host.value("resolver_failures_total", {{"kind", "refused"}}));
  }
  // I05: 5 s of silence, in the middle of other look-ups
  void otherNamesAreNotHeldUp() {
    Scene scene;
    TestWaiter hanging;
    scene.resolve("silent.test", hanging);
    for (int i = 0; i < 50; ++i) {
      const auto name = "n" + std::to_string(i) + ".test";
      TestWaiter waiter;
      scene.plugin.resolve(query(name, 5060), scene.targets, waiter);
      scene.pass(1ms);
      scene.found(name, "192.0.2.1");
      CPPUNIT_ASSERT(waiter.outcome == Outcome::found);
      CPPUNIT_ASSERT(scene.plugin.resolve(query(name, 5060), scene.targets, waiter) == Outcome::found);
      scene.pass(99ms);
    }
    CPPUNIT_ASSERT(hanging.outcome == Outcome::failed);
  }
  void countsFailuresByKind() {
    Scene scene;
    using Failure = NameServer::Failure;
    const std::pair<Failure, const char*> kinds[] = {
        {Failure::timeout, "timeout"}, {Failure::server, "server"}, {Failure::malformed, "malformed"}};
    for (const auto& [failure, kind] : kinds) {
      TestWaiter waiter;
      scene.plugin.resolve(query(std::string(kind) + ".test", 5060), scene.targets, waiter);
      scene.server.fail(scene.server.asked.size() - 1, failure);
      CPPUNIT_ASSERT(waiter.outcome == Outcome::failed);
      CPPUNIT_ASSERT_EQUAL(1.0, scene.host.value("resolver_failures_total", {{"kind", kind}}));
    }
    CPPUNIT_ASSERT_EQUAL(3.0, scene.host.value("resolver_answers_total", {{"result", "failed"}}));
  }
  void countsQuestionsByType() {
    Scene scene({}, true);
    TestWaiter waiter;
    scene.resolve("gw.test", waiter);
    scene.none("gw.test", Type::naptr);
    scene.none("_sip._udp.gw.test", Type::srv);
    for (const char* type : {"a", "aaaa", "srv", "naptr"})
      CPPUNIT_ASSERT_EQUAL(1.0, scene.host.value("resolver_queries_total", {{"type", type}}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PatienceTest);
