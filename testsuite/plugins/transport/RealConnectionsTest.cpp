#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <atomic>
#include <thread>

#include "FakeHost.h"
#include "TransportPlugin.h"
#include "patchbay/runtime/Guarded.h"

using namespace Patchbay;
using namespace Patchbay::Transport;

namespace {

constexpr std::string_view Head = "OPTIONS sip:x SIP/2.0\r\nContent-Length: ";

std::string request(const std::string& body) {
  return std::string(Head) + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Answers each message with its own octets: on its own connection, or on that of the message before it.
struct Echo : Receiver {
  Service* service = nullptr;
  bool crosswise = false;
  Runtime::Guarded<Flow> before;
  std::atomic<uint64_t> workers{0};
  std::atomic<size_t> failures{0};
  void received(std::string_view octets, const Flow& flow) override {
    workers |= uint64_t{1} << Runtime::Worker::slot();
    const Flow last = before.with([&](Flow& kept) { return std::exchange(kept, flow); });
    service->send(crosswise && last ? last : flow, "SIP/2.0 200 " + std::string(octets.substr(octets.find("\r\n"))));
  }
  void failed(const Flow&, int) override { ++failures; }
};

struct RealHost : Testsuite::FakeHost {
  using FakeHost::FakeHost;
  Runtime::SystemClock clock;
  Runtime::ThreadedWorkers workers{2, clock};
  std::unique_ptr<Runtime::Network> network = Runtime::makeSystemNetwork();
  Runtime::Environment real{clock, workers, environment_.get().pool, *network, environment_.metrics, environment_.get().random};
  Runtime::Environment& environment() override { return real; }
};

std::string read(Poco::Net::StreamSocket& socket, size_t octets) {
  std::string got;
  std::array<char, 65536> room;
  while (got.size() < octets) {
    const int count = socket.receiveBytes(room.data(), static_cast<int>(std::min(room.size(), octets - got.size())));
    if (count <= 0) break;
    got.append(room.data(), static_cast<size_t>(count));
  }
  return got;
}

void write(Poco::Net::StreamSocket& socket, const std::string& octets) {
  for (size_t at = 0; at < octets.size();)
    at += static_cast<size_t>(socket.sendBytes(octets.data() + at, static_cast<int>(octets.size() - at)));
}

}  // namespace

/// Connections of the machine, two workers with real threads, loopback.
class RealConnectionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RealConnectionsTest);
  CPPUNIT_TEST(answersOverIpv4AndIpv6);
  CPPUNIT_TEST(sendsByConnectionsOfOtherWorkers);
  CPPUNIT_TEST(connectsAndTellsWhatFails);
  CPPUNIT_TEST(movesMuch);
  CPPUNIT_TEST_SUITE_END();

 public:
  void answersOverIpv4AndIpv6() {
    run([](TransportPlugin& plugin, Echo&) {
      for (const auto& listener : plugin.listeners()) {
        Poco::Net::StreamSocket peer{Poco::Net::SocketAddress(listener.hostPort)};
        for (int i = 0; i < 100; ++i) {
          write(peer, request(std::to_string(i)));
          const std::string answer = "SIP/2.0 200 " + request(std::to_string(i)).substr(21);
          CPPUNIT_ASSERT_EQUAL(answer, read(peer, answer.size()));
        }
      }
    });
  }
  void sendsByConnectionsOfOtherWorkers() {
    run([](TransportPlugin& plugin, Echo& echo) {
      echo.crosswise = true;
      std::vector<Poco::Net::StreamSocket> peers;
      // the system spreads connections over the workers: that all of 64 go to one has odds of 2^-63
      for (int i = 0; i < 64; ++i) peers.emplace_back(Poco::Net::SocketAddress(plugin.listeners()[0].hostPort));
      const std::string answer = "SIP/2.0 200 " + request("x").substr(21);
      write(peers[0], request("x"));
      CPPUNIT_ASSERT_EQUAL(answer, read(peers[0], answer.size()));
      for (size_t i = 1; i < peers.size(); ++i) {
        write(peers[i], request("x"));
        CPPUNIT_ASSERT_EQUAL(answer, read(peers[i - 1], answer.size()));
      }
      CPPUNIT_ASSERT_EQUAL(uint64_t{6}, echo.workers.load());
    });
  }
  // B20
  void connectsAndTellsWhatFails() {
    run([](TransportPlugin& plugin, Echo& echo) {
      Poco::Net::ServerSocket callee(Poco::Net::SocketAddress("127.0.0.1:0"));
      Poco::Net::StreamSocket peer{Poco::Net::SocketAddress(plugin.listeners()[0].hostPort)};
      write(peer, request("x"));
      read(peer, 1);
      Flow flow = echo.before.with([](const Flow& kept) { return kept; });
      flow.connection = 0;
      flow.peer = Runtime::Endpoint::parse(callee.address().toString()).value();
      auto& worker = *_worker;
      worker.post([&plugin, flow] { plugin.send(flow, request("for the callee")); });
      auto taken = callee.acceptConnection();
      CPPUNIT_ASSERT_EQUAL(request("for the callee"), read(taken, request("for the callee").size()));
      CPPUNIT_ASSERT_EQUAL(size_t{0}, echo.failures.load());
      taken.close();  // the request is owed an answer
      while (echo.failures.load() == 0) std::this_thread::yield();
      callee.close();
      worker.post([&plugin, flow] { plugin.send(flow, request("to nobody")); });
      while (echo.failures.load() == 1) std::this_thread::yield();
    });
  }
  // B01, B11: more than any socket's buffer, while nobody reads
  void movesMuch() {
    run([](TransportPlugin& plugin, Echo&) {
      Poco::Net::StreamSocket peer{Poco::Net::SocketAddress(plugin.listeners()[0].hostPort)};
      const std::string body(8000, 'x');
      const std::string one = "SIP/2.0 200 " + request(body).substr(21);
      constexpr size_t Count = 2000;
      std::thread writer([&] {
        for (size_t i = 0; i < Count; ++i) write(peer, request(body));
      });
      const auto got = read(peer, Count * one.size());
      writer.join();
      CPPUNIT_ASSERT_EQUAL(Count * one.size(), got.size());
      for (size_t i = 0; i < Count; ++i) CPPUNIT_ASSERT(got.compare(i * one.size(), one.size(), one) == 0);
    });
  }

 private:
  static inline Runtime::Worker* _worker = nullptr;
  template <class Check>
  void run(Check check) {
    TransportPlugin plugin;
    RealHost host(plugin, Testsuite::FakeHost::SettingsMap{{"listen", "tcp:127.0.0.1:0, tcp:[::1]:0"}});
    Echo echo;
    echo.service = &plugin;
    plugin.configure(host);
    plugin.attach(echo);
    plugin.listen();
    _worker = &host.workers.at(0);
    host.workers.start();
    check(plugin, echo);
    host.workers.stop();
    plugin.stop();
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RealConnectionsTest);
