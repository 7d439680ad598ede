#include <cppunit/extensions/HelperMacros.h>

#include <Poco/AutoPtr.h>
#include <Poco/DOM/DOMParser.h>
#include <Poco/DOM/Document.h>
#include <Poco/DOM/Element.h>
#include <Poco/Process.h>

#include "TemporaryFolder.h"
#include "TestPaths.h"

namespace Patchbay::Application {

/// The manual of the bundles beside the program, as `make docs` writes it.
class ReferenceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ReferenceTest);
  CPPUNIT_TEST(hasAPageForEachBundle);
  CPPUNIT_TEST(tellsWhatAnActionIs);
  CPPUNIT_TEST(listsTheConfigurationsElements);
  CPPUNIT_TEST(theSchemaHasEachStep);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    const auto handle = Poco::Process::launch(Testsuite::buildFolder() + "/bin/patchbay", {"--describe=" + _folder.path() + "/reference"});
    CPPUNIT_ASSERT_EQUAL(0, handle.wait());
  }

  void hasAPageForEachBundle() {
    const std::string index = read("README.md");
    size_t pages = 0;
    for (const auto& entry : std::filesystem::directory_iterator(Testsuite::bundlesFolder())) {
      if (entry.path().extension() != ".bundle") continue;
      const std::string name = entry.path().stem().string();
      CPPUNIT_ASSERT_MESSAGE(name, read(name + ".md").find("# " + name + "\n") != std::string::npos);
      CPPUNIT_ASSERT_MESSAGE(name, index.find("| [" + name + "](" + name + ".md) |") != std::string::npos);
      ++pages;
    }
    CPPUNIT_ASSERT(pages >= 11);
  }

  void tellsWhatAnActionIs() {
    const std::string page = read("sl.md");
    for (const char* part : {"### sl_send_reply(code, [reason], [retry_after])", "- runs in: request",
                             "- settles:", "| `code` | integer 200 to 699 | (required) |"})
      CPPUNIT_ASSERT_MESSAGE(page, page.find(part) != std::string::npos);
  }

  void listsTheConfigurationsElements() {
    const std::string index = read("README.md");
    for (const char* part : {"### `<server>`", "### `<log>`", "| `listen` | text | `127.0.0.1:5088` |", "`${config}`"})
      CPPUNIT_ASSERT_MESSAGE(part, index.find(part) != std::string::npos);
  }

  void theSchemaHasEachStep() {
    Poco::XML::DOMParser parser;
    const Poco::AutoPtr<Poco::XML::Document> document(parser.parse(_folder.path() + "/reference/routing.xsd"));
    CPPUNIT_ASSERT_EQUAL(std::string("xs:schema"), document->documentElement()->nodeName());
    const std::string schema = read("routing.xsd");
    for (const char* part : {"<xs:element name=\"t_relay\">", "<xs:element ref=\"append_hf\"/>", "<xs:enumeration value=\"request\"/>"})
      CPPUNIT_ASSERT_MESSAGE(part, schema.find(part) != std::string::npos);
  }

 private:
  std::string read(const std::string& name) const { return Testsuite::TemporaryFolder::read(_folder.path() + "/reference/" + name); }
  Testsuite::TemporaryFolder _folder;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReferenceTest);

}  // namespace Patchbay::Application
