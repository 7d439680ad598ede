#include <algorithm>
#include <filesystem>
#include <fstream>

#include <cppunit/TestCase.h>
#include <cppunit/TestSuite.h>
#include <cppunit/extensions/HelperMacros.h>

#include "FakeEnvironment.h"
#include "TemporaryFolder.h"
#include "TestPaths.h"
#include "patchbay/application/Server.h"

namespace Patchbay::Application {

namespace fs = std::filesystem;

/// One folder of testsuite/fixtures/broken: patchbay.xml and what belongs to it, and a file `expected` with a line for each problem that
/// the check must find, in order: `file:line: error: ` and the beginning of the text (or all of it). A folder `bundles` holds manifests
/// (@BUILD@ is this build's id; the libraries are those of the test bundles); without one the bundle echo is there.
class BrokenTest : public CppUnit::TestCase {
 public:
  explicit BrokenTest(const std::string& name) : CppUnit::TestCase("refuses/" + name), _name(name) {}

  static CppUnit::Test* suite() {
    auto* suite = new CppUnit::TestSuite("broken configurations");
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(Testsuite::fixture("broken"))) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    for (const auto& name : names) suite->addTest(new BrokenTest(name));
    return suite;
  }

  void runTest() override {
    prepare();
    Server::Options options;
    options.configuration = _folder.path() + "/patchbay.xml";
    options.bundleFolders = {fs::exists(bundles()) ? bundles() : Testsuite::testBundlesFolder() + "/echo.bundle"};
    options.checkOnly = true;
    Testsuite::FakeEnvironment environment;
    Server server(options);
    CPPUNIT_ASSERT(!server.load(environment));
    compare(server.problems());
  }

 private:
  std::string bundles() const { return _folder.path() + "/bundles"; }

  void prepare() {
    fs::copy(Testsuite::fixture("broken/" + _name), _folder.path(), fs::copy_options::recursive);
    if (!fs::exists(bundles())) return;
    for (const auto& entry : fs::directory_iterator(bundles())) {
      if (!entry.is_directory()) continue;
      const std::string path = entry.path().string() + "/bundle.xml";
      std::string text = _folder.read(path);
      if (const size_t at = text.find("@BUILD@"); at != std::string::npos) text.replace(at, 7, Bundle::buildId());
      std::ofstream(path) << text;
      for (const std::string name : {"echo", "echo_twin", "echo_mute"})
        if (text.find("library=\"lib" + name + ".so\"") != std::string::npos)
          fs::copy(Testsuite::testBundlesFolder() + "/" + name + ".bundle/lib" + name + ".so", entry.path());
    }
  }

  void compare(const Pipeline::Problems& problems) {
    std::vector<std::string> expected, found;
    std::ifstream file(_folder.path() + "/expected");
    for (std::string line; std::getline(file, line);)
      if (!line.empty()) expected.push_back(line);
    std::string all;
    for (const auto& problem : problems.all()) {
      std::string text = problem.toString();
      for (size_t at; (at = text.find(_folder.path() + "/")) != std::string::npos;) text.erase(at, _folder.path().size() + 1);
      all += text + "\n";
      found.push_back(std::move(text));
    }
    CPPUNIT_ASSERT_EQUAL_MESSAGE(all, expected.size(), found.size());
    for (size_t i = 0; i < expected.size(); ++i)
      CPPUNIT_ASSERT_MESSAGE(expected[i] + "\nnot in\n" + all, found[i].starts_with(expected[i]));
  }

  std::string _name;
  Testsuite::TemporaryFolder _folder;
};

CPPUNIT_TEST_SUITE_REGISTRATION(BrokenTest);

}  // namespace Patchbay::Application
