#include <cppunit/extensions/HelperMacros.h>

#include "FakeHost.h"
#include "TransportPlugin.h"

using namespace Patchbay;
using namespace Patchbay::Transport;
using Runtime::Endpoint;

namespace {

Endpoint at(const char* text) {
  return *Endpoint::parse(text);
}

struct Ear : Receiver {
  struct Heard {
    std::string octets;
    Flow flow;
  };
  std::vector<Heard> heard;
  std::vector<std::pair<Flow, int>> failures;
  std::function<void(const Flow&)> onReceived, onFailed;
  void received(std::string_view octets, const Flow& flow) override {
    heard.push_back({std::string(octets), flow});
    if (onReceived) onReceived(flow);
  }
  void failed(const Flow& flow, int error) override {
    failures.emplace_back(flow, error);
    if (onFailed) onFailed(flow);
  }
};

/// Refuses what goes to port 9, as a system without a route does.
struct RefusingNetwork : Runtime::Network {
  struct Socket : Runtime::DatagramSocket {
    std::unique_ptr<Runtime::DatagramSocket> inner;
    const Endpoint& local() const override { return inner->local(); }
    int descriptor() const override { return -1; }
    std::span<const Runtime::Datagram> receive() override { return inner->receive(); }
    void send(Runtime::Outbox& outbox) override {
      for (const auto& entry : outbox.entries())
        if (entry.target.port == 9) lose(entry.target, ENETUNREACH);
      inner->send(outbox);
    }
  };
  Runtime::Network& inner;
  explicit RefusingNetwork(Runtime::Network& inner) : inner(inner) {}
  std::unique_ptr<Runtime::DatagramSocket> bind(const Endpoint& local, bool shared) override {
    auto socket = std::make_unique<Socket>();
    socket->inner = inner.bind(local, shared);
    return socket;
  }
};

struct RefusingHost : Testsuite::FakeHost {
  using FakeHost::FakeHost;
  RefusingNetwork network{environment_.network};
  Runtime::Environment refusing{environment_.clock,         environment_.get().workers, environment_.get().pool, network,
                                environment_.get().metrics, environment_.get().random};
  Runtime::Environment& environment() override { return refusing; }
};

struct FakeRoutes : Routes {
  std::map<Runtime::IpAddress, Runtime::IpAddress> sources;
  int asked = 0;
  std::optional<Runtime::IpAddress> sourceFor(const Runtime::IpAddress& target) override {
    ++asked;
    const auto found = sources.find(target);
    return found == sources.end() ? std::nullopt : std::optional(found->second);
  }
};

struct Server {
  explicit Server(const std::string& listen) : host(plugin, {{"listen", listen}}) {
    plugin.configure(host);
    plugin.attach(ear);
  }
  Server& started() {
    CPPUNIT_ASSERT_MESSAGE(host.problems.toString(), !host.problems.hasErrors());
    plugin.listen();
    return *this;
  }
  ~Server() { plugin.stop(); }
  /// Twice: what a turn's flush brings about is the next one's.
  void turn() {
    host.environment_.turn();
    host.environment_.turn();
  }
  void arrive(const char* from, const char* to, std::string octets) {
    CPPUNIT_ASSERT(host.environment_.network.inject(at(from), at(to), std::move(octets)));
  }
  double dropped(const char* reason) { return host.value("transport_dropped_total", {{"reason", reason}}); }
  auto& sent() { return host.environment_.network.sent; }
  Flow flow(const char* peer, size_t listener = 0) { return {&plugin.listeners()[listener], at(peer), 0}; }

  TransportPlugin plugin;
  RefusingHost host;
  Ear ear;
};

}  // namespace

class TransportTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TransportTest);
  CPPUNIT_TEST(listensOnLoopbackUnlessToldOtherwise);
  CPPUNIT_TEST(tellsWhatItListensOn);
  CPPUNIT_TEST(takesThePortThatTheSystemChose);
  CPPUNIT_TEST(saysTheAdvertisedNameOfItself);
  CPPUNIT_TEST(reportsEveryBadListener);
  CPPUNIT_TEST(refusesTheSameListenerTwice);
  CPPUNIT_TEST(failsWithTheAddressThatIsTaken);
  CPPUNIT_TEST(handsOverABatchInOrder);
  CPPUNIT_TEST(handsOverTheRestOfABatchAfterAnException);
  CPPUNIT_TEST(dropsAndCountsKeepalives);
  CPPUNIT_TEST(dropsWhatClaimsToComeFromUsOrFromNoPort);
  CPPUNIT_TEST(sendsAtTheEndOfTheTurn);
  CPPUNIT_TEST(sendsMoreThanOneOutboxHolds);
  CPPUNIT_TEST(keepsTheOrderToAPeerOverFullOutboxes);
  CPPUNIT_TEST(refusesTargetsThatNothingLegitimateHas);
  CPPUNIT_TEST(refusesToSendToItself);
  CPPUNIT_TEST(refusesAMessageThatNoDatagramHolds);
  CPPUNIT_TEST(refusesToCommitMoreThanReserved);
  CPPUNIT_TEST(tellsRefusalsAfterTheTurn);
  CPPUNIT_TEST(maySendAgainWhenToldOfARefusal);
  CPPUNIT_TEST(countsOctets);
  CPPUNIT_TEST(choosesTheListenerOfTheFamily);
  CPPUNIT_TEST(prefersTheGivenListener);
  CPPUNIT_TEST(leavesByTheRouteOfTheMachine);
  CPPUNIT_TEST(asksForNoRouteWithoutAChoice);
  CPPUNIT_TEST(prefersAListenerThatReachesTheTarget);
  CPPUNIT_TEST(knowsItselfOnWildcardListeners);
  CPPUNIT_TEST(knowsItsAdvertisedAddress);
  CPPUNIT_TEST(isQuietAfterStop);
  CPPUNIT_TEST_SUITE_END();

 public:
  void listensOnLoopbackUnlessToldOtherwise() {
    TransportPlugin plugin;
    Testsuite::FakeHost host(plugin);
    plugin.configure(host);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, plugin.listeners().size());
    CPPUNIT_ASSERT_EQUAL(std::string("udp:127.0.0.1:5060"), plugin.listeners()[0].text);
  }
  void tellsWhatItListensOn() {
    Server server("udp:127.0.0.1:5060, udp:[::1]:5070, udp:127.0.0.2:5060/sip.example.org:5060");
    server.started();
    CPPUNIT_ASSERT(server.host.announced("listening on", "udp:127.0.0.1:5060"));
    CPPUNIT_ASSERT(server.host.announced("listening on", "udp:[::1]:5070"));
    CPPUNIT_ASSERT(server.host.announced("listening on", "udp:127.0.0.2:5060 as sip.example.org:5060"));
    const auto& v6 = server.plugin.listeners()[1];
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/UDP [::1]:5070;branch="), v6.viaPrefix);
    CPPUNIT_ASSERT_EQUAL(std::string("[::1]"), v6.host);
  }
  void takesThePortThatTheSystemChose() {
    Server server("udp:127.0.0.1:0");
    const auto& listener = server.started().plugin.listeners()[0];
    CPPUNIT_ASSERT(listener.local.port != 0);
    CPPUNIT_ASSERT_EQUAL(listener.local.port, listener.port);
    CPPUNIT_ASSERT_EQUAL(listener.local.toString(), listener.hostPort);
    CPPUNIT_ASSERT(server.plugin.isOurs(listener.local));
  }
  void saysTheAdvertisedNameOfItself() {
    Server server("udp:127.0.0.1:5070/sip.example.org");
    const auto& listener = server.started().plugin.listeners()[0];
    CPPUNIT_ASSERT_EQUAL(std::string("sip.example.org:5070"), listener.hostPort);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/UDP sip.example.org:5070;branch="), listener.viaPrefix);
    CPPUNIT_ASSERT_EQUAL(std::string("udp:127.0.0.1:5070"), listener.text);
  }
  void reportsEveryBadListener() {
    Server server("sctp:127.0.0.1:5060, udp:nowhere:5060, udp:127.0.0.1:5060");
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.host.problems.all().size());
  }
  void refusesTheSameListenerTwice() {
    Server server("udp:127.0.0.1:5060, udp:127.0.0.1:5060");
    CPPUNIT_ASSERT(server.host.problems.hasErrors());
    Server chosen("udp:127.0.0.1:0, udp:127.0.0.1:0");
    CPPUNIT_ASSERT(!chosen.host.problems.hasErrors());
  }
  void failsWithTheAddressThatIsTaken() {
    Server server("udp:127.0.0.1:5060");
    server.host.environment_.network.taken.push_back(at("127.0.0.1:5060"));
    CPPUNIT_ASSERT_THROW(server.plugin.listen(), Poco::Net::NetException);
  }
  void handsOverABatchInOrder() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    for (const char* text : {"one", "two", "three"}) server.arrive("192.0.2.1:5060", "127.0.0.1:5060", text);
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{3}, server.ear.heard.size());
    CPPUNIT_ASSERT_EQUAL(std::string("one"), server.ear.heard[0].octets);
    CPPUNIT_ASSERT_EQUAL(std::string("three"), server.ear.heard[2].octets);
    CPPUNIT_ASSERT(server.ear.heard[1].flow == server.flow("192.0.2.1:5060"));
    CPPUNIT_ASSERT_EQUAL(3.0, server.host.value("transport_received_total"));
  }
  // A21
  void handsOverTheRestOfABatchAfterAnException() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    for (const char* text : {"one", "two", "three"}) server.arrive("127.0.0.1:6001", "127.0.0.1:5060", text);
    server.ear.onReceived = [&](const Flow&) {
      if (server.ear.heard.size() == 2) throw Poco::OutOfMemoryException();
    };
    CPPUNIT_ASSERT_THROW(server.turn(), Poco::OutOfMemoryException);  // the loop's affair
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.ear.heard.size());
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{3}, server.ear.heard.size());
    CPPUNIT_ASSERT_EQUAL(std::string("three"), server.ear.heard[2].octets);
    CPPUNIT_ASSERT_EQUAL(3.0, server.host.value("transport_received_total"));
  }

  void dropsAndCountsKeepalives() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    for (const std::string& text :
         {std::string("\r\n"), std::string("\r\n\r\n"), std::string(), std::string(4, '\0'), std::string("\r\n\0", 3)})
      server.arrive("192.0.2.1:5060", "127.0.0.1:5060", text);
    server.arrive("192.0.2.1:5060", "127.0.0.1:5060", "\r\nx");
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.ear.heard.size());
    CPPUNIT_ASSERT_EQUAL(5.0, server.dropped("keepalive"));
  }
  // B34
  void dropsWhatClaimsToComeFromUsOrFromNoPort() {
    Server server("udp:127.0.0.1:5060, udp:127.0.0.1:5070");
    server.started();
    server.arrive("127.0.0.1:5060", "127.0.0.1:5060", "self");
    server.arrive("127.0.0.1:5070", "127.0.0.1:5060", "self");
    server.arrive("192.0.2.1:0", "127.0.0.1:5060", "no port");
    server.turn();
    CPPUNIT_ASSERT(server.ear.heard.empty());
    CPPUNIT_ASSERT_EQUAL(3.0, server.dropped("source"));
  }
  void sendsAtTheEndOfTheTurn() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    CPPUNIT_ASSERT(server.plugin.send(server.flow("127.0.0.9:5060"), "hello"));
    CPPUNIT_ASSERT(server.sent().empty());
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.sent().size());
    CPPUNIT_ASSERT_EQUAL(std::string("hello"), server.sent()[0].octets);
    CPPUNIT_ASSERT(server.sent()[0].from == at("127.0.0.1:5060"));
    CPPUNIT_ASSERT(server.sent()[0].to == at("127.0.0.9:5060"));
  }
  void sendsMoreThanOneOutboxHolds() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    const std::string longest(Runtime::Outbox::LongestDatagram, 'x');
    for (int i = 0; i < 20; ++i) CPPUNIT_ASSERT(server.plugin.send(server.flow("127.0.0.9:5060"), longest));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{20}, server.sent().size());
    for (const auto& packet : server.sent()) CPPUNIT_ASSERT(packet.octets == longest);
  }
  void keepsTheOrderToAPeerOverFullOutboxes() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    for (int i = 0; i < 1000; ++i) CPPUNIT_ASSERT(server.plugin.send(server.flow("127.0.0.9:5060"), std::to_string(i)));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, server.sent().size());
    for (int i = 0; i < 1000; ++i) CPPUNIT_ASSERT_EQUAL(std::to_string(i), server.sent()[static_cast<size_t>(i)].octets);
  }
  // G06, G09
  void refusesTargetsThatNothingLegitimateHas() {
    Server server("udp:127.0.0.1:5060, udp:[::1]:5060");
    server.started();
    for (const char* peer :
         {"192.0.2.1:0", "0.0.0.0:5060", "224.0.1.75:5060", "255.255.255.255:5060", "0.0.0.5:5060", "[2001:db8::1]:5060"})
      CPPUNIT_ASSERT_MESSAGE(peer, !server.plugin.send(server.flow(peer), "x"));
    for (const char* peer : {"[::]:5060", "[ff02::1]:5060", "192.0.2.1:5060"})
      CPPUNIT_ASSERT_MESSAGE(peer, !server.plugin.send(server.flow(peer, 1), "x"));
    CPPUNIT_ASSERT(!server.plugin.send(Flow{}, "x"));
    server.turn();
    CPPUNIT_ASSERT(server.sent().empty());
    CPPUNIT_ASSERT_EQUAL(1.0, server.dropped("port"));
    CPPUNIT_ASSERT_EQUAL(6.0, server.dropped("address"));
    CPPUNIT_ASSERT_EQUAL(2.0, server.dropped("family"));
  }
  // B34
  void refusesToSendToItself() {
    Server server("udp:127.0.0.1:5060, udp:127.0.0.1:5070");
    server.started();
    CPPUNIT_ASSERT(!server.plugin.send(server.flow("127.0.0.1:5060"), "x"));
    CPPUNIT_ASSERT(!server.plugin.send(server.flow("127.0.0.1:5070"), "x"));
    CPPUNIT_ASSERT(server.plugin.send(server.flow("127.0.0.1:5080"), "x"));
    CPPUNIT_ASSERT_EQUAL(2.0, server.dropped("own"));
  }
  // A21
  void refusesAMessageThatNoDatagramHolds() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    CPPUNIT_ASSERT(!server.plugin.send(server.flow("127.0.0.9:5060"), std::string(65508, 'x')));
    CPPUNIT_ASSERT(!server.plugin.send(server.flow("127.0.0.9:5060"), ""));
    CPPUNIT_ASSERT_EQUAL(1.0, server.dropped("too_long"));
  }
  void refusesToCommitMoreThanReserved() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    const Flow flow = server.flow("127.0.0.9:5060");
    CPPUNIT_ASSERT(!server.plugin.commit(flow, 1));
    char* room = server.plugin.reserve(flow, 4);
    CPPUNIT_ASSERT(room);
    std::memcpy(room, "abcd", 4);
    CPPUNIT_ASSERT(!server.plugin.commit(flow, 5));
    CPPUNIT_ASSERT(server.plugin.commit(flow, 3));
    CPPUNIT_ASSERT(!server.plugin.commit(flow, 3));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.sent().size());
    CPPUNIT_ASSERT_EQUAL(std::string("abc"), server.sent()[0].octets);
  }
  // B21
  void tellsRefusalsAfterTheTurn() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    for (int i = 0; i < 100; ++i) server.plugin.send(server.flow("127.0.0.9:9"), "x");  // the first 64 leave at once
    CPPUNIT_ASSERT(server.ear.failures.empty());
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{100}, server.ear.failures.size());
    CPPUNIT_ASSERT(server.ear.failures[0].first == server.flow("127.0.0.9:9"));
    CPPUNIT_ASSERT_EQUAL(ENETUNREACH, server.ear.failures[0].second);
    CPPUNIT_ASSERT_EQUAL(100.0, server.dropped("refused"));
    CPPUNIT_ASSERT_EQUAL(0.0, server.host.value("transport_sent_total"));
  }
  // I02
  void maySendAgainWhenToldOfARefusal() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    server.ear.onFailed = [&](const Flow&) {
      if (server.ear.failures.size() < 3) server.plugin.send(server.flow("127.0.0.9:9"), "again");
      server.plugin.send(server.flow("127.0.0.9:5060"), "elsewhere");
    };
    server.plugin.send(server.flow("127.0.0.9:9"), "x");
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{3}, server.ear.failures.size());
    size_t elsewhere = 0;
    for (const auto& packet : server.sent()) elsewhere += packet.octets == "elsewhere";
    CPPUNIT_ASSERT_EQUAL(size_t{3}, elsewhere);
  }
  void countsOctets() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    server.ear.onReceived = [&](const Flow& flow) { server.plugin.send(flow, "1234567"); };
    server.arrive("127.0.0.9:5060", "127.0.0.1:5060", "12345");
    server.turn();
    CPPUNIT_ASSERT_EQUAL(5.0, server.host.value("transport_received_octets_total"));
    CPPUNIT_ASSERT_EQUAL(1.0, server.host.value("transport_sent_total"));
    CPPUNIT_ASSERT_EQUAL(7.0, server.host.value("transport_sent_octets_total"));
  }
  // N01
  void choosesTheListenerOfTheFamily() {
    Server server("udp:127.0.0.1:5060, udp:[::1]:5060");
    server.started();
    const auto* v6 = server.plugin.listenerFor(Protocol::udp, at("[2001:db8::1]:1").address, &server.plugin.listeners()[0]);
    CPPUNIT_ASSERT(v6 == &server.plugin.listeners()[1]);
    CPPUNIT_ASSERT(!server.plugin.listenerFor(Protocol::tcp, at("192.0.2.1:1").address, nullptr));
    CPPUNIT_ASSERT(!server.plugin.listenerFor(Protocol::udp, Runtime::IpAddress(), nullptr));
  }
  void prefersTheGivenListener() {
    Server server("udp:192.0.2.1:5060, udp:192.0.2.2:5060");
    server.started();
    const auto listeners = server.plugin.listeners();
    CPPUNIT_ASSERT(server.plugin.listenerFor(Protocol::udp, at("192.0.2.9:1").address, &listeners[1]) == &listeners[1]);
    CPPUNIT_ASSERT(server.plugin.listenerFor(Protocol::udp, at("192.0.2.9:1").address, nullptr) == &listeners[0]);
  }
  // REQ 82
  void leavesByTheRouteOfTheMachine() {
    Server server("udp:10.0.0.1:5060, udp:192.0.2.1:5060, udp:192.0.2.1:5070");
    FakeRoutes routes;
    routes.sources[at("203.0.113.9:1").address] = at("192.0.2.1:1").address;
    server.host.services().override_<Routes>(routes);
    server.started();
    const auto listeners = server.plugin.listeners();
    const auto leaves = [&](const char* target, const Listener* received) {
      return static_cast<int>(server.plugin.routeTo(Protocol::udp, at(target).address, received)->id);
    };
    CPPUNIT_ASSERT_EQUAL(1, leaves("203.0.113.9:1", &listeners[0]));
    CPPUNIT_ASSERT_EQUAL(2, leaves("203.0.113.9:1", &listeners[2]));  // the one that it came by
    CPPUNIT_ASSERT_EQUAL(1, leaves("203.0.113.9:1", nullptr));
    CPPUNIT_ASSERT_EQUAL(1, routes.asked);
    CPPUNIT_ASSERT_EQUAL(2, leaves("203.0.113.10:1", &listeners[2]));  // no route
    routes.sources[at("203.0.113.9:1").address] = at("10.0.0.1:1").address;
    server.host.environment_.advance(std::chrono::seconds(10));
    CPPUNIT_ASSERT_EQUAL(0, leaves("203.0.113.9:1", &listeners[1]));
  }
  void asksForNoRouteWithoutAChoice() {
    Server server("udp:10.0.0.1:5060, udp:10.0.0.1:5070, udp:[2001:db8::1]:5060");
    FakeRoutes routes;
    server.host.services().override_<Routes>(routes);
    server.started();
    const auto listeners = server.plugin.listeners();
    CPPUNIT_ASSERT(server.plugin.routeTo(Protocol::udp, at("203.0.113.9:1").address, &listeners[1]) == &listeners[1]);
    CPPUNIT_ASSERT(server.plugin.routeTo(Protocol::udp, at("[2001:db8::9]:1").address, &listeners[1]) == &listeners[2]);
    CPPUNIT_ASSERT_EQUAL(0, routes.asked);
  }
  void prefersAListenerThatReachesTheTarget() {
    Server server("udp:127.0.0.1:5060, udp:192.0.2.2:5060");
    server.started();
    const auto listeners = server.plugin.listeners();
    CPPUNIT_ASSERT(server.plugin.listenerFor(Protocol::udp, at("192.0.2.9:1").address, &listeners[0]) == &listeners[1]);
    CPPUNIT_ASSERT(server.plugin.listenerFor(Protocol::udp, at("127.0.0.9:1").address, &listeners[0]) == &listeners[0]);
  }
  void knowsItselfOnWildcardListeners() {
    Server server("udp:0.0.0.0:5060");
    server.started();
    CPPUNIT_ASSERT(server.plugin.isOurs(at("127.0.0.1:5060")));
    CPPUNIT_ASSERT(server.plugin.isOurs(at("127.3.2.1:5060")));
    CPPUNIT_ASSERT(!server.plugin.isOurs(at("127.0.0.1:5061")));
    CPPUNIT_ASSERT(!server.plugin.isOurs(at("203.0.113.77:5060")));
    CPPUNIT_ASSERT(!server.plugin.isOurs(at("[::1]:5060")));
    CPPUNIT_ASSERT(server.plugin.listeners()[0].host != "0.0.0.0");
  }
  void knowsItsAdvertisedAddress() {
    Server server("udp:0.0.0.0:5060/203.0.113.77:5070");
    server.started();
    CPPUNIT_ASSERT(server.plugin.isOurs(at("203.0.113.77:5070")));
    CPPUNIT_ASSERT(!server.plugin.isOurs(at("203.0.113.77:5060")));
  }
  void isQuietAfterStop() {
    Server server("udp:127.0.0.1:5060");
    server.started();
    server.plugin.send(server.flow("127.0.0.9:9"), "x");
    const Flow flow = server.flow("127.0.0.9:5060");
    for (int i = 0; i < 64; ++i) server.plugin.send(server.flow("127.0.0.9:9"), "x");  // a refusal is under way
    server.plugin.stop();
    CPPUNIT_ASSERT(!server.plugin.send(flow, "x"));
    server.turn();
    CPPUNIT_ASSERT(server.ear.failures.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TransportTest);
