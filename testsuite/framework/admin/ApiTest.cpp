#include <fstream>

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include "TemporaryFolder.h"
#include "patchbay/admin/Endpoint.h"

namespace Patchbay::Admin {

using Pipeline::Type;

/// The API over HTTP, with operations of the test's own.
class ApiTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ApiTest);
  CPPUNIT_TEST(needsAToken);
  CPPUNIT_TEST(needsTheRole);
  CPPUNIT_TEST(refusesOtherSites);
  CPPUNIT_TEST(changesNothingByGet);
  CPPUNIT_TEST(takesArgumentsFromPathQueryAndBody);
  CPPUNIT_TEST(refusesWrongArguments);
  CPPUNIT_TEST(refusesWhatIsNoSmallJsonObject);
  CPPUNIT_TEST(refusesWhatIsNoText);
  CPPUNIT_TEST(exceptionsBecomeAnswers);
  CPPUNIT_TEST(answersAreUtf8);
  CPPUNIT_TEST(documentAndListTellWhatThereIs);
  CPPUNIT_TEST(tokensAreManagedByTheApi);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    _access.open();
    std::ifstream(_access.adminTokenFile()) >> _token;
    _operations.add(operationsOperation(_operations));
    for (auto& operation : tokenOperations(_access)) _operations.add(std::move(operation));
    declare("show", "GET", "/things/{name}", Role::read);
    declare("put", "POST", "/things/{name}", Role::operate);
    _endpoint.start();
  }

  /// G40
  void needsAToken() {
    const std::string good = std::exchange(_token, "");
    CPPUNIT_ASSERT_EQUAL(401, ask("GET", "/api/v1/things/a"));
    CPPUNIT_ASSERT_EQUAL(std::string("Bearer realm=\"patchbay\""), _response.get("WWW-Authenticate"));
    _token = good + "0";
    CPPUNIT_ASSERT_EQUAL(401, ask("GET", "/api/v1/things/a"));
    CPPUNIT_ASSERT_EQUAL(401, ask("GET", "/api/v1/openapi.json"));
    CPPUNIT_ASSERT_EQUAL(401, ask("GET", "/api/v1/nothing"));  // what there is, is nobody's business
    CPPUNIT_ASSERT(_ran.empty());
    _token = good;
    CPPUNIT_ASSERT_EQUAL(200, ask("GET", "/api/v1/things/a"));
  }

  /// G40
  void needsTheRole() {
    _token = _access.add("reader", Role::read, {});
    CPPUNIT_ASSERT_EQUAL(200, ask("GET", "/api/v1/things/a"));
    CPPUNIT_ASSERT_EQUAL(403, ask("POST", "/api/v1/things/a"));
    CPPUNIT_ASSERT_EQUAL(std::string("this needs the role operate, and the token 'reader' has read"), error());
    CPPUNIT_ASSERT_EQUAL(403, ask("GET", "/api/v1/tokens"));
    CPPUNIT_ASSERT_EQUAL(std::string("show"), _ran);
  }

  /// G40: a page of another site in the browser of an operator.
  void refusesOtherSites() {
    _origin = "http://evil.example";
    CPPUNIT_ASSERT_EQUAL(403, ask("POST", "/api/v1/things/a"));
    _origin = "http://127.0.0.1:" + std::to_string(_endpoint.local().port);
    CPPUNIT_ASSERT_EQUAL(200, ask("POST", "/api/v1/things/a"));
  }

  /// G40: GET for a change.
  void changesNothingByGet() {
    CPPUNIT_ASSERT_EQUAL(405, ask("DELETE", "/api/v1/things/a"));
    CPPUNIT_ASSERT_EQUAL(std::string("GET, POST"), _response.get("Allow"));
    CPPUNIT_ASSERT_EQUAL(405, ask("GET", "/api/v1/tokens/admin"));
    CPPUNIT_ASSERT_EQUAL(404, ask("GET", "/api/v1/things/a/b"));
    CPPUNIT_ASSERT_EQUAL(404, ask("GET", "/api/v1/../../etc/passwd"));  // G42
    CPPUNIT_ASSERT(_ran.empty());
  }

  void takesArgumentsFromPathQueryAndBody() {
    ask("GET", "/api/v1/things/a%20b?size=1KiB");
    CPPUNIT_ASSERT_EQUAL(std::string("a b"), _arguments.at("name"));
    CPPUNIT_ASSERT_EQUAL(std::string("1KiB"), _arguments.at("size"));
    ask("POST", "/api/v1/things/c", R"({"size":"2KiB","words":["x","y"],"count":3,"note":null})");
    CPPUNIT_ASSERT_EQUAL(std::string("x,y"), _arguments.at("words"));
    CPPUNIT_ASSERT_EQUAL(std::string("3"), _arguments.at("count"));
    CPPUNIT_ASSERT(!_arguments.count("note"));
  }

  void refusesWrongArguments() {
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/things/c", R"({"sise":"2KiB","count":11})"));
    CPPUNIT_ASSERT_EQUAL(size_t(2), _body->getArray("problems")->size());
    CPPUNIT_ASSERT_EQUAL(std::string("put: count: '11' is out of range: from 0 to 10"), error());
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/things/c?count=1", R"({"count":2})"));
    CPPUNIT_ASSERT_EQUAL(std::string("the argument 'count' is given twice"), error());
    CPPUNIT_ASSERT(_ran.empty());
  }

  /// G41: body too large, deep JSON, many parameters.
  void refusesWhatIsNoSmallJsonObject() {
    CPPUNIT_ASSERT_EQUAL(413, ask("POST", "/api/v1/things/c", std::string(70 * 1024, ' ')));
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/things/c", std::string(2000, '[') + std::string(2000, ']')));
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/things/c", R"({"words":[["x"]]})"));
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/things/c", "[1]"));
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/things/c", "{\"count\":"));
    std::string many = "{";
    for (int i = 0; i < 4000; ++i) many += "\"p" + std::to_string(i) + "\":1,";
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/things/c", many + "\"count\":1}"));
    _type = "text/plain";
    CPPUNIT_ASSERT_EQUAL(415, ask("POST", "/api/v1/things/c", "{}"));
    CPPUNIT_ASSERT(_ran.empty());
  }

  /// G41: invalid UTF-8.
  void refusesWhatIsNoText() {
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/things/c", "{\"note\":\"\xc0\xaf\"}"));
    CPPUNIT_ASSERT_EQUAL(400, ask("GET", "/api/v1/things/c?note=%00"));
    CPPUNIT_ASSERT_EQUAL(400, ask("GET", "/api/v1/things/%ff"));
    CPPUNIT_ASSERT(_ran.empty());
  }

  void exceptionsBecomeAnswers() {
    const std::pair<const char*, int> all[] = {{"missing", 404}, {"taken", 409}, {"wrong", 400}, {"broken", 500}, {"odd", 500}};
    for (const auto& [name, status] : all) {
      CPPUNIT_ASSERT_EQUAL(status, ask("GET", std::string("/api/v1/things/") + name));
      CPPUNIT_ASSERT_MESSAGE(name, error().find(name) != std::string::npos);
    }
  }

  void answersAreUtf8() {
    ask("GET", "/api/v1/things/octets");
    CPPUNIT_ASSERT_EQUAL(std::string("a\xEF\xBF\xBD"
                                     "b"),
                         _body->getValue<std::string>("octets"));
  }

  void documentAndListTellWhatThereIs() {
    CPPUNIT_ASSERT_EQUAL(200, ask("GET", "/api/v1/openapi.json"));
    CPPUNIT_ASSERT(_body->getObject("paths")->has("/things/{name}"));
    CPPUNIT_ASSERT_EQUAL(200, ask("GET", "/api/v1/operations"));
    CPPUNIT_ASSERT_EQUAL(std::string("operations"), _list->getObject(0)->getValue<std::string>("name"));
    CPPUNIT_ASSERT_EQUAL(size_t(6), _list->size());
  }

  void tokensAreManagedByTheApi() {
    CPPUNIT_ASSERT_EQUAL(201, ask("POST", "/api/v1/tokens", R"({"name":"eve","role":"read","valid":"1h"})"));
    const std::string secret = _body->getValue<std::string>("token");
    CPPUNIT_ASSERT_EQUAL(409, ask("POST", "/api/v1/tokens", R"({"name":"eve","role":"read"})"));
    CPPUNIT_ASSERT_EQUAL(400, ask("POST", "/api/v1/tokens", R"({"name":"adam","role":"root"})"));
    const std::string mine = std::exchange(_token, secret);
    CPPUNIT_ASSERT_EQUAL(200, ask("GET", "/api/v1/things/a"));
    _token = mine;
    CPPUNIT_ASSERT_EQUAL(200, ask("DELETE", "/api/v1/tokens/eve"));
    CPPUNIT_ASSERT_EQUAL(404, ask("DELETE", "/api/v1/tokens/eve"));
    CPPUNIT_ASSERT_EQUAL(400, ask("DELETE", "/api/v1/tokens/admin"));
    CPPUNIT_ASSERT_EQUAL(200, ask("GET", "/api/v1/tokens"));
    CPPUNIT_ASSERT_EQUAL(size_t(1), _list->size());
    _token = secret;
    CPPUNIT_ASSERT_EQUAL(401, ask("GET", "/api/v1/things/a"));
  }

 private:
  void declare(const std::string& name, const std::string& method, const std::string& path, Role role) {
    _operations.add({.name = name,
                     .summary = "Something.",
                     .method = method,
                     .path = path,
                     .parameters = {{"name", Type::text, "which", true},
                                    {"size", Type::bytes, "how much"},
                                    {"count", Type::integer, "how many", false, {}, 0, 10},
                                    {"note", Type::text, "anything"},
                                    {"words", Type::list, "some"}},
                     .role = role,
                     .run = [this, name](const Arguments& arguments) { return run(name, arguments); }});
  }
  Answer run(const std::string& name, const Arguments& arguments) {
    _ran = name;
    _arguments = arguments;
    const std::string& what = arguments.at("name");
    if (what == "missing") throw Poco::NotFoundException("it is missing");
    if (what == "taken") throw Poco::ExistsException("it is taken");
    if (what == "wrong") throw Poco::InvalidArgumentException("it is wrong");
    if (what == "broken") throw Poco::IOException("it is broken");
    if (what == "odd") throw std::runtime_error("it is odd");
    Poco::JSON::Object body;
    body.set("octets",
             "a\xff"
             "b");
    return {200, body};
  }
  int ask(const std::string& method, const std::string& path, const std::string& body = "") {
    Poco::Net::HTTPClientSession session("127.0.0.1", _endpoint.local().port);
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPRequest::HTTP_1_1);
    if (!_token.empty()) request.set("Authorization", "Bearer " + _token);
    if (!_origin.empty()) request.set("Origin", _origin);
    request.setContentType(_type);
    request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    session.sendRequest(request) << body << std::flush;
    std::string text;
    _response.clear();
    Poco::StreamCopier::copyToString(session.receiveResponse(_response), text);
    const auto parsed = Poco::JSON::Parser().parse(text);
    _list = parsed.type() == typeid(Poco::JSON::Array::Ptr) ? parsed.extract<Poco::JSON::Array::Ptr>() : nullptr;
    _body = _list ? nullptr : parsed.extract<Poco::JSON::Object::Ptr>();
    return _response.getStatus();
  }
  std::string error() const { return _body->getValue<std::string>("error"); }

  Testsuite::TemporaryFolder _folder;
  Runtime::SystemClock _clock;
  Runtime::Metrics _metrics;
  Health _health;
  Operations _operations;
  Access _access{_folder.path(), _clock};
  Endpoint _endpoint{{*Runtime::Endpoint::parse("127.0.0.1:0"), "1.0"}, {_metrics, _health, _operations, _access}};
  std::string _token, _origin, _type = "application/json", _ran;
  Arguments _arguments;
  Poco::Net::HTTPResponse _response;
  Poco::JSON::Object::Ptr _body;
  Poco::JSON::Array::Ptr _list;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ApiTest);

}  // namespace Patchbay::Admin
