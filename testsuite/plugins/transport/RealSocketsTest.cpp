#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <future>
#include <thread>

#include "FakeHost.h"
#include "TransportPlugin.h"

using namespace Patchbay;
using namespace Patchbay::Transport;

namespace {

/// Answers each datagram with its own octets, on whatever worker it came to; "knock ADDRESS" has it sent there, too.
struct Echo : Receiver {
  Service* service = nullptr;
  std::atomic<size_t> failures{0};
  std::atomic<uint64_t> workers{0};
  void received(std::string_view octets, const Flow& flow) override {
    workers |= uint64_t{1} << Runtime::Worker::slot();
    if (octets.starts_with("knock ")) service->send({flow.listener, *Runtime::Endpoint::parse(octets.substr(6)), 0}, "anybody there?");
    service->send(flow, octets);
  }
  void failed(const Flow& flow, int) override {
    lost = flow.peer;
    ++failures;
  }
  Runtime::Endpoint lost;
};

struct RealHost : Testsuite::FakeHost {
  using FakeHost::FakeHost;
  Runtime::SystemClock clock;
  Runtime::ThreadedWorkers workers{2, clock};
  std::unique_ptr<Runtime::Network> network = Runtime::makeSystemNetwork();
  Runtime::Environment real{clock, workers, environment_.get().pool, *network, environment_.metrics, environment_.get().random};
  Runtime::Environment& environment() override { return real; }
};

std::string answerTo(Poco::Net::DatagramSocket& socket, const std::string& text) {
  socket.sendBytes(text.data(), static_cast<int>(text.size()));
  char answer[65536];
  return {answer, static_cast<size_t>(socket.receiveBytes(answer, sizeof answer))};
}

bool canBind(const Poco::Net::SocketAddress& address) {
  try {
    Poco::Net::DatagramSocket socket(address);
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

}  // namespace

/// Sockets of the machine, two workers with real threads, loopback.
class RealSocketsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RealSocketsTest);
  CPPUNIT_TEST(answersOverIpv4AndIpv6);
  CPPUNIT_TEST(answersWithoutBatches);
  CPPUNIT_TEST(knowsTheRoutesOfTheSystem);
  CPPUNIT_TEST(aWildcardOfIpv6IsForIpv6Only);
  CPPUNIT_TEST(spreadsPeersOverTheWorkers);
  CPPUNIT_TEST(movesTheLongestDatagram);
  CPPUNIT_TEST(listenersComeAndGoUnderTraffic);
  CPPUNIT_TEST(answersAPeerAtAPortThatTakesConnections);
  CPPUNIT_TEST(tellsThatAPortIsClosed);
  CPPUNIT_TEST_SUITE_END();

 public:
  void answersOverIpv4AndIpv6() { checkEcho({{"listen", "udp:127.0.0.1:0, udp:[::1]:0"}}); }
  void answersWithoutBatches() { checkEcho({{"listen", "udp:127.0.0.1:0, udp:[::1]:0"}, {"batched", "no"}, {"segmented", "no"}}); }

  // REQ 82
  void knowsTheRoutesOfTheSystem() {
    SystemRoutes routes;
    for (const char* loopback : {"127.0.0.1", "::1"}) {
      const auto address = *Runtime::IpAddress::parse(loopback);
      CPPUNIT_ASSERT(routes.sourceFor(address) == address);
    }
    CPPUNIT_ASSERT(!routes.sourceFor(*Runtime::IpAddress::parse("255.255.255.255")));  // not without being asked to broadcast
  }

  // N08, N06: so no source ever is an IPv4 address in an IPv6 one
  void aWildcardOfIpv6IsForIpv6Only() {
    bool free = false;
    for (int i = 0; i < 5 && !free; ++i) {  // another program may have just that port of IPv4
      run({{"listen", "udp:[::]:0"}}, [&](TransportPlugin& plugin, Echo&) {
        const auto port = plugin.listeners()[0].local.port;
        Poco::Net::DatagramSocket peer(Poco::Net::SocketAddress::IPv6);
        peer.connect(Poco::Net::SocketAddress("::1", port));
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), answerTo(peer, "hello"));
        free = canBind(Poco::Net::SocketAddress("0.0.0.0", port));
      });
    }
    CPPUNIT_ASSERT(free);
  }

  void spreadsPeersOverTheWorkers() {
    run({{"listen", "udp:127.0.0.1:0"}}, [](TransportPlugin& plugin, Echo& echo) {
      // each peer's port picks a worker: that all of 64 pick one has odds of 2^-63
      for (int i = 0; i < 64; ++i) {
        Poco::Net::DatagramSocket peer;
        peer.connect(Poco::Net::SocketAddress(plugin.listeners()[0].hostPort));
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), answerTo(peer, "hello"));
      }
      CPPUNIT_ASSERT_EQUAL(uint64_t{6}, echo.workers.load());
    });
  }
  // L02: none is lost at the one that stays, whatever comes and goes beside it
  void listenersComeAndGoUnderTraffic() {
    const std::string stays = "udp:127.0.0.1:0";
    run({{"listen", stays}}, [&](TransportPlugin& plugin, Echo&) {
      const std::string first = plugin.listeners()[0].hostPort;
      std::atomic<int> answered{0};
      std::jthread traffic([&](std::stop_token over) {
        for (int i = 0; !over.stop_requested(); ++i) {
          Poco::Net::DatagramSocket peer;
          peer.connect(Poco::Net::SocketAddress(first));
          answered += answerTo(peer, std::to_string(i)) == std::to_string(i);
        }
      });
      for (int i = 0; i < 20; ++i) {
        const int before = answered;
        change(plugin, stays + ", udp:127.0.0.1:0, tcp:127.0.0.1:0");
        CPPUNIT_ASSERT_EQUAL(size_t{3}, plugin.listeners().size());
        Poco::Net::DatagramSocket peer;
        peer.connect(Poco::Net::SocketAddress(plugin.listeners()[1].hostPort));
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), answerTo(peer, "hello"));
        Poco::Net::StreamSocket stream{Poco::Net::SocketAddress(plugin.listeners()[2].hostPort)};
        change(plugin, stays);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, plugin.listeners().size());
        while (answered == before) std::this_thread::yield();
      }
    });
  }
  void answersAPeerAtAPortThatTakesConnections() {
    run({{"listen", "udp:127.0.0.1:0, tcp:127.0.0.1:0"}}, [](TransportPlugin& plugin, Echo&) {
      Poco::Net::DatagramSocket peer(Poco::Net::SocketAddress("127.0.0.1", plugin.listeners()[1].local.port));
      peer.setReceiveTimeout(Poco::Timespan(10, 0));
      peer.connect(Poco::Net::SocketAddress(plugin.listeners()[0].hostPort));
      CPPUNIT_ASSERT_EQUAL(std::string("hello"), answerTo(peer, "hello"));
    });
  }
  // B21
  void tellsThatAPortIsClosed() {
    run({{"listen", "udp:127.0.0.1:0"}}, [](TransportPlugin& plugin, Echo& echo) {
      Poco::Net::DatagramSocket peer, closed(Poco::Net::SocketAddress("127.0.0.1", 0));
      const std::string gone = closed.address().toString();
      closed.close();
      peer.connect(Poco::Net::SocketAddress(plugin.listeners()[0].hostPort));
      answerTo(peer, "knock " + gone);
      for (int i = 0; i < 10000 && !echo.failures; ++i) CPPUNIT_ASSERT_EQUAL(std::string("hello"), answerTo(peer, "hello"));
      CPPUNIT_ASSERT_EQUAL(size_t{1}, echo.failures.exchange(0));
      CPPUNIT_ASSERT_EQUAL(gone, echo.lost.toString());
    });
  }
  void movesTheLongestDatagram() {
    run({{"listen", "udp:127.0.0.1:0"}}, [](TransportPlugin& plugin, Echo&) {
      Poco::Net::DatagramSocket peer;
      peer.connect(Poco::Net::SocketAddress(plugin.listeners()[0].hostPort));
      peer.setSendBufferSize(1 << 20);
      peer.setReceiveBufferSize(1 << 20);
      const std::string longest(Runtime::Outbox::LongestDatagram, 'A');
      CPPUNIT_ASSERT(answerTo(peer, longest) == longest);
    });
  }

 private:
  static void change(TransportPlugin& plugin, const std::string& listen) {
    Testsuite::FakeHost next(plugin, {{"listen", listen}, {"drain", "0s"}});
    plugin.prepare(next);
    CPPUNIT_ASSERT_MESSAGE(next.problems.toString(), !next.problems.hasErrors());
    plugin.commit();
  }
  template <class Check>
  void run(const Testsuite::FakeHost::SettingsMap& settings, Check check) {
    TransportPlugin plugin;
    RealHost host(plugin, settings);
    Echo echo;
    echo.service = &plugin;
    plugin.configure(host);
    plugin.attach(echo);
    plugin.listen();
    host.workers.start();
    check(plugin, echo);
    host.workers.stop();
    plugin.stop();
    CPPUNIT_ASSERT_EQUAL(size_t{0}, echo.failures.load());
  }
  void checkEcho(const Testsuite::FakeHost::SettingsMap& settings) {
    run(settings, [](TransportPlugin& plugin, Echo&) {
      for (const auto& listener : plugin.listeners()) {
        const Poco::Net::SocketAddress address(listener.hostPort);
        Poco::Net::DatagramSocket peer(address.family());
        peer.connect(address);
        for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT_EQUAL("message " + std::to_string(i), answerTo(peer, "message " + std::to_string(i)));
      }
    });
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RealSocketsTest);
