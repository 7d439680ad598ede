#include <cppunit/extensions/HelperMacros.h>

#include <Poco/AutoPtr.h>
#include <Poco/DOM/DOMParser.h>
#include <Poco/DOM/Document.h>
#include <Poco/DOM/Element.h>
#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>

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
  CPPUNIT_TEST(theSchemaAcceptsOurRules);
  CPPUNIT_TEST(theSchemaRefusesAnUnknownStep);
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

  void theSchemaAcceptsOurRules() {
    for (const char* rules : {"/conf/routing.xml", "/testsuite/bench/routing.xml", "/testsuite/bench/stateless-routing.xml"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(rules, 0, validate(Testsuite::sourceFolder() + rules));
  }

  void theSchemaRefusesAnUnknownStep() {
    const std::string rules = "<routing xmlns='urn:patchbay:routing'><pipeline name='a' on='request'><t_rely/></pipeline></routing>";
    CPPUNIT_ASSERT_EQUAL(InvalidDocument, validate(_folder.write("rules.xml", rules)));
  }

 private:
  static constexpr int InvalidDocument = 3;  // of xmllint's exit codes

  int validate(const std::string& rules) const {
    Poco::Pipe said;
    const Poco::Process::Args arguments{"--noout", "--nonet", "--schema", _folder.path() + "/reference/routing.xsd", rules};
    const auto handle = Poco::Process::launch("xmllint", arguments, nullptr, &said, &said);
    Poco::PipeInputStream stream(said);
    std::string text;
    Poco::StreamCopier::copyToString(stream, text);
    return handle.wait();
  }
  std::string read(const std::string& name) const { return Testsuite::TemporaryFolder::read(_folder.path() + "/reference/" + name); }
  Testsuite::TemporaryFolder _folder;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReferenceTest);

}  // namespace Patchbay::Application
