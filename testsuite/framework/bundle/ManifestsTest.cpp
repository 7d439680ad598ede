#include <cppunit/extensions/HelperMacros.h>

#include "TemporaryFolder.h"
#include "patchbay/bundle/Loader.h"

namespace Patchbay::Bundle {

class ManifestsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestsTest);
  CPPUNIT_TEST(readsAManifest);
  CPPUNIT_TEST(takesOneBundleFolder);
  CPPUNIT_TEST(refusesAFolderOfAnotherName);
  CPPUNIT_TEST(refusesALibraryOutsideItsFolder);
  CPPUNIT_TEST(refusesWhatEveryoneMayWrite);
  CPPUNIT_TEST(refusesAFolderToWhichEveryoneMayAdd);
  CPPUNIT_TEST(refusesAFolderWithoutBundles);
  CPPUNIT_TEST(refusesOneNameInTwoFolders);
  CPPUNIT_TEST(putsRequiredBundlesFirst);
  CPPUNIT_TEST(reportsACycleOnce);
  CPPUNIT_TEST(comparesVersions);
  CPPUNIT_TEST_SUITE_END();

 public:
  void readsAManifest() {
    bundle("one", "<summary>\n  Does one thing. </summary><requires bundle=\"two\" version=\"1.2\"/>");
    const auto manifests = read();
    CPPUNIT_ASSERT_EQUAL(std::string(), _problems.toString());
    CPPUNIT_ASSERT_EQUAL(size_t(1), manifests.size());
    const Manifest& one = manifests[0];
    CPPUNIT_ASSERT_EQUAL(std::string("Does one thing."), one.summary);
    CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), one.version);
    CPPUNIT_ASSERT_EQUAL(std::string("Some::Class"), one.className);
    CPPUNIT_ASSERT_EQUAL(_folder.path() + "/one.bundle", one.folder);
    CPPUNIT_ASSERT_EQUAL(size_t(1), one.requires_.size());
    CPPUNIT_ASSERT_EQUAL(std::string("two"), one.requires_[0].bundle);
    CPPUNIT_ASSERT(one.usable);
  }

  void takesOneBundleFolder() {
    bundle("one");
    bundle("two");
    const auto manifests = readManifests({_folder.path() + "/two.bundle"}, _problems);
    CPPUNIT_ASSERT_EQUAL(size_t(1), manifests.size());
    CPPUNIT_ASSERT_EQUAL(std::string("two"), manifests[0].name);
  }

  void refusesAFolderOfAnotherName() {
    bundle("one", "", "uno");
    CPPUNIT_ASSERT(!read().front().usable);
    expect("must be called one.bundle");
  }

  void refusesALibraryOutsideItsFolder() {
    _library = "../libone.so";
    bundle("one");
    CPPUNIT_ASSERT(!read().front().usable);
    expect("must stand in the bundle's own folder");
  }

  void refusesWhatEveryoneMayWrite() {
    bundle("one");
    std::filesystem::permissions(_folder.path() + "/one.bundle/libone.so", std::filesystem::perms::all);
    CPPUNIT_ASSERT(!read().front().usable);
    expect("may be written by everyone");
  }

  void refusesAFolderToWhichEveryoneMayAdd() {
    bundle("one");
    std::filesystem::permissions(_folder.path(), std::filesystem::perms::all);
    read();
    expect("who could add bundles");
  }

  void refusesAFolderWithoutBundles() {
    read();
    expect("holds no bundle");
  }

  void refusesOneNameInTwoFolders() {
    bundle("one");
    const Testsuite::TemporaryFolder other;
    std::filesystem::copy(_folder.path() + "/one.bundle", other.path() + "/one.bundle", std::filesystem::copy_options::recursive);
    CPPUNIT_ASSERT_EQUAL(size_t(1), readManifests({_folder.path(), other.path()}, _problems).size());
    expect("is already in " + _folder.path());
  }

  void putsRequiredBundlesFirst() {
    const std::vector<Manifest> sorted = inDependencyOrder({make("a", {"z"}), make("b", {}), make("z", {"m"}), make("m", {})}, _problems);
    std::string order;
    for (const auto& manifest : sorted) order += manifest.name;
    CPPUNIT_ASSERT_EQUAL(std::string("mzab"), order);
    CPPUNIT_ASSERT(!_problems.hasErrors());
  }

  void reportsACycleOnce() {
    inDependencyOrder({make("a", {"b"}), make("b", {"c"}), make("c", {"a"})}, _problems);
    CPPUNIT_ASSERT_EQUAL(size_t(1), _problems.all().size());
    expect("a -> b -> c -> a");
  }

  void comparesVersions() {
    CPPUNIT_ASSERT_EQUAL(std::string(), misfit("1.10.0", "1.9.5"));
    CPPUNIT_ASSERT_EQUAL(std::string(), misfit("1.2", ""));
    CPPUNIT_ASSERT(misfit("1.2", "1.2.1").find("but there is 1.2") != std::string::npos);
    CPPUNIT_ASSERT(misfit("2.0", "1.0").find("but there is 2.0") != std::string::npos);
    for (const char* wrong : {"1.", "1.x", "1.2.3.4", "-1", "1 "})
      CPPUNIT_ASSERT_MESSAGE(wrong, misfit("1.0", wrong).find("not of the form 1.2.3") != std::string::npos);
  }

 private:
  void bundle(const std::string& name, const std::string& inside = "", std::string folder = "") {
    if (folder.empty()) folder = name;
    if (_library.empty()) _library = "lib" + name + ".so";
    _folder.write(folder + ".bundle/bundle.xml", "<bundle name='" + name + "' version='1.0.0' api='1' build='" + buildId() + "' library='" +
                                                     _library + "' class='Some::Class'>" + inside + "</bundle>");
    _folder.write(folder + ".bundle/lib" + name + ".so", "");
    _library.clear();
  }
  static Manifest make(const std::string& name, const std::vector<std::string>& needs) {
    Manifest manifest;
    manifest.name = name;
    manifest.version = "1.0.0";
    for (const auto& need : needs) manifest.requires_.push_back({need, "1.0"});
    return manifest;
  }
  /// What is reported when a bundle requires `wanted` of one that is there in version `have`.
  static std::string misfit(const std::string& have, const std::string& wanted) {
    Manifest needy = make("a", {"b"}), other = make("b", {});
    needy.requires_[0].version = wanted;
    other.version = have;
    Pipeline::Problems problems;
    inDependencyOrder({needy, other}, problems);
    return problems.toString();
  }
  std::vector<Manifest> read() { return readManifests({_folder.path()}, _problems); }
  void expect(const std::string& part) {
    const std::string all = _problems.toString();
    CPPUNIT_ASSERT_MESSAGE(all, all.find(part) != std::string::npos);
  }

  Testsuite::TemporaryFolder _folder;
  Pipeline::Problems _problems;
  std::string _library;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestsTest);

}  // namespace Patchbay::Bundle
