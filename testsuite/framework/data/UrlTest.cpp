#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <fstream>

#include <Poco/Exception.h>
#include <Poco/TemporaryFile.h>

#include "Url.h"

namespace Patchbay::Data {

namespace {

using namespace std::string_literals;

class UrlTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(UrlTest);
  CPPUNIT_TEST(readsAllParts);
  CPPUNIT_TEST(readsOptions);
  CPPUNIT_TEST(takesThePasswordFromFileOrEnvironment);
  CPPUNIT_TEST(saysWhatIsAllowed);
  CPPUNIT_TEST(neverShowsAPassword);
  CPPUNIT_TEST_SUITE_END();

 public:
  void tearDown() override { ::unsetenv("PATCHBAY_DATABASE_PASSWORD"); }

  void readsAllParts() {
    const auto all = mysql("mysql://jo%40e:s%2Fe%3Ac%40r%25t@db.example.org:3307/sip");
    CPPUNIT_ASSERT_EQUAL("jo@e"s, all.user);
    CPPUNIT_ASSERT_EQUAL("s/e:c@r%t"s, all.password);
    CPPUNIT_ASSERT_EQUAL("db.example.org"s, all.host);
    CPPUNIT_ASSERT_EQUAL("sip"s, all.database);
    CPPUNIT_ASSERT_EQUAL(uint16_t{3307}, all.port);
    CPPUNIT_ASSERT_EQUAL("::1"s, mysql("mysql://joe@[::1]:3307/sip").host);
    CPPUNIT_ASSERT_EQUAL(uint16_t{3306}, mysql("mysql://joe@192.0.2.1/sip").port);
    CPPUNIT_ASSERT_EQUAL(uint16_t{0}, mysql("mysql://joe@localhost/sip").port);  // the library's socket
    CPPUNIT_ASSERT_EQUAL("127.0.0.1"s, mysql("mysql://joe@localhost:3306/sip").host);
    CPPUNIT_ASSERT_EQUAL("/x/y.db"s, std::get<SqliteSettings>(readUrl("sqlite:/x/y.db?sync=full")).file);
  }

  void readsOptions() {
    const auto settings = mysql("mysql://joe@h/d?timeout=500&queue=1000&start=refuse");
    CPPUNIT_ASSERT(settings.timeout == std::chrono::milliseconds(500));
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, settings.queue);
    CPPUNIT_ASSERT(!settings.wait);
    CPPUNIT_ASSERT(mysql("mysql://joe@h/d").wait);
    const auto file = std::get<SqliteSettings>(readUrl("sqlite:x?busy=7&timeout=300&sync=normal"));
    CPPUNIT_ASSERT(file.busy == std::chrono::milliseconds(7) && file.timeout == std::chrono::milliseconds(300) && !file.full);
  }

  void takesThePasswordFromFileOrEnvironment() {
    const Poco::TemporaryFile file;
    std::ofstream(file.path()) << "from a file\r\nand more\n";
    CPPUNIT_ASSERT_EQUAL("from a file"s, mysql("mysql://joe@h/d?password_file=" + file.path()).password);
    ::setenv("PATCHBAY_DATABASE_PASSWORD", "from outside", 1);
    CPPUNIT_ASSERT_EQUAL("from outside"s, mysql("mysql://joe@h/d").password);
    CPPUNIT_ASSERT_EQUAL("own"s, mysql("mysql://joe:own@h/d").password);
    refused("mysql://joe:own@h/d?password_file=" + file.path(), "one of them");
    refused("mysql://joe@h/d?password_file=/nowhere/at/all", "/nowhere/at/all cannot be read");
  }

  void saysWhatIsAllowed() {
    refused("postgres://joe@h/d", "mysql://user[:password]@host[:port]/database");
    refused("", "sqlite:FILE");
    refused("mysql://h/d", "the user is missing");
    refused("mysql://joe@/d", "the host is missing");
    refused("mysql://joe@h", "the database's name is missing");
    refused("mysql://joe@h/", "the database's name is missing");
    refused("mysql://joe@h:port/d", "'port' is no port");
    refused("mysql://joe@h:99999/d", "'99999' is no port");
    refused("mysql://joe:a%zz@h/d", "hexadecimal");
    refused("mysql://joe:a%3Bb@h/d", "in the password cannot be passed on");
    refused("mysql://joe@h/d?start=perhaps", "start=perhaps' is neither wait nor refuse; options: password_file=FILE");
    refused("mysql://joe@h/d?timeout=1", "no number from 100 to 60000");
    refused("mysql://joe@h/d?sync=full", "option 'sync' is unknown");
    refused("sqlite:x?start=wait", "options: sync=normal, sync=full");
  }

  void neverShowsAPassword() {
    for (const char* url : {"mysql://joe:hidden@h/d?x", "mysql://joe:hidden@h", "mysql://joe:hid?hidden@h/d", "mysql:joe:hidden@h/d",
                            "mysql://joe:hidden", "mysq://joe:hidden@h/d", "mysql://joe@h/d?password=hidden", "mysql://joe:%hidden@h/d"}) {
      const std::string text = errorOf(url);
      CPPUNIT_ASSERT_MESSAGE(text, !text.empty() && text.find("hidden") == text.npos);
    }
  }

 private:
  static MysqlSettings mysql(const std::string& url) { return std::get<MysqlSettings>(readUrl(url)); }
  static std::string errorOf(const std::string& url) {
    try {
      readUrl(url);
    } catch (const Poco::InvalidArgumentException& error) {
      return error.message();
    }
    return {};
  }
  static void refused(const std::string& url, const std::string& why) {
    const std::string text = errorOf(url);
    CPPUNIT_ASSERT_MESSAGE(url + ": " + text, text.find(why) != text.npos);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UrlTest);

}  // namespace

}  // namespace Patchbay::Data
