#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <random>

#include "Ground.h"
#include "Protos.h"
#include "Size.h"
#include "Sound.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// The same hostile octets by TCP: the same reactions as by UDP, whatever pieces they come in, but where a stream needs its own.
class StreamTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(StreamTest);
  CPPUNIT_TEST(proxyReactsByTcpAsByUdp);
  CPPUNIT_TEST(registrarReactsByTcpAsByUdp);
  CPPUNIT_TEST(whatFollowsABodyIsTheNextMessage);
  CPPUNIT_TEST(piecesOfAnySizeMakeNoDifference);
  CPPUNIT_TEST(cutMessagesEndTheirConnection);
  CPPUNIT_TEST(judgesSingleFieldsByTcpAsByUdp);
  CPPUNIT_TEST(refusesNumbersOfFramingAndCloses);
  CPPUNIT_TEST(livesThroughChangedOctets);
  CPPUNIT_TEST_SUITE_END();

  struct Result {
    std::string reaction;
    bool closed = false;
    bool operator==(const Result&) const = default;
  };

  /// By a connection of its own from another port each time. The virtual network forgets no connection, so now and then there is a new
  /// world.
  class Caller {
   public:
    explicit Caller(const std::string& configuration) : _configuration(configuration) { renew(); }
    bool alive() { return _ground->alive(); }
    World& world() { return _ground->world(); }
    Result play(const std::string& octets, size_t chunk = SIZE_MAX) {
      if (++_played % 300 == 0) renew();
      World& world = _ground->world();
      const auto from = *Runtime::Endpoint::parse("203.0.113.9:" + std::to_string(next()));
      if (!octets.empty()) world.sendByStream(from, world.listener(true), octets, chunk);
      std::vector<FakeNetwork::Packet> sent;
      const auto collect = [&] {
        for (auto& one : world.take())
          if (!(one.packet.stream && one.packet.octets == "\r\n")) sent.push_back(std::move(one.packet));
      };
      collect();
      bool closed = world.connections().isClosed(from);  // at once, or when the message takes too long
      world.runUntil(world.time() + 5s);
      closed = closed || world.connections().isClosed(from);
      world.connections().close(from);
      world.runUntil(world.time() + 250s);
      world.turn();
      collect();
      return {reactionOf(sent), closed};
    }

   private:
    void renew() {
      if (_ground) {
        CPPUNIT_ASSERT(_ground->alive());
        CPPUNIT_ASSERT_EQUAL(0.0, world().metric("tm_transactions"));
      }
      _ground.reset();
      _ground = std::make_unique<Ground>(_configuration);
    }
    std::string _configuration;
    std::unique_ptr<Ground> _ground;
    size_t _played = 0;
    uint16_t next() { return _port = static_cast<uint16_t>(_port == 60000 ? 20000 : _port + 1); }
    uint16_t _port = 20000;
  };

  /// Where a stream differs from a datagram, and why.
  static const std::map<std::string, Result>& differences() {
    static const std::map<std::string, Result> all = {
        {"rfc4475/clerr.dat", {"drop", true}},   // waits for the missing octets, in vain
        {"rfc4475/baddn.dat", {"drop", true}},   // waits for the empty line
        {"rfc4475/ncl.dat", {"400", true}},      // where the next message begins is not known any more
        {"rfc4475/mcl01.dat", {"400", true}},    //
        {"rfc4475/inv2543.dat", {"400", true}},  // a stream needs Content-Length (RFC 3261, 18.3)
        {"rfc4475/bcast.dat", {"drop", false}},
    };
    return all;
  }

  /// Whether a stream finds its end where a datagram has it.
  static bool isFramed(const std::string& octets, const std::string& name) {
    const size_t headers = octets.find("\r\n\r\n");
    if (headers == octets.npos || octets.starts_with("\r\n") || octets.size() > 30000) return false;
    return !octets.starts_with("REGISTER") && octets.size() == headers + 4 + 90 && !name.starts_with("Content-Length");
  }

  static void react(const std::string& configuration, size_t column) {
    Caller caller(configuration);
    std::string unlike;
    for (const auto& row : readTable("REACTIONS.tsv")) {
      if (row[0] == "rfc4475/dblreq.dat") continue;  // two messages here: the next test
      const Result result = caller.play(readTorture(row[0]));
      const auto other = differences().find(row[0]);
      const Result wanted = other != differences().end() ? other->second : Result{row[column], false};
      if (result != wanted)
        unlike += "\n  " + row[0] + ": " + result.reaction + (result.closed ? ", closed" : "") + ", not " + wanted.reaction;
      CPPUNIT_ASSERT_MESSAGE(row[0], caller.alive());
    }
    CPPUNIT_ASSERT_EQUAL(std::string(), unlike);
  }

 public:
  // A01, A02, A03, A04
  void proxyReactsByTcpAsByUdp() { react("proxy.xml", 1); }
  void registrarReactsByTcpAsByUdp() { react("registrar.xml", 2); }

  // dblreq
  void whatFollowsABodyIsTheNextMessage() {
    Caller caller("registrar.xml");
    CPPUNIT_ASSERT_EQUAL(std::string("200 and 404"), caller.play(readTorture("rfc4475/dblreq.dat")).reaction);
    const std::string two = Sound("OPTIONS").add("Content-Length", "0").octets() +
                            Sound("INVITE").with("Via", "SIP/2.0/TCP h;branch=z9hG4bKtwo").add("Content-Length", "0").octets();
    CPPUNIT_ASSERT_EQUAL(std::string("200 and 404"), caller.play(two).reaction);
    CPPUNIT_ASSERT(!caller.play(two).closed);
  }

  // A06
  void piecesOfAnySizeMakeNoDifference() {
    Caller caller("proxy.xml");
    std::mt19937 random(6);
    for (const auto& row : readTable("REACTIONS.tsv")) {
      const std::string octets = readTorture(row[0]);
      const Result whole = caller.play(octets);
      for (const size_t chunk : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{8 + random() % 100}}) {
        const Result pieces = caller.play(octets, chunk);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(row[0], whole.reaction, pieces.reaction);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(row[0], whole.closed, pieces.closed);
      }
    }
    CPPUNIT_ASSERT(caller.alive());
  }

  // A05, A33
  void cutMessagesEndTheirConnection() {
    Caller caller("proxy.xml");
    const size_t step = releaseSize() ? 1 : 11;
    size_t from = 0;
    for (const auto& row : readTable("REACTIONS.tsv")) {
      const std::string octets = readTorture(row[0]);
      const size_t headers = octets.find("\r\n\r\n");
      for (size_t length = 1 + ++from % step; length < std::min(headers, octets.size()); length += step) {
        const Result result = caller.play(octets.substr(0, length));
        CPPUNIT_ASSERT_MESSAGE(row[0] + " cut at " + std::to_string(length) + ": " + result.reaction,
                               result.closed && (result.reaction == "drop" || result.reaction == "400"));
      }
      CPPUNIT_ASSERT(caller.alive());
    }
    CPPUNIT_ASSERT_EQUAL(0.0, caller.world().metric("transport_connections"));
  }

  // A10 to A18, A24, A28, A38: one policy on all transports
  void judgesSingleFieldsByTcpAsByUdp() {
    std::map<size_t, std::string> byUdp;
    const Protos protos;
    std::string name;
    {
      Ground ground("proxy.xml");
      for (size_t i = 0; i < protos.size(); i += releaseSize() ? 1 : 5)
        if (const std::string octets = protos.at(i, name); isFramed(octets, name)) byUdp[i] = reactionOf(ground.play(octets));
    }
    Caller caller("proxy.xml");
    size_t refused = 0;
    for (const auto& [index, wanted] : byUdp) {
      const std::string octets = protos.at(index, name);
      const Result byTcp = caller.play(octets);
      refused += wanted != "forward";
      if (byTcp.closed && byTcp.reaction == "drop" && !Parser::isToken(octets.substr(0, 1)))
        continue;  // no SIP: nothing is looked for in it
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name + "\n" + octets, wanted, byTcp.reaction);
    }
    CPPUNIT_ASSERT(byUdp.size() > 500 && refused > 200);
    CPPUNIT_ASSERT(caller.alive());
  }

  // A14, A31: what tells where the next message begins
  void refusesNumbersOfFramingAndCloses() {
    Caller caller("proxy.xml");
    for (const char* length : {"-1", "+1", "0x10", "1.5", "7O", "", "1 1", "2147483648", "2147483649", "4294967296", "1099511627776",
                               "0, 0", "18446744073709551616"}) {
      const Result result = caller.play(Sound().with("Content-Length", length).octets() + Sound().octets());
      CPPUNIT_ASSERT_MESSAGE(length + (" " + result.reaction),
                             result.closed && (result.reaction == "400" || result.reaction == "413" || result.reaction == "513"));
      CPPUNIT_ASSERT(caller.alive());
    }
    for (const auto& [first, second] : {std::pair("Content-Length", "l"), {"l", "Content-Length"}, {"Content-Length ", "content-length"}}) {
      const Result result = caller.play(Sound().add(first, "0").add(second, "5").octets() + Sound().octets());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(first, std::string("400"), result.reaction);
      CPPUNIT_ASSERT(result.closed);
    }
  }

  // A08
  void livesThroughChangedOctets() {
    Caller caller("proxy.xml");
    const std::string octets = Sound().add("Content-Length", "0");
    const size_t step = releaseSize() ? 7 : 211;
    for (size_t change = 0; change < octets.size() * 256; change += step) {
      std::string changed = octets;
      changed[change / 256] = static_cast<char>(change % 256);
      const std::string reaction = caller.play(changed).reaction;
      CPPUNIT_ASSERT_MESSAGE(changed, reaction == "forward" || reaction == "drop" || reaction[0] == '4' || reaction[0] == '5');
      CPPUNIT_ASSERT_MESSAGE(changed, caller.alive());
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StreamTest);

}  // namespace Patchbay::Testsuite
