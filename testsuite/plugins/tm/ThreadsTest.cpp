#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <atomic>
#include <thread>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Testing::Sent;
using Testing::Stage;

namespace {

/// Hands every request that is sent to the other worker, which answers it there.
class CrossingTransport : public Testing::FakeTransport {
 public:
  CrossingTransport() : FakeTransport(still()) {}
  char* reserve(const Transport::Flow&, size_t octets) override {
    auto& room = _rooms[Runtime::Worker::slot()];
    room.assign(octets, '#');
    return room.data();
  }
  bool commit(const Transport::Flow& flow, size_t octets) override {
    const std::string text(_rooms[Runtime::Worker::slot()].data(), octets);
    if (text.compare(0, 7, "SIP/2.0") != 0) answerElsewhere({{}, flow, text});
    return true;
  }
  std::function<void(const Sent&)> answerElsewhere;

 private:
  static Testsuite::FakeClock& still() {
    static Testsuite::FakeClock clock;
    return clock;
  }
  std::array<std::vector<char>, 8> _rooms;
};

}  // namespace

/// Requests on one worker, their replies and CANCELs on the other, timers on both: what ThreadSanitizer looks at.
class ThreadsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ThreadsTest);
  CPPUNIT_TEST(everyTransactionEnds);
  CPPUNIT_TEST_SUITE_END();

 public:
  void everyTransactionEnds() {
    start();
    for (int i = 0; i < Calls; ++i) _workers.at(i % 2).post([this, i] { call(i); });
    while (_made.load() < Calls || _tm.transactions() > 0) std::this_thread::yield();
    _workers.stop();
    CPPUNIT_ASSERT_EQUAL(uint64_t{Calls}, _counters.invites->value() + _counters.others->value());
    CPPUNIT_ASSERT(_counters.replies[2]->value() > 0);
    CPPUNIT_ASSERT(_counters.replies[4]->value() > 0);
    _tm.stop();
  }

 private:
  static constexpr int Calls = 600;

  void start() {
    size_t next = 0;
    for (Runtime::Counter** counter : {&_counters.invites, &_counters.others, &_counters.own, &_counters.branches, &_counters.ended,
                                       &_counters.absorbed, &_counters.retransmitted, &_counters.timeouts, &_counters.stray,
                                       &_counters.refused, &_counters.foreignCancels, &_counters.loops, &_counters.failovers,
                                       &_counters.leftOut, &_counters.redirections, &_counters.acks})
      *counter = &_cells[next++];
    for (auto& reply : _counters.replies) reply = &_cells[next++];
    Timing timing;
    timing.t1 = 2ms;
    timing.t2 = 8ms;
    timing.t4 = 10ms;
    timing.noReply = timing.life();
    _tm.configure(timing, _counters);
    _tm.bind(_core, _transport, _resolver);
    _transport.answerElsewhere = [this](const Sent& sent) { answer(sent); };
    _tm.start(_workers, _clock);
    _workers.start();
  }

  Core::Request& receive(const std::string& text, std::string& keep) {
    auto* request = new Core::Request;  // lives until the end: the stage is no pool
    {
      std::lock_guard<std::mutex> lock(_mutex);
      _requests.emplace_back(request);
    }
    keep = text;
    request->hold();
    request->begin(keep, {_transport.listenerFor(Transport::Protocol::udp, {}, nullptr), *Runtime::Endpoint::parse(Stage::Caller), 0},
                   _clock.now());
    return *request;
  }

  void call(int number) {
    const std::string branch = "z9hG4bKcall" + std::to_string(number);
    std::string octets;
    Core::Request& request = receive(Stage::request(number % 3 ? "INVITE" : "MESSAGE", branch), octets);
    if (!_tm.claimRequest(request)) {
      Pipeline::Machine machine;
      Relay(_tm, machine, request, RelayManner()).run();
    }
    ++_made;
    request.release();
    if (number % 5 != 1) return;
    _workers.at((number + 1) % 2).post([this, branch] {
      std::string cancel;
      Core::Request& cancelling = receive(Stage::request("CANCEL", branch), cancel);
      _tm.claimRequest(cancelling);
      cancelling.release();
    });
  }

  /// Half of the requests get a 200, a quarter a failure, the rest nothing.
  void answer(const Sent& sent) {
    if (sent.line().starts_with("ACK")) return;
    const int kind = sent.line().starts_with("CANCEL") ? 0 : ++_answers % 4;
    if (kind == 3) return;
    const int code = kind < 2 ? 200 : 486;
    Runtime::Worker& other = _workers.at(Runtime::Worker::slot() % 2);
    other.post([this, sent, code] {
      if (sent.line().starts_with("INVITE")) reply(sent, 180);
      reply(sent, code);
    });
  }
  void reply(const Sent& sent, int code) {
    const std::string text = Stage::replyTo(sent, code);
    Core::Request reply;
    reply.hold();  // the test's
    reply.begin(text, sent.flow, {});
    _tm.claimReply(reply);
  }

  Runtime::SystemClock _clock;
  Runtime::ThreadedWorkers _workers{2, _clock};
  CrossingTransport _transport;
  Testing::FakeCore _core{_transport};
  Testing::FakeResolver _resolver;
  std::array<Runtime::Counter, 24> _cells;
  Counters _counters;
  Transactions _tm;
  std::mutex _mutex;
  std::vector<std::unique_ptr<Core::Request>> _requests;
  std::atomic<int> _made{0}, _answers{0};
};
CPPUNIT_TEST_SUITE_REGISTRATION(ThreadsTest);
