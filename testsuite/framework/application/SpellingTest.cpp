#include <algorithm>
#include <filesystem>

#include <cppunit/TestCase.h>
#include <cppunit/TestSuite.h>
#include <cppunit/extensions/HelperMacros.h>

#include "TemporaryFolder.h"
#include "TestPaths.h"
#include "patchbay/bundle/Loader.h"
#include "patchbay/pipeline/Program.h"

namespace Patchbay::Application {

namespace fs = std::filesystem;

/// Each configuration and rule file of conf/ and testsuite/bench/, in the properties spelling and back: the same tree and the same program.
class SpellingTest : public CppUnit::TestCase {
 public:
  explicit SpellingTest(const std::string& path) : CppUnit::TestCase("spells/" + fs::path(path).filename().string()), _path(path) {}

  static CppUnit::Test* suite() {
    auto* suite = new CppUnit::TestSuite("spellings");
    for (const auto& path : paths()) suite->addTest(new SpellingTest(path));
    return suite;
  }

  void runTest() override {
    auto original = Pipeline::read(_path, _problems);
    CPPUNIT_ASSERT_EQUAL(std::string(), _problems.toString());
    const std::string properties = Pipeline::writeProperties(*original);
    const auto spelled = Pipeline::read(_folder.write("a.properties", properties), _problems);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(properties, std::string(), _problems.toString());
    const auto back = Pipeline::read(_folder.write("a.xml", Pipeline::writeXml(*spelled)), _problems);
    CPPUNIT_ASSERT_EQUAL(std::string(), _problems.toString());
    CPPUNIT_ASSERT_EQUAL_MESSAGE(properties, original->toString(), spelled->toString());
    CPPUNIT_ASSERT_EQUAL(original->toString(), back->toString());
    if (original->name != "routing") return;
    const std::string program = listing(*original);
    CPPUNIT_ASSERT_EQUAL(program, listing(*spelled));
    CPPUNIT_ASSERT_EQUAL(program, listing(*back));
  }

 private:
  static std::vector<std::string> paths() {
    std::vector<std::string> found;
    for (const char* folder : {"/conf", "/testsuite/bench"})
      for (const auto& entry : fs::recursive_directory_iterator(Testsuite::sourceFolder() + folder)) {
        const bool spelled = entry.is_regular_file() && (entry.path().extension() == ".xml" || entry.path().extension() == ".properties");
        const std::string text = spelled ? Testsuite::TemporaryFolder::read(entry.path()) : "";  // SIPp's are XML, too
        if (text.find("urn:patchbay:") != std::string::npos) found.push_back(entry.path());
      }
    std::sort(found.begin(), found.end());
    return found;
  }

  std::string listing(const Pipeline::Node& rules) {
    const auto program = Pipeline::Program::check(rules, vocabulary(), {}, _problems);
    CPPUNIT_ASSERT_EQUAL(std::string(), _problems.toString());
    CPPUNIT_ASSERT(!program->listing().empty());
    return program->listing();
  }

  const Pipeline::Vocabulary& vocabulary() {
    if (!_loader.bundles().empty()) return _vocabulary;
    _loader.load(Bundle::inDependencyOrder(Bundle::readManifests({Testsuite::bundlesFolder()}, _problems), _problems), _problems);
    CPPUNIT_ASSERT_EQUAL(std::string(), _problems.toString());
    const auto add = [&](const auto& declarations) {
      for (const auto& declaration : declarations) _vocabulary.add(declaration);
    };
    for (const auto& loaded : _loader.bundles()) {
      add(loaded.declaration.actions);
      add(loaded.declaration.variables);
      add(loaded.declaration.memberships);
      add(loaded.declaration.entries);
    }
    return _vocabulary;
  }

  std::string _path;
  const Testsuite::TemporaryFolder _folder;
  Pipeline::Problems _problems;
  Bundle::Loader _loader;
  Pipeline::Vocabulary _vocabulary;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SpellingTest);

}  // namespace Patchbay::Application
