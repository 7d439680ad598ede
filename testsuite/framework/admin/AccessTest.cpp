#include <sys/stat.h>

#include <fstream>

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Exception.h>

#include "FakeEnvironment.h"
#include "TemporaryFolder.h"
#include "patchbay/admin/Access.h"

namespace Patchbay::Admin {

using namespace std::chrono_literals;

class AccessTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AccessTest);
  CPPUNIT_TEST(firstStartMakesOneToken);
  CPPUNIT_TEST(keepsHashesOnly);
  CPPUNIT_TEST(tokensLiveOverRestarts);
  CPPUNIT_TEST(expiredTokenIsNoToken);
  CPPUNIT_TEST(removedTokenIsNoToken);
  CPPUNIT_TEST(lastAdministratorStays);
  CPPUNIT_TEST(refusesAFileThatOthersMayRead);
  CPPUNIT_TEST_SUITE_END();

 public:
  /// G40: no default password.
  void firstStartMakesOneToken() {
    CPPUNIT_ASSERT(_access.open());
    const std::string secret = first();
    CPPUNIT_ASSERT_EQUAL(size_t(67), secret.size());
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), _access.find(secret)->name);
    CPPUNIT_ASSERT(_access.find(secret)->role == Role::administer);
    CPPUNIT_ASSERT(!_access.find(""));
    CPPUNIT_ASSERT(!_access.find(secret.substr(1)));
    for (const char* name : {"/tokens", "/admin.token"}) CPPUNIT_ASSERT_EQUAL(mode_t(0600), modeOf(_folder.path() + name));
  }

  void keepsHashesOnly() {
    _access.open();
    const std::string secret = _access.add("eve", Role::read, {});
    const std::string file = _folder.read(_folder.path() + "/tokens");
    CPPUNIT_ASSERT(file.find("\"eve\"") != std::string::npos);
    CPPUNIT_ASSERT(file.find(secret.substr(3)) == std::string::npos);
  }

  void tokensLiveOverRestarts() {
    _access.open();
    const std::string secret = _access.add("eve", Role::operate, 1h);
    Access next(_folder.path(), _clock);
    CPPUNIT_ASSERT(!next.open());
    CPPUNIT_ASSERT(next.find(secret)->role == Role::operate);
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), next.find(first())->name);
  }

  /// G40
  void expiredTokenIsNoToken() {
    _access.open();
    const std::string secret = _access.add("eve", Role::operate, 1h);
    _clock.move(59min);
    CPPUNIT_ASSERT(_access.find(secret));
    _clock.move(2min);
    CPPUNIT_ASSERT(!_access.find(secret));
  }

  void removedTokenIsNoToken() {
    _access.open();
    const std::string secret = _access.add("eve", Role::operate, {});
    CPPUNIT_ASSERT_THROW(_access.add("eve", Role::read, {}), Poco::ExistsException);
    _access.remove("eve");
    CPPUNIT_ASSERT(!_access.find(secret));
    CPPUNIT_ASSERT_THROW(_access.remove("eve"), Poco::NotFoundException);
  }

  void lastAdministratorStays() {
    _access.open();
    CPPUNIT_ASSERT_THROW(_access.remove("admin"), Poco::InvalidArgumentException);
    _access.add("other", Role::administer, {});
    _access.remove("admin");
    CPPUNIT_ASSERT_EQUAL(size_t(1), _access.all().size());
  }

  void refusesAFileThatOthersMayRead() {
    _access.open();
    ::chmod((_folder.path() + "/tokens").c_str(), 0644);
    Access next(_folder.path(), _clock);
    CPPUNIT_ASSERT_THROW(next.open(), Poco::FileException);
  }

 private:
  static mode_t modeOf(const std::string& path) {
    struct stat status {};
    CPPUNIT_ASSERT_EQUAL(0, ::stat(path.c_str(), &status));
    return status.st_mode & 0777;
  }
  std::string first() const {
    std::string secret;
    std::ifstream(_access.adminTokenFile()) >> secret;
    return secret;
  }
  Testsuite::TemporaryFolder _folder;
  Testsuite::FakeClock _clock;
  Access _access{_folder.path(), _clock};
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccessTest);

}  // namespace Patchbay::Admin
