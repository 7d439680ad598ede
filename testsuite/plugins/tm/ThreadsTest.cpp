#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <atomic>
#include <thread>

#include "Actions.h"
#include "Stage.h"
#include "patchbay/pipeline/Program.h"

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

/// Waits until its worker's next turn.
class Hop : public Pipeline::Action {
 public:
  Pipeline::Verdict run(Pipeline::Machine& machine) override {
    Pipeline::Ticket ticket = machine.suspend(1s);
    machine.worker().post([ticket = ticket]() mutable { ticket.resume(Pipeline::Verdict::yes); });
    return Pipeline::Verdict::suspended;
  }
};

/// Another destination.
class Other : public Pipeline::Action {
 public:
  Pipeline::Verdict run(Pipeline::Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    Core::Destination destination;
    destination.uri = "sip:box@10.0.0.4";
    request.destinations.add(destination);
    return Pipeline::Verdict::yes;
  }
};

template <class Action>
Pipeline::ActionDeclaration action(const char* name) {
  Pipeline::ActionDeclaration declaration;
  declaration.name = name;
  declaration.entries = {"*"};
  declaration.suspends = true;
  declaration.bind = [](Pipeline::Binding&) { return std::make_unique<Action>(); };
  return declaration;
}

constexpr const char* Rules =
    "<routing><pipeline name='b' on='branch'><hop/></pipeline><pipeline name='r' on='reply'><hop/></pipeline>"
    "<pipeline name='f' on='failure'><hop/><other/><t_relay/></pipeline></routing>";

class RulesCore : public Testing::FakeCore {
 public:
  using FakeCore::FakeCore;
  Pipeline::Engine& engine() override { return *running; }
  std::unique_ptr<Pipeline::Engine> running;
};

}  // namespace

/// Requests on one worker, their replies and CANCELs on the other, timers on both: what ThreadSanitizer looks at.
class ThreadsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ThreadsTest);
  CPPUNIT_TEST(everyTransactionEnds);
  CPPUNIT_TEST(everyTransactionEndsWithPipelines);
  CPPUNIT_TEST_SUITE_END();

 public:
  void everyTransactionEndsWithPipelines() {
    makeRules();
    everyTransactionEnds();
    CPPUNIT_ASSERT(_counters.branches->value() > Calls);
    _requests.clear();
    CPPUNIT_ASSERT(!_snapshot->held());
  }
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

  void makeRules() {
    Pipeline::Vocabulary vocabulary;
    for (const auto& entry : entryPoints()) vocabulary.add(entry);
    for (const auto& relaying : relayActions(_tm, _usage)) vocabulary.add(relaying);
    vocabulary.add(action<Hop>("hop"));
    vocabulary.add(action<Other>("other"));
    Pipeline::Problems problems;
    auto program = Pipeline::Program::check(*Pipeline::readXml(Rules, "rules", problems), vocabulary, {}, problems);
    CPPUNIT_ASSERT_MESSAGE(problems.toString(), program && program->bind(problems));
    _snapshot = std::make_unique<Pipeline::Snapshot>(std::move(program));
    _core.running = std::make_unique<Pipeline::Engine>(_workers, _metrics, Pipeline::Engine::Limits{});
    _manner.onBranch = *_snapshot->program().entry("branch");
    _manner.onReply = *_snapshot->program().entry("reply");
    _manner.onFailure = *_snapshot->program().entry("failure");
  }

  void start() {
    size_t next = 0;
    for (Runtime::Counter** counter :
         {&_counters.invites, &_counters.others, &_counters.own, &_counters.branches, &_counters.ended, &_counters.absorbed,
          &_counters.retransmitted, &_counters.timeouts, &_counters.stray, &_counters.refused, &_counters.foreignCancels, &_counters.loops,
          &_counters.failovers, &_counters.leftOut, &_counters.redirections, &_counters.acks})
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
      if (_snapshot) request.snapshot = Pipeline::SnapshotHold(*_snapshot);
      Relay(_tm, machine, request, _manner).run();
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
    std::string keep;
    Core::Request& reply = receive(text, keep);
    _tm.claimReply(reply);  // the hold on it stays: it is nobody's to delete
  }

  Runtime::SystemClock _clock;
  Runtime::ThreadedWorkers _workers{2, _clock};
  CrossingTransport _transport;
  std::unique_ptr<Pipeline::Snapshot> _snapshot;
  const RelayUsage _usage;
  RelayManner _manner;
  Runtime::Metrics _metrics;
  RulesCore _core{_transport};
  Testing::FakeResolver _resolver;
  std::array<Runtime::Counter, 24> _cells;
  Counters _counters;
  Transactions _tm;
  std::mutex _mutex;
  std::vector<std::unique_ptr<Core::Request>> _requests;
  std::atomic<int> _made{0}, _answers{0};
};
CPPUNIT_TEST_SUITE_REGISTRATION(ThreadsTest);
