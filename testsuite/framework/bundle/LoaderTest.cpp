#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "TestPaths.h"
#include "patchbay/bundle/Loader.h"

namespace Patchbay::Bundle {

class LoaderTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LoaderTest);
  CPPUNIT_TEST(loadsAndDescribes);
  CPPUNIT_TEST(loadsTwiceInOneProcess);
  CPPUNIT_TEST(refusesALibraryWithoutManifest);
  CPPUNIT_TEST(refusesDuplicates);
  CPPUNIT_TEST(opensNothingThatIsNotUsable);
  CPPUNIT_TEST_SUITE_END();

 public:
  void loadsAndDescribes() {
    Loader loader;
    loader.load(manifests({"echo"}), _problems);
    CPPUNIT_ASSERT_EQUAL(std::string(), _problems.toString());
    CPPUNIT_ASSERT_EQUAL(size_t(1), loader.bundles().size());
    CPPUNIT_ASSERT_EQUAL(std::string("say"), loader.bundles()[0].declaration.actions.at(0).name);
  }

  void loadsTwiceInOneProcess() {
    Loader first, second;
    first.load(manifests({"echo"}), _problems);
    second.load(manifests({"echo"}), _problems);
    CPPUNIT_ASSERT(!_problems.hasErrors());
    CPPUNIT_ASSERT(first.bundles()[0].plugin != second.bundles()[0].plugin);
  }

  void refusesALibraryWithoutManifest() {
    Loader loader;
    loader.load(manifests({"echo", "echo_mute"}), _problems);
    CPPUNIT_ASSERT_EQUAL(size_t(1), _problems.all().size());
    const std::string text = _problems.all()[0].text;
    CPPUNIT_ASSERT_MESSAGE(text, text.find("its library shows the class Patchbay::Echo::EchoPlugin") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(size_t(1), loader.bundles().size());
  }

  void refusesDuplicates() {
    Loader loader;
    loader.load(manifests({"echo", "echo_twin"}), _problems);
    const std::string all = _problems.toString();
    for (const char* text : {"action 'say' is already given by bundle 'echo'", "action 'stop' belongs to the rule language",
                             "metric 'echo_lines_total' is already given by bundle 'echo'"})
      CPPUNIT_ASSERT_MESSAGE(all, all.find(text) != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(size_t(3), _problems.all().size());
  }

  /// A library of another build must not even be mapped: its constructors would run.
  void opensNothingThatIsNotUsable() {
    auto list = manifests({"echo", "echo_twin"});
    list[0].usable = false;
    Loader loader;
    loader.load(list, _problems);
    CPPUNIT_ASSERT(loader.bundles().empty());
    CPPUNIT_ASSERT(!_problems.hasErrors());
  }

 private:
  std::vector<Manifest> manifests(const std::vector<std::string>& names) {
    std::vector<std::string> folders;
    for (const auto& name : names) folders.push_back(Testsuite::testBundlesFolder() + "/" + name + ".bundle");
    return inDependencyOrder(readManifests(folders, _problems), _problems);
  }
  Pipeline::Problems _problems;
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoaderTest);

}  // namespace Patchbay::Bundle
