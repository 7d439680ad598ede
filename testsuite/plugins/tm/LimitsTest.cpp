#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <set>

#include "Allocations.h"
#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Testing::Sent;
using Testing::Stage;

/// What there may not be too much of: memory, octets, branches.
class LimitsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LimitsTest);
  CPPUNIT_TEST(noMemoryLeavesNoTransactionBehind);
  CPPUNIT_TEST(requestTooLongIs513);
  CPPUNIT_TEST(replyTooLongBecomes500);
  CPPUNIT_TEST(ownReplyTooLongBecomes500);
  CPPUNIT_TEST(attackByForkingLoopEndsAtItsFirstReturn);
  CPPUNIT_TEST(maxBreadthBoundsWhatIsOpenAtOnce);
  CPPUNIT_TEST(copyThatAnotherWorkerIsFasterWithIsAbsorbed);
  CPPUNIT_TEST(mergedRequestIs482);
  CPPUNIT_TEST(mergedRequestsArePassedOn);
  CPPUNIT_TEST(mergedRequestsAreForgotten);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { _stage.enter(); }
  // H18
  void noMemoryLeavesNoTransactionBehind() {
    size_t nth = 1;
    for (bool failed = true; failed; ++nth) {
      CPPUNIT_ASSERT(nth < 500);
      Stage stage;
      CPPUNIT_ASSERT(!stage.receive(Stage::request("INVITE")));
      for (const char* uri : {"sip:carol@10.0.0.3", "sip:dave@10.0.0.4"}) {
        Core::Destination destination;
        destination.uri = uri;
        CPPUNIT_ASSERT(stage.current->destinations.add(destination));
      }
      RelayManner manner;
      failAllocation(nth);
      try {
        Relay(stage.tm, stage.machine, *stage.current, manner).run();
      } catch (const std::bad_alloc&) {  // as the machine would: an error
      }
      failed = stopFailing();
      if (!stage.current->transaction) continue;         // refused before there was one
      stage.core.answer(*stage.current, {.code = 503});  // by the error pipeline, when t_relay has not answered
      for (int i = 0; i < 80; ++i) {
        stage.advance(1s);
        if (i == 0) stage.receive(Stage::request("ACK"));
      }
      CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(nth), size_t{0}, stage.tm.transactions());
    }
    CPPUNIT_ASSERT(nth > 5);
    _stage.enter();
  }
  void requestTooLongIs513() {
    _stage.limits = Parser::Limits::none();
    std::string text = Stage::request("MESSAGE");
    text.replace(text.find("Length: 0"), 9, "Length: 65500").append(65500, 'x');
    CPPUNIT_ASSERT(!_stage.receive(text));
    _stage.relay();
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("MESSAGE"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.sent().size());
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 513 Ours"), _stage.sent()[0].line());
  }
  void replyTooLongBecomes500() {
    _stage.call();
    _stage.transport.longest = 1000;
    _stage.answer(0, 486, "callee", "Subject: " + std::string(2000, 'x') + "\r\n");
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Ours"), _stage.last("SIP/2.0").line());
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    _stage.advance(70s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void ownReplyTooLongBecomes500() {
    _stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(_stage.tm.newTransaction(*_stage.current));
    _stage.transport.longest = 1000;
    const std::string lines = "Subject: " + std::string(2000, 'x') + "\r\n";
    CPPUNIT_ASSERT(!_stage.core.answer(*_stage.current, {.code = 404, .lines = lines}));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Ours"), _stage.last("SIP/2.0").line());
  }
  // D20
  void attackByForkingLoopEndsAtItsFirstReturn() {
    const size_t requests = reflect(Stage::request("INVITE", "z9hG4bKattack", {}, "sip:a@10.0.0.100"), 2);
    CPPUNIT_ASSERT_EQUAL(size_t{6}, requests);  // a to b twice, each of these to a twice: four are refused
    CPPUNIT_ASSERT_EQUAL(size_t{4}, _refused);
    _stage.advance(70s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // D20, D22
  void maxBreadthBoundsWhatIsOpenAtOnce() {
    _renames = true;  // each return has a new Request-URI: no loop, a spiral without end
    std::vector<std::string> level{Stage::request("INVITE", "z9hG4bKattack", {}, "sip:a@10.0.0.100")};
    size_t at = 0;
    for (const size_t expected : {size_t{12}, size_t{60}, size_t{60}}) {  // of 60: 5 each, then 1 each
      std::vector<std::string> next;
      size_t requests = 0;
      for (const std::string& invite : level) {
        CPPUNIT_ASSERT(!_stage.receive(invite, "10.0.0.2:5060"));
        forkTo(12);
      }
      for (; at < _stage.sent().size(); ++at) take(_stage.sent()[at], next, requests);
      CPPUNIT_ASSERT_EQUAL(expected, requests);
      level = std::move(next);
    }
  }
  // SVS, REQ 17
  void copyThatAnotherWorkerIsFasterWithIsAbsorbed() {
    _stage.receive(Stage::request("INVITE"));
    auto& slower = *_stage.current;
    _stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(_stage.tm.adopt(*_stage.current));
    _stage.enter();
    CPPUNIT_ASSERT(!slower.transaction);
    CPPUNIT_ASSERT(_stage.tm.adopt(slower));
    CPPUNIT_ASSERT(Transactions::isAbsorbed(slower));
    CPPUNIT_ASSERT(!_stage.core.answer(slower, {.code = 503}));
    _stage.environment.turn();
    CPPUNIT_ASSERT(_stage.take().empty());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());
  }
  // D16
  void mergedRequestIs482() {
    for (const char* branch : {"z9hG4bKpath1", "z9hG4bKpath2"}) {
      CPPUNIT_ASSERT(!_stage.receive(Stage::request("REGISTER", branch)));
      CPPUNIT_ASSERT(_stage.tm.newTransaction(*_stage.current));
      CPPUNIT_ASSERT(_stage.core.answer(*_stage.current, {.code = 200}));
    }
    CPPUNIT_ASSERT((std::vector<std::string>{"SIP/2.0 200 Ours > 10.0.0.1:5060", "SIP/2.0 482 Merged Request > 10.0.0.1:5060"}) ==
                   _stage.take());
    CPPUNIT_ASSERT(_stage.receive(Stage::request("REGISTER", "z9hG4bKpath1")));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 200"));
  }
  // D16
  void mergedRequestsArePassedOn() {
    for (const char* branch : {"z9hG4bKpath1", "z9hG4bKpath2"}) {
      CPPUNIT_ASSERT(!_stage.receive(Stage::request("INVITE", branch)));
      _stage.relay();
    }
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("INVITE"));
  }
  // D16
  void mergedRequestsAreForgotten() {
    for (const char* branch : {"z9hG4bKpath1", "z9hG4bKpath2"}) {
      CPPUNIT_ASSERT(!_stage.receive(Stage::request("REGISTER", branch)));
      CPPUNIT_ASSERT(_stage.tm.newTransaction(*_stage.current));
      CPPUNIT_ASSERT(_stage.core.answer(*_stage.current, {.code = 200}));
      _stage.advance(33s);
    }
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 200"));
  }

 private:
  /// A proxy at 10.0.0.2 that sends every INVITE back to us: to `b` what was for `a` and the other way round. Each of ours forks to
  /// `targets` of it. The requests that it got.
  size_t reflect(std::string invite, size_t targets) {
    size_t at = 0, requests = 0;
    std::vector<std::string> back{std::move(invite)};
    while (!back.empty() && requests < 2000) {
      const std::string text = std::move(back.back());
      back.pop_back();
      if (!_stage.receive(text, "10.0.0.2:5060")) forkTo(targets);
      for (; at < _stage.sent().size(); ++at) take(_stage.sent()[at], back, requests);
    }
    return requests;
  }
  void forkTo(size_t targets) {
    const std::string user(_stage.current->uri()->user);
    const std::string other = _renames ? user + "x" : user == "a" ? "b" : "a";
    std::vector<std::string> uris;
    for (size_t i = 0; i < targets; ++i) uris.push_back("sip:" + other + "@10.0.0.2;x=" + std::to_string(i));
    _stage.relay(uris);
  }
  void take(const Sent& sent, std::vector<std::string>& back, size_t& requests) {
    if (sent.line().starts_with("SIP/2.0 482") || sent.line().starts_with("SIP/2.0 440")) ++_refused;
    if (!sent.line().starts_with("INVITE") || sent.to() != "10.0.0.2:5060") return;
    ++requests;
    const std::string via = sent.header("Via");
    if (!_seen.insert(via).second) {
      --requests;
      return;
    }
    std::string text = sent.text;
    const size_t user = text.find("sip:") + 4, host = text.find('@');
    const std::string name = text.substr(user, host - user);
    text.replace(0, text.find("\r\n") + 2,
                 "INVITE sip:" + name + "@10.0.0.100 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKback" +
                     std::to_string(_seen.size()) + "\r\n");
    back.push_back(std::move(text));
  }
  Stage _stage;
  std::set<std::string> _seen;
  size_t _refused = 0;
  bool _renames = false;
};
CPPUNIT_TEST_SUITE_REGISTRATION(LimitsTest);
