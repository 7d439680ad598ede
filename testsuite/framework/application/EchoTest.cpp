#include <cppunit/extensions/HelperMacros.h>

#include "FakeEnvironment.h"
#include "TemporaryFolder.h"
#include "TestPaths.h"
#include "patchbay/admin/Endpoint.h"
#include "patchbay/application/Server.h"

namespace Patchbay::Application {

using namespace std::chrono_literals;

namespace {

const char* const Rules = R"(
  <routing>
    <pipeline name="main" on="line" on-error="trouble">
      <rule name="greeting" if="line == 'hello'"><say text="hello, ${peer}"/></rule>
      <rule name="slow" if="line == 'think'"><ponder time="500ms"/></rule>
      <rule name="quiet" if="line =~ '^#'"><hush/></rule>
      <rule name="lost" if="line == 'lost'"><stop/></rule>
      <say text="you said ${line}"/>
    </pipeline>
    <pipeline name="trouble"><say text="sorry: ${error.action}"/></pipeline>
  </routing>)";

}  // namespace

/// The framework runs a service that is not SIP: one bundle with an entry point of its own, and rules.
class EchoTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EchoTest);
  CPPUNIT_TEST(answersByTheRules);
  CPPUNIT_TEST(anActionThatWaitsHoldsNobodyElse);
  CPPUNIT_TEST(countsRulesAndLines);
  CPPUNIT_TEST(announcesWhatItListensOn);
  CPPUNIT_TEST(checkingListensToNothing);
  CPPUNIT_TEST(aFailedStartIsStopped);
  CPPUNIT_TEST(startsAgainAfterAStop);
  CPPUNIT_TEST(definesOverrideTheFile);
  CPPUNIT_TEST(refusesADefineThatNobodyKnows);
  CPPUNIT_TEST(readsTheSameFromProperties);
  CPPUNIT_TEST_SUITE_END();

 public:
  void answersByTheRules() {
    start();
    CPPUNIT_ASSERT_EQUAL(std::string("hello, 192.0.2.9\n"), ask("hello\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("you said 1 < 2 & \"x\"\n"), ask("1 < 2 & \"x\""));
    CPPUNIT_ASSERT_EQUAL(std::string(), ask("# a remark"));
  }

  void anActionThatWaitsHoldsNobodyElse() {
    start();
    CPPUNIT_ASSERT_EQUAL(std::string(), ask("think"));
    CPPUNIT_ASSERT_EQUAL(std::string("hello, 192.0.2.9\n"), ask("hello"));
    _environment.advance(498ms);
    CPPUNIT_ASSERT(_environment.network.sent.empty());
    _environment.advance(3ms);
    CPPUNIT_ASSERT_EQUAL(std::string("sorry: ponder\n"), answer());
  }

  void countsRulesAndLines() {
    start();
    ask("hello");
    ask("hello");
    ask("lost");
    const std::string text = Admin::prometheusText(_environment.metrics);
    for (const char* line :
         {"patchbay_rule_hits{pipeline=\"main\",rule=\"greeting\"} 2\n", "patchbay_rule_hits{pipeline=\"main\",rule=\"slow\"} 0\n",
          "patchbay_echo_lines_total 3\n", "patchbay_echo_unanswered_total 1\n"})
      CPPUNIT_ASSERT_MESSAGE(text, text.find(line) != std::string::npos);
  }

  void announcesWhatItListensOn() {
    start();
    CPPUNIT_ASSERT_EQUAL(std::string("line:127.0.0.1:7777"), announced("listening on"));
    CPPUNIT_ASSERT_EQUAL(std::string("echo 1.2.0"), announced("bundles"));
    CPPUNIT_ASSERT(!announced("data").empty());
  }

  void checkingListensToNothing() {
    make(configuration(), true);
    CPPUNIT_ASSERT_MESSAGE(_server->problems().toString(), _server->load(_environment));
    CPPUNIT_ASSERT(!_environment.network.inject(peer(), *Runtime::Endpoint::parse("127.0.0.1:7777"), "hello"));
    CPPUNIT_ASSERT(!std::filesystem::exists(_folder.path() + "/data"));
  }

  void aFailedStartIsStopped() {
    _environment.network.taken.push_back(*Runtime::Endpoint::parse("127.0.0.1:7777"));
    make(configuration());
    CPPUNIT_ASSERT(_server->load(_environment));
    try {
      _server->start();
      CPPUNIT_FAIL("started");
    } catch (const Poco::Exception& error) {
      CPPUNIT_ASSERT_MESSAGE(error.message(), error.message().find("bundle 'echo': ") == 0);
      CPPUNIT_ASSERT_MESSAGE(error.message(), error.message().find("127.0.0.1:7777") != std::string::npos);
    }
    _server->stop();
  }

  void startsAgainAfterAStop() {
    start();
    _server.reset();
    CPPUNIT_ASSERT_EQUAL(std::string::npos, Admin::prometheusText(_environment.metrics).find("rule_hits"));
    start();
    CPPUNIT_ASSERT_EQUAL(std::string("hello, 192.0.2.9\n"), ask("hello"));
  }

  void definesOverrideTheFile() {
    _defines["port"] = "7788";
    start();
    CPPUNIT_ASSERT_EQUAL(std::string("line:127.0.0.1:7788"), announced("listening on"));
  }

  void refusesADefineThatNobodyKnows() {
    _defines["ports"] = "7788";
    make(configuration());
    CPPUNIT_ASSERT(!_server->load(_environment));
    const std::string text = _server->problems().toString();
    CPPUNIT_ASSERT_MESSAGE(
        text, text.find("--define ports: no <define> and no ${...} has this name (did you mean 'port'?)") != std::string::npos);
  }

  void readsTheSameFromProperties() {
    Pipeline::Problems problems;
    const auto node = Pipeline::readXml(configuration(), "patchbay.xml", problems);
    CPPUNIT_ASSERT(node);
    make(Pipeline::writeProperties(*node));
    CPPUNIT_ASSERT_MESSAGE(_server->problems().toString(), _server->load(_environment));
    _server->start();
    CPPUNIT_ASSERT_EQUAL(std::string("hello, 192.0.2.9\n"), ask("hello"));
  }

 private:
  std::string configuration() const {
    return "<patchbay xmlns='urn:patchbay:configuration'><define name='port' value='7777'/><define name='data' value='" + _folder.path() +
           "/data'/><data url='sqlite::memory:'/><echo listen='127.0.0.1:${port}'/>" + Rules + "</patchbay>";
  }
  void make(const std::string& text, bool checkOnly = false) {
    Server::Options options;
    options.configurationText = text;
    options.defines = _defines;
    options.bundleFolders = {Testsuite::testBundlesFolder() + "/echo.bundle"};
    options.checkOnly = checkOnly;
    _server = std::make_unique<Server>(options);
  }
  void start() {
    make(configuration());
    CPPUNIT_ASSERT_MESSAGE(_server->problems().toString(), _server->load(_environment));
    _server->start();
  }
  static Runtime::Endpoint peer() { return *Runtime::Endpoint::parse("192.0.2.9:1234"); }
  std::string answer() {
    auto& sent = _environment.network.sent;
    std::string text;
    for (const auto& packet : sent) text += packet.octets;
    sent.clear();
    return text;
  }
  std::string ask(const std::string& line) {
    CPPUNIT_ASSERT(_environment.network.inject(peer(), *Runtime::Endpoint::parse("127.0.0.1:7777"), line));
    _environment.turn();
    return answer();
  }
  std::string announced(const std::string& what) const {
    for (const auto& [name, value] : _server->announcements())
      if (name == what) return value;
    return {};
  }

  Testsuite::TemporaryFolder _folder;
  Testsuite::FakeEnvironment _environment;
  Pipeline::Constants _defines;
  std::unique_ptr<Server> _server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(EchoTest);

}  // namespace Patchbay::Application
