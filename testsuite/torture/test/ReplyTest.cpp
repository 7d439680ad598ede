#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "Ground.h"
#include "Probe.h"
#include "Size.h"
#include "Sound.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// Hostile replies to a request that waits for one: what goes on upstream is sound, and the way back is the request's.
class ReplyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ReplyTest);
  CPPUNIT_TEST(transactionsLiveThroughChangedReplies);
  CPPUNIT_TEST(statelessForwardingLivesThroughChangedReplies);
  CPPUNIT_TEST(transactionsLiveThroughCutReplies);
  CPPUNIT_TEST_SUITE_END();

  static Runtime::Endpoint callee() { return *Runtime::Endpoint::parse("198.51.100.7:5060"); }

  /// A call that rings, again and again.
  class Call {
   public:
    explicit Call(const std::string& configuration) : _ground(configuration) { begin(); }
    const std::string& ringing() const { return _ringing; }
    void reply(const std::string& octets) {
      World& world = _ground.world();
      world.send(callee(), world.listener(), octets);
      for (const auto& sent : world.take()) check(octets, sent.packet);
      if (++_replies % 100 == 0) begin();  // one of them may have ended it
    }
    void end() {
      _ground.world().runUntil(_ground.world().time() + 250s);
      for (const auto& sent : _ground.world().take()) check("the end", sent.packet);
      CPPUNIT_ASSERT_EQUAL(0.0, _ground.world().metric("tm_transactions"));
      CPPUNIT_ASSERT(_relayed > _replies / 100 && _relayed < _replies);
    }

   private:
    void begin() {
      World& world = _ground.world();
      CPPUNIT_ASSERT(_ground.alive());
      const std::string branch = "z9hG4bKcall" + std::to_string(_replies);
      world.send(Ground::stranger(), world.listener(),
                 Sound().with("Via", "SIP/2.0/UDP 203.0.113.9;branch=" + branch).with("Call-ID", branch));
      std::string vias, others;
      for (const auto& sent : world.take()) {
        if (!sent.packet.octets.starts_with("INVITE ")) continue;
        for (const std::string& line : linesOf(sent.packet.octets)) {
          const std::string name = nameOfLine(line);
          if (name == "via") vias += line + "\r\n";
          if (name == "from" || name == "call-id" || name == "cseq") others += line + "\r\n";
        }
      }
      CPPUNIT_ASSERT(!vias.empty());
      _ringing = "SIP/2.0 180 Ringing\r\n" + vias + others +
                 "To: <sip:joe@example.com>;tag=2\r\nContact: <sip:joe@198.51.100.7>\r\nContent-Length: 0\r\n\r\n";
    }
    void check(const std::string& cause, const FakeNetwork::Packet& packet) {
      if (packet.octets.starts_with("ACK ") || packet.octets.starts_with("CANCEL ") || packet.octets.starts_with("INVITE ")) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(cause, callee().toString(), packet.to.toString());
        return;
      }
      CPPUNIT_ASSERT_MESSAGE(cause + packet.octets, packet.octets.starts_with("SIP/2.0 "));
      if (packet.octets.starts_with("SIP/2.0 400 ") && packet.to == callee()) return;  // it was no reply any more
      Probe probe(packet.octets);
      // What is below our Via goes on as it came, found by the transaction; who put it there may not like it.
      const bool below = std::string_view(probe.message().fault().text) == "malformed topmost Via";
      CPPUNIT_ASSERT_MESSAGE(cause + "\nbecomes\n" + packet.octets, probe.status() == 0 || below);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(cause, Ground::stranger().toString(), packet.to.toString());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(cause, packet.octets.npos, packet.octets.find("192.0.2.1:5060;branch"));  // our Via is gone
      ++_relayed;
    }
    Ground _ground;
    std::string _ringing;
    size_t _replies = 0, _relayed = 0;
  };

  static void change(const std::string& configuration) {
    Call call(configuration);
    const size_t step = releaseSize() ? 7 : 101;
    for (size_t at = 0; at < call.ringing().size() * 256; at += step) {
      std::string octets = call.ringing();
      octets[(at / 256) % octets.size()] = static_cast<char>(at % 256);
      call.reply(octets);
    }
    call.end();
  }

 public:
  // A08, A22
  void transactionsLiveThroughChangedReplies() { change("proxy.xml"); }
  // A08, A23
  void statelessForwardingLivesThroughChangedReplies() { change("stateless.xml"); }

  // A05
  void transactionsLiveThroughCutReplies() {
    Call call("proxy.xml");
    for (size_t round = 0; round < 3; ++round)
      for (size_t length = 0; length <= call.ringing().size(); ++length) call.reply(call.ringing().substr(0, length));
    for (int i = 0; i < 20; ++i) call.reply(call.ringing());
    call.end();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReplyTest);

}  // namespace Patchbay::Testsuite
