#include <cppunit/extensions/HelperMacros.h>

#include "FakeEnvironment.h"
#include "TemporaryFolder.h"
#include "TestPaths.h"
#include "patchbay/application/Server.h"

namespace Patchbay::Application {

/// Reloads of a service that is not SIP, on one thread. L02, L03: whole or not at all.
class ReloadTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ReloadTest);
  CPPUNIT_TEST(swapsTheRules);
  CPPUNIT_TEST(refusesBrokenRulesAndGoesOn);
  CPPUNIT_TEST(refusesWhatNeedsARestart);
  CPPUNIT_TEST(aRunThatWaitsEndsOnItsOwnRules);
  CPPUNIT_TEST(hitsAreCarriedOn);
  CPPUNIT_TEST(refusesABundleThatIsGone);
  CPPUNIT_TEST_SUITE_END();

 public:
  void swapsTheRules() {
    start("<say text='old'/>");
    CPPUNIT_ASSERT_EQUAL(std::string("old\n"), ask("x"));
    write("<say text='new'/>");
    const auto reloaded = reload();
    CPPUNIT_ASSERT_MESSAGE(reloaded.text, reloaded.done);
    CPPUNIT_ASSERT_EQUAL(std::string("configuration 2 is in force, reloaded"), reloaded.text);
    CPPUNIT_ASSERT_EQUAL(std::string("new\n"), ask("x"));
  }

  void refusesBrokenRulesAndGoesOn() {
    start("<say text='old'/>");
    for (const char* rules : {"<sey text='new'/>", "<say text='new'>", "<say/>", "<say text='${nothing}'/>"}) {
      write(rules);
      const auto reloaded = reload();
      CPPUNIT_ASSERT_MESSAGE(rules, !reloaded.done);
      CPPUNIT_ASSERT_MESSAGE(rules, !reloaded.problems.empty() && reloaded.problems[0].find("patchbay.xml:") != std::string::npos);
      CPPUNIT_ASSERT_EQUAL(std::string("old\n"), ask("x"));
    }
  }

  void refusesWhatNeedsARestart() {
    start("<say text='old'/>");
    _port = "7778";
    write("<say text='new'/>");
    const auto reloaded = reload();
    CPPUNIT_ASSERT(!reloaded.done);
    CPPUNIT_ASSERT_MESSAGE(reloaded.problems.at(0),
                           reloaded.problems.at(0).find("<echo listen>: '127.0.0.1:7777' is to become "
                                                        "'127.0.0.1:7778'; that needs a restart") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string("old\n"), ask("x"));
  }

  void aRunThatWaitsEndsOnItsOwnRules() {
    const std::string waits = "<rule if=\"line == 'think'\"><ponder time='500ms'/></rule>";
    start(waits + "<say text='old'/>", "old trouble");
    CPPUNIT_ASSERT_EQUAL(std::string(), ask("think"));
    write(waits + "<say text='new'/>", "new trouble");
    CPPUNIT_ASSERT(reload().done);
    CPPUNIT_ASSERT_EQUAL(std::string("new\n"), ask("x"));
    _environment.advance(std::chrono::milliseconds(501));
    CPPUNIT_ASSERT_EQUAL(std::string("old trouble\n"), answer());
  }

  void hitsAreCarriedOn() {
    start("<rule name='hello' if=\"line == 'hello'\"><say text='yes'/></rule><say text='no'/>");
    ask("hello");
    ask("hello");
    CPPUNIT_ASSERT(reload().done);
    ask("hello");
    double hits = 0;
    for (const auto& family : _environment.metrics.read())
      if (family.name == "rule_hits")
        for (const auto& sample : family.samples)
          if (sample.labels.at(1).value == "hello") hits = sample.value;
    CPPUNIT_ASSERT_EQUAL(3.0, hits);
  }

  void refusesABundleThatIsGone() {
    dropIn("echo");
    _folders = {_folder.path() + "/bundles"};
    start("<say text='old'/>");
    std::filesystem::remove_all(_folder.path() + "/bundles/echo.bundle");
    CPPUNIT_ASSERT(!reload().done);
    CPPUNIT_ASSERT_EQUAL(std::string("old\n"), ask("x"));
  }

 private:
  void dropIn(const std::string& name) {
    namespace fs = std::filesystem;
    fs::create_directories(_folder.path() + "/bundles");
    fs::copy(Testsuite::testBundlesFolder() + "/" + name + ".bundle", _folder.path() + "/bundles/" + name + ".bundle",
             fs::copy_options::recursive);
  }
  void write(const std::string& rules, const std::string& trouble = "trouble") {
    _folder.write("patchbay.xml", "<patchbay xmlns='urn:patchbay:configuration'><define name='data' value='" + _folder.path() +
                                      "/data'/><data url='sqlite::memory:'/><echo listen='127.0.0.1:" + _port +
                                      "'/><routing><pipeline name='main' on='line' on-error='trouble'>" + rules +
                                      "</pipeline><pipeline name='trouble'><say text='" + trouble + "'/></pipeline></routing></patchbay>");
  }
  void start(const std::string& rules, const std::string& trouble = "trouble") {
    write(rules, trouble);
    Server::Options options;
    options.configuration = _folder.path() + "/patchbay.xml";
    options.bundleFolders = _folders;
    _server = std::make_unique<Server>(options);
    CPPUNIT_ASSERT_MESSAGE(_server->problems().toString(), _server->load(_environment));
    _server->start();
  }
  /// On the one worker there is, which can be asked nothing while nobody lets it run.
  Server::Reloaded reload() {
    Server::Reloaded reloaded;
    _environment.worker.as([&] { reloaded = _server->reload("a test"); });
    return reloaded;
  }
  std::string answer() {
    std::string text;
    for (const auto& packet : _environment.network.sent) text += packet.octets;
    _environment.network.sent.clear();
    return text;
  }
  std::string ask(const std::string& line) {
    CPPUNIT_ASSERT(
        _environment.network.inject(*Runtime::Endpoint::parse("192.0.2.9:1234"), *Runtime::Endpoint::parse("127.0.0.1:7777"), line));
    _environment.turn();
    return answer();
  }

  Testsuite::TemporaryFolder _folder;
  Testsuite::FakeEnvironment _environment;
  std::unique_ptr<Server> _server;
  std::vector<std::string> _folders{Testsuite::testBundlesFolder() + "/echo.bundle"};
  std::string _port = "7777";
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReloadTest);

}  // namespace Patchbay::Application
