#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cstring>

#include "Ground.h"
#include "Probe.h"
#include "Protos.h"
#include "Size.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// The whole server under hostile octets: whatever comes, the next sound request is answered, and what it sends itself is sound.
class ServerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ServerTest);
  CPPUNIT_TEST(proxyLivesThroughCuts);
  CPPUNIT_TEST(registrarLivesThroughCuts);
  CPPUNIT_TEST(proxyLivesThroughEveryValueInEveryPlace);
  CPPUNIT_TEST(registrarLivesThroughEveryValueInEveryPlace);
  CPPUNIT_TEST(shippedRulesLiveThroughEveryValueInEveryPlace);
  CPPUNIT_TEST(proxyLivesThroughChangedOctets);
  CPPUNIT_TEST_SUITE_END();

  /// Plays one after the other without waiting; time passes every 500 messages.
  class Play {
   public:
    explicit Play(const std::string& configuration) : _ground(configuration) {}
    void message(const std::string& name, const std::string& octets) {
      World& world = _ground.world();
      world.send(Ground::stranger(), world.listener(), octets);
      check(name);
      CPPUNIT_ASSERT_MESSAGE(name, _ground.alive());
      if (++_played % 500 == 0) pass(name);
    }
    void end() {
      pass("the end");
      const double seen = _ground.world().metric("core_malformed_total") + _ground.world().metric("core_requests_total") +
                          _ground.world().metric("core_replies_received_total") + _ground.world().metric("transport_dropped_total");
      CPPUNIT_ASSERT_EQUAL(2.0 * static_cast<double>(_played), seen);
      CPPUNIT_ASSERT(_played > 2000 && _ground.world().metric("core_malformed_total") > 500);
      CPPUNIT_ASSERT_EQUAL(0.0, _ground.world().metric("tm_transactions"));
      CPPUNIT_ASSERT_EQUAL(0.0, _ground.world().metric("pipeline_suspended"));
      CPPUNIT_ASSERT_EQUAL(0.0, _ground.world().metric("core_unsettled_total"));
    }

   private:
    void pass(const std::string& name) {
      _ground.world().runUntil(_ground.world().time() + 250s);
      check(name);
    }
    void check(const std::string& name) {
      for (const auto& sent : _ground.world().take()) {
        const auto& packet = sent.packet;
        CPPUNIT_ASSERT_MESSAGE(name, packet.to.port != 0);
        Probe probe(packet.octets);
        if (probe.message().isRequest() || probe.message().status() < 400)
          CPPUNIT_ASSERT_MESSAGE(name + ": " + probe.message().fault().text + ":\n" + packet.octets, probe.status() == 0);
        else
          refusal(name, packet.octets, probe.message());
      }
    }
    /// A refusal repeats what was broken, but its own lines are sound, and nothing slipped in between them.
    void refusal(const std::string& name, const std::string& octets, Parser::Message& reply) {
      CPPUNIT_ASSERT_MESSAGE(name + ":\n" + octets, reply.status() >= 400 && reply.status() < 600 && reply.has(Parser::HeaderId::via));
      CPPUNIT_ASSERT_MESSAGE(name + ":\n" + octets, !reply.fault() || !hasControl(octets));
      CPPUNIT_ASSERT_MESSAGE(name + ":\n" + octets, reply.body().empty() && octets.ends_with("\r\nContent-Length: 0\r\n\r\n"));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name + ":\n" + octets, octets.size() - 4, octets.find("\r\n\r\n"));
    }
    static bool hasControl(const std::string& octets) {
      return std::any_of(octets.begin(), octets.end(), [](unsigned char c) { return c < 0x20 && !std::memchr("\t\r\n", c, 3); });
    }
    Ground _ground;
    size_t _played = 0;
  };

  static void cuts(const std::string& configuration) {
    Play play(configuration);
    const size_t step = releaseSize() ? 1 : 3;
    size_t from = 0;
    for (const auto& row : readTable("REACTIONS.tsv")) {
      const std::string octets = readTorture(row[0]);
      for (size_t length = ++from % step; length < octets.size(); length += step)
        play.message(row[0] + " cut at " + std::to_string(length), octets.substr(0, length));
    }
    play.end();
  }

  static void values(const std::string& configuration) {
    Play play(configuration);
    const Protos protos;
    for (size_t i = 0; i < protos.size(); ++i) {
      std::string name;
      const std::string octets = protos.at(i, name);
      if (octets.size() <= 65507) play.message(name, octets);
    }
    play.end();
  }

 public:
  // A05
  void proxyLivesThroughCuts() { cuts("proxy.xml"); }
  void registrarLivesThroughCuts() { cuts("registrar.xml"); }
  // A09
  void proxyLivesThroughEveryValueInEveryPlace() { values("proxy.xml"); }
  void registrarLivesThroughEveryValueInEveryPlace() { values("registrar.xml"); }
  void shippedRulesLiveThroughEveryValueInEveryPlace() { values("shipped.xml"); }

  // A08: a part of what the parser alone gets
  void proxyLivesThroughChangedOctets() {
    Play play("proxy.xml");
    const size_t step = releaseSize() ? 53 : 1009;
    const auto rows = readTable("REACTIONS.tsv");
    for (size_t i = 0; i < rows.size(); i += 3) {
      const std::string octets = readTorture(rows[i][0]);
      for (size_t change = i % step; change < octets.size() * 256; change += step) {
        std::string changed = octets;
        changed[change / 256] = static_cast<char>(change % 256);
        play.message(rows[i][0] + " changed " + std::to_string(change), changed);
      }
    }
    play.end();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServerTest);

}  // namespace Patchbay::Testsuite
