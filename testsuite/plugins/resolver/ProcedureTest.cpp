#include "ResolverWorld.h"

using namespace Patchbay;
using namespace Patchbay::Resolver;
using namespace Patchbay::Resolver::Testing;
using namespace std::chrono_literals;
using Runtime::IpAddress;
using Transport::Protocol;

namespace {

/// A zone in memory: what it does not name does not exist.
struct ZoneServer : NameServer {
  std::map<std::pair<std::string, Type>, Answer> zone;
  std::vector<std::string> asked;
  void ask(const std::string& name, Type type, std::function<void(Answer)> done) override {
    asked.push_back(name);
    const auto found = zone.find({name, type});
    done(found == zone.end() ? Answer{.outcome = Outcome::notFound} : found->second);
  }
  void add(const std::string& name, Type type, NameServer::Record record) {
    auto& answer = zone[{name, type}];
    answer.outcome = Outcome::found;
    answer.ttl = 60s;
    answer.records.push_back(std::move(record));
  }
  void address(const std::string& name, const char* text) {
    const auto address = *IpAddress::parse(text);
    add(name, address.isV6() ? Type::aaaa : Type::a, {.address = address});
  }
  void service(const std::string& name, uint16_t priority, uint16_t port, const std::string& target, uint16_t weight = 1) {
    add(name, Type::srv, {.priority = priority, .weight = weight, .port = port, .target = target});
  }
  void pointer(const std::string& name, uint16_t order, const std::string& service, const std::string& target) {
    add(name, Type::naptr, {.priority = order, .target = target, .flags = "s", .service = service});
  }
  void fail(const std::string& name, Type type) { zone[{name, type}] = {.failure = Failure::server}; }
};

struct Scene {
  explicit Scene(std::vector<Protocol> protocols = {Protocol::udp, Protocol::tcp, Protocol::tls}, bool v6 = false,
                 const char* prefix = "192.0.2.100", Settings settings = {}, const char* tcp = nullptr)
      : host(plugin, World::with(std::move(settings))) {
    for (const auto protocol : protocols) {
      transport.add((std::string(prefix) + ":5060").c_str(), protocol);
      if (v6) transport.add("[2001:db8::100]:5060", protocol);
    }
    if (tcp) transport.add(tcp, Protocol::tcp);
    host.services().provide<Transport::Service>(transport);
    host.services().override_<NameServer>(server);
    plugin.configure(host);
    plugin.bind(host);
    plugin.start();
  }
  ~Scene() { plugin.stop(); }
  /// "udp:192.0.2.1:5060 ..." or the outcome.
  std::string ask(const Query& query) {
    TestWaiter waiter;
    std::vector<Target> targets;
    const auto outcome = plugin.resolve(query, targets, waiter);
    if (outcome != Outcome::found) return outcome == Outcome::notFound ? "none" : outcome == Outcome::failed ? "failed" : "pending";
    std::string text;
    for (const auto& target : targets)
      text += (text.empty() ? "" : " ") + std::string(Transport::nameOf(target.protocol)) + ":" + target.endpoint.toString();
    return text;
  }
  FakeTransport transport;
  ZoneServer server;
  ResolverPlugin plugin;
  Testsuite::FakeHost host;
};

}  // namespace

/// RFC 3263 from the query to the targets, all answers at once.
class ProcedureTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProcedureTest);
  CPPUNIT_TEST(followsTheTableOfRfc3263);
  CPPUNIT_TEST(choosesOnlyWhatWeListenOn);
  CPPUNIT_TEST(takesTheNextPointerWhenTheFirstLeadsNowhere);
  CPPUNIT_TEST(asksTheHostItselfWhenThereAreNoServices);
  CPPUNIT_TEST(ordersServicesAndTheirAddresses);
  CPPUNIT_TEST(putsFamiliesInTurn);
  CPPUNIT_TEST(asksOnlyForFamiliesOfTheProtocol);
  CPPUNIT_TEST(aServiceThatIsNotOfferedIsNotThere);
  CPPUNIT_TEST(servicesPointToNamesOnly);
  CPPUNIT_TEST(servicesDoNotPointToThisMachine);
  CPPUNIT_TEST(loopbackIsASetting);
  CPPUNIT_TEST(aBrokenPointerDoesNotHideServices);
  CPPUNIT_TEST(aBrokenServiceIsNotTakenForNone);
  CPPUNIT_TEST(boundsHops);
  CPPUNIT_TEST(longNamesHaveNoServices);
  CPPUNIT_TEST(theSameKeyGivesTheSameTarget);
  CPPUNIT_TEST(weightsShareTheCalls);
  CPPUNIT_TEST(asksNothingTwice);
  CPPUNIT_TEST_SUITE_END();

 public:
  // I04: the 16 rows, numbered
  void followsTheTableOfRfc3263() {
    Scene scene;
    auto& zone = scene.server;
    zone.pointer("naptr.test", 10, "sips+d2t", "_sips._tcp.naptr.test");
    zone.pointer("naptr.test", 20, "sip+d2t", "_sip._tcp.naptr.test");
    zone.service("_sips._tcp.naptr.test", 1, 5081, "a.test");
    zone.service("_sip._tcp.naptr.test", 1, 5082, "a.test");
    zone.service("_sip._udp.srv.test", 1, 5083, "a.test");
    zone.service("_sip._tcp.srv.test", 1, 5084, "a.test");
    zone.service("_sips._tcp.srv.test", 1, 5085, "a.test");
    zone.service("_sip._tcp.tcponly.test", 1, 5086, "a.test");
    zone.address("a.test", "192.0.2.1");
    zone.address("naptr.test", "192.0.2.2");
    zone.address("srv.test", "192.0.2.3");

    const struct {
      Query query;
      const char* expected;
    } rows[] = {
        {{"192.0.2.9", 0, {}, false}, "udp:192.0.2.9:5060"},               // 1 literal
        {{"192.0.2.9", 5070, {}, false}, "udp:192.0.2.9:5070"},            // 2 literal and port
        {{"192.0.2.9", 0, Protocol::tcp, false}, "tcp:192.0.2.9:5060"},    // 3 literal and transport
        {{"192.0.2.9", 0, {}, true}, "tls:192.0.2.9:5061"},                // 4 literal, sips
        {{"192.0.2.9", 5070, {}, true}, "tls:192.0.2.9:5070"},             // 5 literal and port, sips
        {{"a.test", 5070, {}, false}, "udp:192.0.2.1:5070"},               // 6 port
        {{"srv.test", 5070, Protocol::tcp, false}, "tcp:192.0.2.3:5070"},  // 7 port and transport: no SRV
        {{"naptr.test", 5070, {}, true}, "tls:192.0.2.2:5070"},            // 8 port, sips: no NAPTR
        {{"srv.test", 0, Protocol::tcp, false}, "tcp:192.0.2.1:5084"},     // 9 transport: SRV, no NAPTR
        {{"srv.test", 0, Protocol::tcp, true}, "tls:192.0.2.1:5085"},      // 10 transport, sips: SRV of sips
        {{"naptr.test", 0, {}, false}, "tls:192.0.2.1:5081"},              // 11 NAPTR, its first
        {{"naptr.test", 0, {}, true}, "tls:192.0.2.1:5081"},               // 12 NAPTR, sips
        {{"srv.test", 0, {}, false}, "udp:192.0.2.1:5083"},                // 13 SRV only
        {{"tcponly.test", 0, {}, false}, "tcp:192.0.2.1:5086"},            // 13b SRV of one protocol
        {{"srv.test", 0, {}, true}, "tls:192.0.2.1:5085"},                 // 14 SRV only, sips
        {{"a.test", 0, {}, false}, "udp:192.0.2.1:5060"},                  // 15 A only
        {{"a.test", 0, {}, true}, "tls:192.0.2.1:5061"},                   // 16 A only, sips
        {{"a.test", 0, Protocol::tcp, false}, "tcp:192.0.2.1:5060"},       // and with transport
        {{"a.test", 0, Protocol::udp, true}, "none"},                      // sips over UDP is none
        {{"nowhere.test", 0, {}, false}, "none"},
    };
    for (const auto& row : rows) CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.query.host), std::string(row.expected), scene.ask(row.query));
  }
  // I04
  void choosesOnlyWhatWeListenOn() {
    Scene scene({Protocol::udp});
    auto& zone = scene.server;
    zone.pointer("h.test", 10, "sips+d2t", "_sips._tcp.h.test");
    zone.pointer("h.test", 20, "sip+d2t", "_sip._tcp.h.test");
    zone.pointer("h.test", 30, "sip+d2u", "_sip._udp.other.test");
    for (const char* name : {"_sips._tcp.h.test", "_sip._tcp.h.test", "_sip._udp.h.test"}) zone.service(name, 1, 5070, "wrong.test");
    zone.service("_sip._udp.other.test", 1, 5071, "a.test");
    zone.address("a.test", "192.0.2.1");
    zone.address("wrong.test", "192.0.2.66");
    CPPUNIT_ASSERT_EQUAL(std::string("udp:192.0.2.1:5071"), scene.ask(query("h.test")));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), scene.ask({"h.test", 0, {}, true}));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), scene.ask({"h.test", 0, Protocol::tcp, false}));
  }
  void takesTheNextPointerWhenTheFirstLeadsNowhere() {
    Scene scene;
    scene.server.pointer("h.test", 10, "sip+d2t", "_sip._tcp.gone.test");
    scene.server.pointer("h.test", 20, "sip+d2u", "_sip._udp.h.test");
    scene.server.service("_sip._udp.h.test", 1, 5070, "a.test");
    scene.server.address("a.test", "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(std::string("udp:192.0.2.1:5070"), scene.ask(query("h.test")));
  }
  void asksTheHostItselfWhenThereAreNoServices() {
    Scene scene;
    scene.server.pointer("h.test", 10, "sip+d2t", "_sip._tcp.h.test");
    scene.server.address("h.test", "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(std::string("tcp:192.0.2.1:5060"), scene.ask(query("h.test")));
  }
  // I01; RFC 7984, 4: all addresses of one target before the next target's
  void ordersServicesAndTheirAddresses() {
    Scene scene({Protocol::udp}, true);
    scene.server.service("_sip._udp.h.test", 20, 5062, "second.test");
    scene.server.service("_sip._udp.h.test", 10, 5061, "first.test");
    scene.server.service("_sip._udp.h.test", 30, 5063, "first.test");
    for (const char* address : {"192.0.2.1", "2001:db8::1"}) scene.server.address("first.test", address);
    scene.server.address("second.test", "192.0.2.2");
    CPPUNIT_ASSERT_EQUAL(
        std::string("udp:[2001:db8::1]:5061 udp:192.0.2.1:5061 udp:192.0.2.2:5062 udp:[2001:db8::1]:5063 udp:192.0.2.1:5063"),
        scene.ask(query("h.test")));
  }
  // I13
  void putsFamiliesInTurn() {
    for (const bool v6First : {true, false}) {
      Scene scene({Protocol::udp}, true, "192.0.2.100", {{"prefer", v6First ? "ipv6" : "ipv4"}});
      for (const char* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"})
        scene.server.address("h.test", address);
      CPPUNIT_ASSERT_EQUAL(std::string(v6First ? "udp:[2001:db8::1]:5 udp:192.0.2.1:5 udp:[2001:db8::2]:5 udp:192.0.2.2:5 udp:192.0.2.3:5"
                                               : "udp:192.0.2.1:5 udp:[2001:db8::1]:5 udp:192.0.2.2:5 udp:[2001:db8::2]:5 udp:192.0.2.3:5"),
                           scene.ask(query("h.test", 5)));
    }
  }
  void asksOnlyForFamiliesOfTheProtocol() {
    Scene mixed({Protocol::udp}, false, "192.0.2.100", {}, "[2001:db8::100]:5060");
    for (const char* address : {"192.0.2.1", "2001:db8::1"}) mixed.server.address("h.test", address);
    CPPUNIT_ASSERT_EQUAL(std::string("udp:192.0.2.1:5060"), mixed.ask(query("h.test", 5060)));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, mixed.server.asked.size());
    CPPUNIT_ASSERT_EQUAL(std::string("tcp:[2001:db8::1]:5060"), mixed.ask({"h.test", 5060, Protocol::tcp, false}));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), mixed.ask({"[2001:db8::1]", 5060, Protocol::udp, false}));
  }
  // I08; RFC 2782
  void aServiceThatIsNotOfferedIsNotThere() {
    Scene scene;
    scene.server.service("_sip._udp.h.test", 0, 0, "");
    scene.server.address("h.test", "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(std::string("none"), scene.ask(query("h.test")));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), scene.ask({"h.test", 0, Protocol::udp, false}));
    scene.server.service("_sip._tcp.t.test", 1, 5070, "h.test");
    scene.server.service("_sip._udp.t.test", 0, 0, "");
    CPPUNIT_ASSERT_EQUAL(std::string("tcp:192.0.2.1:5070"), scene.ask(query("t.test")));
  }
  // I08, G06
  void servicesPointToNamesOnly() {
    Scene scene;
    for (const char* target : {"127.0.0.1", "2130706433", "0x7f.1"}) scene.server.service("_sip._udp.h.test", 1, 5070, target);
    scene.server.service("_sip._udp.h.test", 1, 0, "a.test");  // port 0
    scene.server.address("a.test", "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(std::string("none"), scene.ask(query("h.test")));
  }
  // I08
  void servicesDoNotPointToThisMachine() {
    Scene scene;
    scene.server.service("_sip._udp.h.test", 1, 5070, "evil.test");
    scene.server.service("_sip._udp.h.test", 2, 5070, "localhost");
    scene.server.service("_sip._udp.h.test", 3, 5070, "mapped.test");
    for (const char* address : {"127.0.0.1", "127.1.2.3", "::1"}) scene.server.address("evil.test", address);
    scene.server.add("mapped.test", NameServer::Type::aaaa, {.address = *IpAddress::parse("::ffff:127.0.0.1")});
    CPPUNIT_ASSERT_EQUAL(std::string("none"), scene.ask(query("h.test")));
  }
  void loopbackIsASetting() {
    Scene allowed({Protocol::udp}, false, "192.0.2.100", {{"loopback", "allow"}});
    Scene refused({Protocol::udp}, false, "127.0.0.1", {{"loopback", "refuse"}});
    for (auto* scene : {&allowed, &refused}) scene->server.address("h.test", "127.0.0.1");
    CPPUNIT_ASSERT_EQUAL(std::string("udp:127.0.0.1:5060"), allowed.ask(query("h.test")));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), refused.ask(query("h.test")));
  }
  // I05
  void aBrokenPointerDoesNotHideServices() {
    Scene scene;
    scene.server.fail("h.test", NameServer::Type::naptr);
    scene.server.service("_sip._udp.h.test", 1, 5070, "a.test");
    scene.server.address("a.test", "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(std::string("udp:192.0.2.1:5070"), scene.ask(query("h.test")));
    scene.server.fail("n.test", NameServer::Type::naptr);
    CPPUNIT_ASSERT_EQUAL(std::string("failed"), scene.ask(query("n.test")));
  }
  // I05
  void aBrokenServiceIsNotTakenForNone() {
    Scene scene;
    scene.server.fail("_sip._udp.h.test", NameServer::Type::srv);
    scene.server.address("h.test", "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(std::string("failed"), scene.ask(query("h.test")));
    scene.server.service("_sip._tcp.h.test", 1, 5070, "h.test");
    scene.host.environment_.advance(60s);  // the negative answer is forgotten
    CPPUNIT_ASSERT_EQUAL(std::string("tcp:192.0.2.1:5070"), scene.ask(query("h.test")));
  }
  // I06
  void boundsHops() {
    Scene scene({Protocol::udp});
    for (uint16_t i = 0; i < 4000; ++i) scene.server.service("_sip._udp.h.test", i, 5070, "n" + std::to_string(i) + ".test");
    for (int i = 0; i < 30; ++i)
      for (int j = 1; j < 30; ++j)
        scene.server.address("n" + std::to_string(i) + ".test", ("192.0." + std::to_string(i) + "." + std::to_string(j)).c_str());
    const auto found = scene.ask(query("h.test"));
    CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{31}, std::count(found.begin(), found.end(), ' '));
    CPPUNIT_ASSERT_EQUAL(size_t{10}, scene.server.asked.size());
  }
  void longNamesHaveNoServices() {
    Scene scene({Protocol::udp});
    std::string name;
    while (name.size() < 240) name += "abcdefghi.";
    name += "test";
    scene.server.address(name, "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(std::string("udp:192.0.2.1:5060"), scene.ask(query(name)));
  }
  // I12
  void theSameKeyGivesTheSameTarget() {
    std::map<std::string, int> firsts;
    for (uint64_t key = 1; key < 60; ++key) {
      std::string seen;
      for (const bool backwards : {false, true}) {  // the order of an answer, and what was drawn before, do not count
        Scene scene({Protocol::udp});
        for (int i = 0; i < 4; ++i)
          scene.server.service("_sip._udp.h.test", 1, static_cast<uint16_t>(5060 + (backwards ? 3 - i : i)), "a.test");
        scene.server.address("a.test", backwards ? "192.0.2.2" : "192.0.2.1");
        scene.server.address("a.test", backwards ? "192.0.2.1" : "192.0.2.2");
        if (backwards) scene.ask(query("h.test"));
        const auto found = scene.ask({"h.test", 0, {}, false, key});
        CPPUNIT_ASSERT(seen.empty() || seen == found);
        seen = found;
      }
      ++firsts[seen.substr(0, seen.find(' '))];
    }
    CPPUNIT_ASSERT(firsts.size() > 4);
  }
  // I01, the whole way
  void weightsShareTheCalls() {
    Scene scene({Protocol::udp});
    scene.server.service("_sip._udp.h.test", 1, 5061, "a.test", 75);
    scene.server.service("_sip._udp.h.test", 1, 5062, "a.test", 25);
    scene.server.address("a.test", "192.0.2.1");
    int first = 0;
    for (int i = 0; i < 10000; ++i) first += scene.ask(query("h.test")).rfind("udp:192.0.2.1:5061", 0) == 0;
    CPPUNIT_ASSERT(first > 7125 && first < 7875);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, scene.server.asked.size());
  }
  void asksNothingTwice() {
    Scene scene;
    for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT_EQUAL(std::string("none"), scene.ask(query("h.test")));
    CPPUNIT_ASSERT_EQUAL(size_t{5}, scene.server.asked.size());  // NAPTR, three SRV, A
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ProcedureTest);
