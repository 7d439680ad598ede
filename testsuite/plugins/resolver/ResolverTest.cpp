#include <cppunit/extensions/HelperMacros.h>

#include "FakeHost.h"
#include "ResolverPlugin.h"

using namespace Patchbay;
using namespace Patchbay::Resolver;
using namespace std::chrono_literals;
using Runtime::IpAddress;
using Transport::Protocol;

namespace {

struct FakeTransport : Transport::Service {
  std::vector<Transport::Listener> all;
  void add(const char* local, Protocol protocol = Protocol::udp) {
    all.emplace_back();
    all.back().local = *Runtime::Endpoint::parse(local);
    all.back().protocol = protocol;
  }
  void attach(Transport::Receiver&) override {}
  std::span<const Transport::Listener> listeners() const override { return all; }
  const Transport::Listener* listenerFor(Protocol, const IpAddress&, const Transport::Listener*) const override { return nullptr; }
  bool isOurs(const Runtime::Endpoint&) const override { return false; }
  char* reserve(const Transport::Flow&, size_t) override { return nullptr; }
  bool commit(const Transport::Flow&, size_t) override { return false; }
};

/// Answers when the test says so, or at once what it knows.
struct FakeNameServer : NameServer {
  struct Question {
    std::string name;
    IpAddress::Family family;
    std::function<void(Addresses)> done;
  };
  std::vector<Question> asked;
  std::map<std::string, Addresses> atOnce;
  void addresses(const std::string& name, IpAddress::Family family, std::function<void(Addresses)> done) override {
    asked.push_back({name, family, done});
    if (const auto known = atOnce.find(name); known != atOnce.end()) done(known->second);
  }
  void answer(size_t index, Outcome outcome, std::vector<const char*> addresses = {}, std::chrono::seconds ttl = 60s) {
    Addresses answer{outcome, {}, ttl};
    for (const char* text : addresses) answer.addresses.push_back(*IpAddress::parse(text));
    const auto done = asked.at(index).done;
    done(answer);
  }
};

struct TestWaiter : Waiter {
  std::optional<Outcome> outcome;
  std::vector<Target> targets;
  std::function<void()> then;
  void resolved(Outcome result, const std::vector<Target>& found) override {
    CPPUNIT_ASSERT(!outcome);
    CPPUNIT_ASSERT(!waiting());
    outcome = result;
    targets = found;
    if (then) then();
  }
};

Query query(std::string_view host, uint16_t port = 0) {
  return {host, port, {}, false};
}

using Settings = Testsuite::FakeHost::SettingsMap;

struct World {
  explicit World(Settings settings = {}, bool v6 = false, const char* local = "127.0.0.1:5060") : host(plugin, with(std::move(settings))) {
    transport.add(local);
    if (v6) transport.add("[::1]:5060");
    host.services().provide<Transport::Service>(transport);
    host.services().override_<NameServer>(server);
    plugin.configure(host);
    plugin.bind(host);
    CPPUNIT_ASSERT_MESSAGE(host.problems.toString(), !host.problems.hasErrors());
    plugin.start();
  }
  ~World() { plugin.stop(); }
  static Settings with(Settings settings) {
    settings.emplace("hosts", "");
    return settings;
  }
  Outcome resolve(std::string_view name, Waiter& waiter) { return plugin.resolve(query(name), targets, waiter); }
  Outcome resolve(const Query& query) {
    TestWaiter waiter;
    return plugin.resolve(query, targets, waiter);
  }
  void pass(Runtime::Duration time) { host.environment_.advance(time); }
  std::string first() const { return targets.empty() ? "" : targets[0].endpoint.toString(); }

  FakeTransport transport;
  FakeNameServer server;
  ResolverPlugin plugin;
  Testsuite::FakeHost host;
  std::vector<Target> targets;
};

}  // namespace

class ResolverTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ResolverTest);
  CPPUNIT_TEST(answersLiteralsAtOnce);
  CPPUNIT_TEST(answersFromTheHostsTable);
  CPPUNIT_TEST(findsNothingForWhatNobodyOffers);
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
    world.server.atOnce["gw"] = {Outcome::found, {*IpAddress::parse("192.0.2.1")}, 60s};
    TestWaiter waiter;
    CPPUNIT_ASSERT(world.resolve("gw", waiter) == Outcome::found);
    CPPUNIT_ASSERT(!waiter.waiting());
    CPPUNIT_ASSERT(!waiter.outcome);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, world.targets.size());
  }
  void asksForTheFamiliesOfTheListeners() {
    World v4;
    TestWaiter first;
    v4.resolve("gw", first);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, v4.server.asked.size());
    CPPUNIT_ASSERT(v4.server.asked[0].family == IpAddress::Family::v4);
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
    CPPUNIT_ASSERT(world.resolve("a", a) == Outcome::pending);
    CPPUNIT_ASSERT(world.resolve("b", b) == Outcome::pending);
    CPPUNIT_ASSERT(world.resolve("c", c) == Outcome::failed);
    CPPUNIT_ASSERT(world.resolve("a", joined) == Outcome::pending);
    CPPUNIT_ASSERT_EQUAL(1.0, world.host.value("resolver_refused_total"));
    world.server.answer(0, Outcome::found, {"192.0.2.1"});
    CPPUNIT_ASSERT(world.resolve("c", c) == Outcome::pending);
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
    world.server.answer(0, Outcome::found, std::vector<const char*>(4000, "192.0.2.1"));
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
