#include <algorithm>
#include <filesystem>

#include <cppunit/TestCase.h>
#include <cppunit/TestSuite.h>
#include <cppunit/extensions/HelperMacros.h>

#include "FakeEnvironment.h"
#include "TemporaryFolder.h"
#include "TestPaths.h"
#include "patchbay/application/Server.h"

namespace Patchbay::Application {

namespace fs = std::filesystem;

/// conf/patchbay.xml and each conf/examples/*.xml that is a configuration: the checker must accept it, without a warning.
class ConfTest : public CppUnit::TestCase {
 public:
  explicit ConfTest(const std::string& path) : CppUnit::TestCase("accepts/" + fs::path(path).filename().string()), _path(path) {}

  static CppUnit::Test* suite() {
    auto* suite = new CppUnit::TestSuite("configurations");
    std::vector<std::string> paths{Testsuite::sourceFolder() + "/conf/patchbay.xml"};
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(Testsuite::sourceFolder() + "/conf/examples", none)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths)
      if (Testsuite::TemporaryFolder::read(path).find("<patchbay") != std::string::npos) suite->addTest(new ConfTest(path));
    return suite;
  }

  void runTest() override {
    Server::Options options;
    options.configuration = _path;
    options.bundleFolders = {Testsuite::bundlesFolder()};
    options.checkOnly = true;
    Testsuite::FakeEnvironment environment;
    Server server(options);
    server.load(environment);
    CPPUNIT_ASSERT_EQUAL(std::string(), server.problems().toString());
  }

 private:
  std::string _path;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfTest);

/// Each bundle that rules name is taken out of the default configuration once.
class RemovedBundleTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RemovedBundleTest);
  CPPUNIT_TEST(namesTheBundleThatIsGone);
  CPPUNIT_TEST_SUITE_END();

 public:
  void namesTheBundleThatIsGone() {
    const std::pair<std::string, std::string> gone[] = {
        {"maxfwd", "mf_process_maxfwd_header"}, {"textops", "append_hf"}, {"tm", "t_relay"}};
    for (const auto& [bundle, action] : gone) {
      const std::string text = problemsWithout(bundle);
      CPPUNIT_ASSERT_MESSAGE(text, text.find("/conf/routing.xml:") != std::string::npos);
      CPPUNIT_ASSERT_MESSAGE(
          text, text.find("action '" + action + "' is given by bundle '" + bundle + "', which is not loaded") != std::string::npos);
    }
  }

 private:
  static std::string problemsWithout(const std::string& gone) {
    const Testsuite::TemporaryFolder folder;
    for (const auto& entry : fs::directory_iterator(Testsuite::bundlesFolder()))
      if (entry.path().filename() != gone + ".bundle")
        fs::create_symlink(entry.path(), folder.path() + "/" + entry.path().filename().string());
    Server::Options options;
    options.configuration = Testsuite::sourceFolder() + "/conf/patchbay.xml";
    options.bundleFolders = {folder.path()};
    options.checkOnly = true;
    Testsuite::FakeEnvironment environment;
    Server server(options);
    CPPUNIT_ASSERT(!server.load(environment));
    return server.problems().toString();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RemovedBundleTest);

}  // namespace Patchbay::Application
