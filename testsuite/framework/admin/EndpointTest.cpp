#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>

#include "patchbay/admin/Endpoint.h"

namespace Patchbay::Admin {

class EndpointTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EndpointTest);
  CPPUNIT_TEST(escapesLabelsAndHelp);
  CPPUNIT_TEST(namesAFamilyOnce);
  CPPUNIT_TEST(isReadyWhenNoPartLoads);
  CPPUNIT_TEST(answersMetrics);
  CPPUNIT_TEST(answersReadiness);
  CPPUNIT_TEST(refusesOtherMethodsAndPaths);
  CPPUNIT_TEST(refusesALargeHead);
  CPPUNIT_TEST(refusesOtherAddressesThanLoopback);
  CPPUNIT_TEST(namesATakenAddress);
  CPPUNIT_TEST_SUITE_END();

 public:
  void escapesLabelsAndHelp() {
    _metrics.counter("odd_total", "back\\slash\nline", {{"text", "a\"b\\c\nd"}}).add(3);
    CPPUNIT_ASSERT_EQUAL(std::string("# HELP patchbay_odd_total back\\\\slash\\nline\n# TYPE patchbay_odd_total counter\n"
                                     "patchbay_odd_total{text=\"a\\\"b\\\\c\\nd\"} 3\n"),
                         prometheusText(_metrics));
  }

  void namesAFamilyOnce() {
    _metrics.counter("requests_total", "Requests.", {{"method", "A"}}).add();
    _metrics.counter("requests_total", "Requests.", {{"method", "B"}}).add();
    _metrics.gauge("load", "Load.", [] { return 0.5; });
    const std::string text = prometheusText(_metrics);
    CPPUNIT_ASSERT_EQUAL(text.find("# TYPE patchbay_requests_total"), text.rfind("# TYPE patchbay_requests_total"));
    CPPUNIT_ASSERT_MESSAGE(text, text.find("# TYPE patchbay_load gauge\npatchbay_load 0.5\n") != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(text, text.find("patchbay_requests_total{method=\"B\"} 1\n") != std::string::npos);
  }

  void isReadyWhenNoPartLoads() {
    CPPUNIT_ASSERT(!_health.ready());
    _health.set("usrloc", Health::State::loading, "reading the table");
    _health.set("server", Health::State::ready);
    CPPUNIT_ASSERT(!_health.ready());
    _health.set("usrloc", Health::State::degraded, "the database is away");
    CPPUNIT_ASSERT(_health.ready());
  }

  void answersMetrics() {
    _metrics.counter("things_total", "Things.").add(7);
    start();
    CPPUNIT_ASSERT_EQUAL(200, ask("/metrics"));
    CPPUNIT_ASSERT_MESSAGE(_body, _body.find("patchbay_things_total 7\n") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string("text/plain; version=0.0.4; charset=utf-8"), _type);
  }

  void answersReadiness() {
    start();
    CPPUNIT_ASSERT_EQUAL(200, ask("/healthz"));
    _health.set("tm", Health::State::loading, "soon");
    CPPUNIT_ASSERT_EQUAL(503, ask("/readyz"));
    CPPUNIT_ASSERT_EQUAL(std::string("not ready\ntm: loading, soon\n"), _body);
    _health.set("tm", Health::State::ready);
    _health.set("server", Health::State::ready);
    CPPUNIT_ASSERT_EQUAL(200, ask("/readyz?verbose"));
  }

  void refusesOtherMethodsAndPaths() {
    start();
    CPPUNIT_ASSERT_EQUAL(405, ask("/metrics", "POST"));
    CPPUNIT_ASSERT_EQUAL(404, ask("/metrics/"));
    CPPUNIT_ASSERT_EQUAL(404, ask("/../etc/passwd"));
    CPPUNIT_ASSERT_EQUAL(200, ask("/healthz", "HEAD"));
    CPPUNIT_ASSERT_EQUAL(std::string(), _body);
  }

  /// More than 8 KiB of head is refused, and the connection ends.
  void refusesALargeHead() {
    start();
    Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", _endpoint->local().port));
    std::string head = "GET /healthz HTTP/1.1\r\n";
    for (int i = 0; i < 20; ++i) head += "X-Fill-" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n";
    std::string answer;
    try {
      socket.sendBytes(head.data(), static_cast<int>(head.size()));
      char octets[1024];
      for (int got = 1; got > 0;) {
        got = socket.receiveBytes(octets, sizeof octets);
        answer.append(octets, static_cast<size_t>(std::max(got, 0)));
      }
    } catch (const Poco::Exception&) {  // a reset is an end too
    }
    CPPUNIT_ASSERT_MESSAGE(answer, answer.find(" 200 ") == std::string::npos);
    CPPUNIT_ASSERT_EQUAL(200, ask("/healthz"));
  }

  void refusesOtherAddressesThanLoopback() {
    Endpoint endpoint({*Runtime::Endpoint::parse("0.0.0.0:0")}, parts());
    CPPUNIT_ASSERT_THROW(endpoint.start(), Poco::InvalidArgumentException);
  }

  void namesATakenAddress() {
    start();
    Endpoint second({_endpoint->local()}, parts());
    try {
      second.start();
      CPPUNIT_FAIL("bound twice");
    } catch (const Poco::IOException& error) {
      CPPUNIT_ASSERT_MESSAGE(error.message(), error.message().find(_endpoint->local().toString()) != std::string::npos);
    }
  }

 private:
  Endpoint::Parts parts() const { return {_metrics, _health, _operations, _access}; }
  void start() {
    _endpoint = std::make_unique<Endpoint>(Endpoint::Settings{*Runtime::Endpoint::parse("127.0.0.1:0")}, parts());
    _endpoint->start();
  }
  int ask(const std::string& path, const std::string& method = "GET") {
    Poco::Net::HTTPClientSession session("127.0.0.1", _endpoint->local().port);
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPRequest::HTTP_1_1);
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    _body.clear();
    Poco::StreamCopier::copyToString(session.receiveResponse(response), _body);
    _type = response.getContentType();
    return response.getStatus();
  }
  Runtime::Metrics _metrics;
  Health _health;
  Operations _operations;
  Runtime::SystemClock _clock;
  Access _access{"", _clock};
  std::unique_ptr<Endpoint> _endpoint;
  std::string _body, _type;
};

CPPUNIT_TEST_SUITE_REGISTRATION(EndpointTest);

}  // namespace Patchbay::Admin
