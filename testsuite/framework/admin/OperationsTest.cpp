#include <cppunit/extensions/HelperMacros.h>

#include <Poco/JSON/Parser.h>

#include "patchbay/admin/Operations.h"

namespace Patchbay::Admin {

using Pipeline::Type;

class OperationsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OperationsTest);
  CPPUNIT_TEST(findsByPathAndDecodesIt);
  CPPUNIT_TEST(prefersAFixedSegment);
  CPPUNIT_TEST(namesTheMethodsOfAPath);
  CPPUNIT_TEST(refusesASecondOneOfTheName);
  CPPUNIT_TEST(refusesAPathWithoutItsParameter);
  CPPUNIT_TEST(tellsEverythingThatIsWrong);
  CPPUNIT_TEST(fillsInDefaults);
  CPPUNIT_TEST(documentSaysWhatIsDeclared);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    _operations.add(declared("ul.show", "GET", "/contacts/{user}"));
    _operations.add(declared("ul.rm", "DELETE", "/contacts/{user}"));
    _operations.add(declared("ul.all", "GET", "/contacts/all"));
  }

  void findsByPathAndDecodesIt() {
    const auto match = _operations.find("GET", "/contacts/joe%40example.org");
    CPPUNIT_ASSERT(match.operation);
    CPPUNIT_ASSERT_EQUAL(std::string("ul.show"), match.operation->name);
    CPPUNIT_ASSERT_EQUAL(std::string("joe@example.org"), match.arguments.at("user"));
    CPPUNIT_ASSERT(!_operations.find("GET", "/contacts").operation);
    CPPUNIT_ASSERT(!_operations.find("GET", "/contacts/").operation);
    CPPUNIT_ASSERT(!_operations.find("GET", "/contacts/joe/x").operation);
    CPPUNIT_ASSERT(!_operations.find("GET", "/contacts/../contacts/joe").operation);  // G42
  }

  void prefersAFixedSegment() { CPPUNIT_ASSERT_EQUAL(std::string("ul.all"), _operations.find("GET", "/contacts/all").operation->name); }

  void namesTheMethodsOfAPath() {
    const auto match = _operations.find("POST", "/contacts/joe");
    CPPUNIT_ASSERT(!match.operation);
    CPPUNIT_ASSERT_EQUAL(std::string("GET, DELETE"), match.allowed);
  }

  void refusesASecondOneOfTheName() {
    CPPUNIT_ASSERT_THROW(_operations.add(declared("ul.show", "GET", "/elsewhere/{user}")), Poco::LogicException);
    CPPUNIT_ASSERT_THROW(_operations.add(declared("other", "GET", "/contacts/{user}")), Poco::LogicException);
  }

  void refusesAPathWithoutItsParameter() {
    CPPUNIT_ASSERT_THROW(_operations.add(declared("other", "GET", "/other/{nobody}")), Poco::LogicException);
  }

  void tellsEverythingThatIsWrong() {
    Arguments arguments{{"expire", "1h"}, {"q", "high"}};
    const auto problems = check(*_operations.find("GET", "/contacts/joe").operation, arguments);
    CPPUNIT_ASSERT_EQUAL(size_t(3), problems.size());
    CPPUNIT_ASSERT_EQUAL(std::string("there is no parameter 'expire' (did you mean 'expires'?)"), problems[0]);
    CPPUNIT_ASSERT_EQUAL(std::string("q: 'high' is not a number"), problems[1]);
    CPPUNIT_ASSERT_EQUAL(std::string("the parameter 'user' is missing: whose"), problems[2]);
  }

  void fillsInDefaults() {
    Arguments arguments{{"user", "joe"}};
    CPPUNIT_ASSERT(check(*_operations.find("GET", "/contacts/joe").operation, arguments).empty());
    CPPUNIT_ASSERT_EQUAL(std::string("1h"), arguments.at("expires"));
    CPPUNIT_ASSERT(!arguments.count("q"));
  }

  void documentSaysWhatIsDeclared() {
    std::ostringstream text;
    openApi(_operations, "1.2.3").stringify(text);
    const auto document = Poco::JSON::Parser().parse(text.str()).extract<Poco::JSON::Object::Ptr>();
    const auto path = document->getObject("paths")->getObject("/contacts/{user}");
    CPPUNIT_ASSERT_EQUAL(std::string("ul.show"), path->getObject("get")->getValue<std::string>("operationId"));
    const auto parameters = path->getObject("get")->getArray("parameters");
    CPPUNIT_ASSERT_EQUAL(std::string("path"), parameters->getObject(0)->getValue<std::string>("in"));
    CPPUNIT_ASSERT_EQUAL(std::string("query"), parameters->getObject(1)->getValue<std::string>("in"));
    const auto schema = path->getObject("delete")->getObject("requestBody")->getObject("content")->getObject("application/json");
    CPPUNIT_ASSERT(schema->getObject("schema")->getObject("properties")->has("expires"));
    CPPUNIT_ASSERT_EQUAL(std::string("1.2.3"), document->getObject("info")->getValue<std::string>("version"));
  }

 private:
  static Operation declared(const std::string& name, const std::string& method, const std::string& path) {
    return {.name = name,
            .summary = "Something.",
            .method = method,
            .path = path,
            .parameters = {{"user", Type::text, "whose", true},
                           {"expires", Type::duration, "for how long", false, "1h"},
                           {"q", Type::number, "preference"}},
            .run = [](const Arguments&) { return Answer{}; }};
  }
  Operations _operations;
};

CPPUNIT_TEST_SUITE_REGISTRATION(OperationsTest);

}  // namespace Patchbay::Admin
