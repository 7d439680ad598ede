#include <cppunit/extensions/HelperMacros.h>

#include "Actions.h"
#include "Stage.h"
#include "patchbay/pipeline/Program.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Pipeline::Ending;
using Resolver::Outcome;
using Testing::FakeResolver;
using Testing::Stage;

namespace {

/// Runs rules on the stage's current request, as core does.
class Rules : public Pipeline::MachineOwner {
 public:
  Rules(Stage& stage, const std::string& rules) : _stage(stage), _engine(stage.environment.get().workers, stage.environment.metrics, {}) {
    _vocabulary.add(Pipeline::EntryDeclaration{"request", "", false, true});
    for (const auto& entry : entryPoints()) _vocabulary.add(entry);
    for (const auto& actions : {relayActions(stage.tm, _usage), transactionActions(stage.tm), orderActions()})
      for (const auto& action : actions) _vocabulary.add(action);
    Pipeline::Problems problems;
    const auto node =
        Pipeline::readXml("<routing><pipeline name='request' on='request'>" + rules + "</pipeline></routing>", "rules", problems);
    if (node) _program = Pipeline::Program::check(*node, _vocabulary, {}, problems);
    CPPUNIT_ASSERT_MESSAGE(problems.toString(), _program && _program->bind(problems));
  }
  ~Rules() override {
    _stage.enter();
    if (_request) _request->machine.cancel();
  }
  void run() {
    _stage.enter();
    _request = _stage.current;
    _request->machine.start(_engine, *_program, *_program->entry("request"), *_request, *this);
  }
  bool suspending(Pipeline::Machine&) override {
    _request->retain();
    return _request->transaction || _stage.tm.adopt(*_request);
  }
  void ended(Pipeline::Machine& machine, Ending how) override {
    ending = how;
    error = machine.errorText();
  }
  std::optional<Ending> ending;
  std::string error;

 private:
  Stage& _stage;
  const RelayUsage _usage;
  Pipeline::Engine _engine;
  Pipeline::Vocabulary _vocabulary;
  std::unique_ptr<Pipeline::Program> _program;
  Core::Request* _request = nullptr;
};

constexpr const char* Otherwise = "<rule if='!t_relay()'><t_reply code='404' reason='Gone'/></rule>";

}  // namespace

class ActionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ActionsTest);
  CPPUNIT_TEST(relaySettles);
  CPPUNIT_TEST(relayInAConditionSettlesWhenSent);
  CPPUNIT_TEST(relayInAConditionGoesOnWhenNothingIsSent);
  CPPUNIT_TEST(conditionWaitsForTheNameServer);
  CPPUNIT_TEST(conditionIsFalseWhenTheNameServerSaysNo);
  CPPUNIT_TEST(cancelEndsAConditionThatWaits);
  CPPUNIT_TEST(conditionGivesUpAfterAWhile);
  CPPUNIT_TEST(newTransactionTwiceIsAnError);
  CPPUNIT_TEST(answersInANewTransaction);
  CPPUNIT_TEST(replyMakesItsTransaction);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    _stage.enter();
    _stage.resolver.pending["slow.test"];
    _stage.receive(Stage::request("INVITE"));
  }
  void relaySettles() {
    run("<t_relay/>", "sip:bob@10.0.0.2");
    CPPUNIT_ASSERT(Ending::settled == _rules->ending);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
  }
  void relayInAConditionSettlesWhenSent() {
    run(Otherwise, "sip:bob@10.0.0.2");
    CPPUNIT_ASSERT(Ending::settled == _rules->ending);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 404"));
  }
  void relayInAConditionGoesOnWhenNothingIsSent() {
    run(Otherwise, "sip:bob@nowhere.test");
    CPPUNIT_ASSERT(Ending::settled == _rules->ending);
    CPPUNIT_ASSERT((std::vector<std::string>{"SIP/2.0 404 Gone > 10.0.0.1:5060"}) == _stage.take());
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
  }
  void conditionWaitsForTheNameServer() {
    run(Otherwise, "sip:bob@slow.test");
    CPPUNIT_ASSERT(!_rules->ending);
    _stage.advance(1s);
    CPPUNIT_ASSERT(std::vector<long>{200} == _stage.times("SIP/2.0 100"));
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE")));
    _stage.resolver.tell("slow.test", Outcome::found, FakeResolver::at("10.0.0.8:5060"));
    CPPUNIT_ASSERT(Ending::settled == _rules->ending);
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.8:5060"), _stage.last("INVITE").to());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 404"));
  }
  void conditionIsFalseWhenTheNameServerSaysNo() {
    run(Otherwise, "sip:bob@slow.test");
    _stage.resolver.tell("slow.test", Outcome::notFound);
    CPPUNIT_ASSERT(Ending::settled == _rules->ending);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 404 Gone"), _stage.last("SIP/2.0").line());
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    _stage.advance(10s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void cancelEndsAConditionThatWaits() {
    run(Otherwise, "sip:bob@slow.test");
    CPPUNIT_ASSERT(_stage.receive(Stage::request("CANCEL")));
    CPPUNIT_ASSERT(Ending::cancelled == _rules->ending);
    CPPUNIT_ASSERT((std::vector<std::string>{"SIP/2.0 200 Ours > 10.0.0.1:5060", "SIP/2.0 487 Ours > 10.0.0.1:5060"}) == _stage.take());
    _stage.resolver.tell("slow.test", Outcome::found, FakeResolver::at("10.0.0.8:5060"));
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    _stage.advance(10s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void conditionGivesUpAfterAWhile() {
    run(Otherwise, "sip:bob@slow.test");
    _stage.advance(11s);
    CPPUNIT_ASSERT(Ending::failed == _rules->ending);
    CPPUNIT_ASSERT(_stage.core.answer(*_stage.current, {.code = 503}));
    _stage.resolver.tell("slow.test", Outcome::found, FakeResolver::at("10.0.0.8:5060"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 503 Ours"), _stage.last("SIP/2.0").line());
  }
  // REQ 83
  void newTransactionTwiceIsAnError() {
    run("<t_newtran/><t_newtran/>");
    CPPUNIT_ASSERT(Ending::failed == _rules->ending);
    CPPUNIT_ASSERT_EQUAL(std::string("transaction already in process"), _rules->error);
  }
  // REQ 57
  void answersInANewTransaction() {
    run("<t_newtran/><t_reply code='404' reason='Not Found'/>");
    CPPUNIT_ASSERT(Ending::settled == _rules->ending);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE")));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 404 Not Found"));
  }
  void replyMakesItsTransaction() {
    run("<t_reply code='480'/>");
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());
  }

 private:
  void run(const char* rules, const char* uri = nullptr) {
    if (uri) CPPUNIT_ASSERT(_stage.current->setUri(uri));
    _rules = std::make_unique<Rules>(_stage, rules);
    _rules->run();
  }
  Stage _stage;
  std::unique_ptr<Rules> _rules;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ActionsTest);
