#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <future>

#include "AresNameServer.h"
#include "DnsServer.h"

using namespace Patchbay;
using namespace Patchbay::Resolver;
using namespace std::chrono_literals;
using Type = NameServer::Type;

/// c-ares on a real loop, against a name server on loopback. The waits end when the answer is there.
class AresTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AresTest);
  CPPUNIT_TEST(findsAddressesOfBothFamilies);
  CPPUNIT_TEST(followsAliases);
  CPPUNIT_TEST(findsServicesAndPointers);
  CPPUNIT_TEST(asksForWhatAnAliasNames);
  CPPUNIT_TEST(limitsAliasesOfManyAnswers);
  CPPUNIT_TEST(asksTheNextServerWhenOneIsLame);
  CPPUNIT_TEST(tellsThatNobodyIsThere);
  CPPUNIT_TEST(tellsWhatIsNotThere);
  CPPUNIT_TEST(tellsABrokenServer);
  CPPUNIT_TEST(givesUpOnASilentServer);
  CPPUNIT_TEST(passesOverASpoofedAnswer);
  CPPUNIT_TEST(asksOverTcpWhatWasCut);
  CPPUNIT_TEST(survivesMalformedAnswers);
  CPPUNIT_TEST(answersWhatIsUnderWayAtTheEnd);
  CPPUNIT_TEST(asksManyAtOnce);
  CPPUNIT_TEST(anExceptionOfWhoIsToldDoesNotPassThroughTheLibrary);
  CPPUNIT_TEST_SUITE_END();

  DnsServer dns;
  Runtime::SystemClock clock;
  std::unique_ptr<Runtime::ThreadedWorkers> workers;
  std::unique_ptr<AresNameServer> server;

 public:
  void setUp() override { begin(dns.address()); }
  void begin(const std::string& servers) {
    if (workers) tearDown();
    workers = std::make_unique<Runtime::ThreadedWorkers>(1, clock);
    server = std::make_unique<AresNameServer>();
    server->start(*workers, {servers, 600ms});
    workers->start();
  }
  void tearDown() override {
    workers->stop();
    server.reset();
    workers.reset();
  }

  void findsAddressesOfBothFamilies() {
    const auto v4 = ask("a.test", Type::a), v6 = ask("a.test", Type::aaaa);
    CPPUNIT_ASSERT(v4.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), v4.records.at(0).address.toString());
    CPPUNIT_ASSERT(v4.ttl == 60s);
    CPPUNIT_ASSERT(v6.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::1"), v6.records.at(0).address.toString());
  }
  // I08
  void followsAliases() {
    const auto answer = ask("cname.test");
    CPPUNIT_ASSERT(answer.outcome == Outcome::found);
    CPPUNIT_ASSERT(answer.ttl == 30s);
  }
  void findsServicesAndPointers() {
    const auto services = ask("_sip._udp.a.test", Type::srv), pointers = ask("a.test", Type::naptr);
    CPPUNIT_ASSERT_EQUAL(std::string("a.test"), services.records.at(0).target);
    CPPUNIT_ASSERT_EQUAL(uint16_t{5070}, services.records[0].port);
    CPPUNIT_ASSERT(services.ttl == 1s);
    CPPUNIT_ASSERT_EQUAL(std::string("sip+d2u"), pointers.records.at(0).service);
    CPPUNIT_ASSERT(pointers.ttl == 7s);
  }
  // I08
  void asksForWhatAnAliasNames() {
    const auto answer = ask("dangling.test");
    CPPUNIT_ASSERT(answer.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(2, dns.asked());
  }
  // I08
  void limitsAliasesOfManyAnswers() {
    const auto answer = ask("ping.test");
    CPPUNIT_ASSERT(answer.outcome == Outcome::failed);
    CPPUNIT_ASSERT(answer.failure == NameServer::Failure::malformed);
    CPPUNIT_ASSERT_EQUAL(9, dns.asked());
  }
  // I05: REFUSED, SERVFAIL, NOTIMP
  void asksTheNextServerWhenOneIsLame() {
    for (const int code : {5, 2, 4}) {
      DnsServer lame(code);
      begin(lame.address() + "," + dns.address());
      CPPUNIT_ASSERT(ask("a.test").outcome == Outcome::found);
      CPPUNIT_ASSERT(lame.asked() > 0);
    }
  }
  // I05
  void tellsThatNobodyIsThere() {
    std::string closed;
    {
      DnsServer gone;
      closed = gone.address();
    }
    begin(closed);
    const auto answer = ask("a.test");
    CPPUNIT_ASSERT(answer.outcome == Outcome::failed);
    CPPUNIT_ASSERT(answer.failure == NameServer::Failure::server);
  }
  void tellsWhatIsNotThere() {
    CPPUNIT_ASSERT(ask("nx.test").outcome == Outcome::notFound);
    CPPUNIT_ASSERT(ask("nodata.test").outcome == Outcome::notFound);
    CPPUNIT_ASSERT(ask("v4only.test", Type::aaaa).outcome == Outcome::notFound);
  }
  // I05
  void tellsABrokenServer() {
    const auto answer = ask("broken.test");
    CPPUNIT_ASSERT(answer.outcome == Outcome::failed);
    CPPUNIT_ASSERT(answer.failure == NameServer::Failure::server);
  }
  // I05
  void givesUpOnASilentServer() {
    const auto answer = ask("silent.test");
    CPPUNIT_ASSERT(answer.outcome == Outcome::failed);
    CPPUNIT_ASSERT(answer.failure == NameServer::Failure::timeout);
    CPPUNIT_ASSERT_EQUAL(3, dns.asked());
  }
  // I06
  void passesOverASpoofedAnswer() {
    const auto answer = ask("spoof.test");
    CPPUNIT_ASSERT(answer.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, answer.records.size());
  }
  // I05
  void asksOverTcpWhatWasCut() {
    const auto answer = ask("big.test");
    CPPUNIT_ASSERT(answer.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(size_t{64}, answer.records.size());
  }
  // I06
  void survivesMalformedAnswers() {
    for (const char* name : {"cnameloop.test", "other.test", "loop.test", "cut.test", "lies.test", "length.test", "empty.test"}) {
      const auto answer = ask(name);
      CPPUNIT_ASSERT_MESSAGE(name, answer.outcome != Outcome::found);
      CPPUNIT_ASSERT_MESSAGE(name, answer.records.empty());
    }
    CPPUNIT_ASSERT(ask("a.test").outcome == Outcome::found);
  }
  void answersWhatIsUnderWayAtTheEnd() {
    std::promise<NameServer::Answer> promise;
    std::promise<void> asked;
    workers->at(0).post([&] {
      server->ask("silent.test", Type::a, [&](NameServer::Answer answer) { promise.set_value(std::move(answer)); });
      asked.set_value();
    });
    asked.get_future().wait();
    workers->stop();
    server->stop();
    CPPUNIT_ASSERT(promise.get_future().get().outcome == Outcome::failed);
  }
  void asksManyAtOnce() {
    std::promise<void> all;
    size_t found = 0, open = 200;
    workers->at(0).post([&] {
      for (int i = 0; i < 200; ++i)
        server->ask("n" + std::to_string(i) + ".test", Type::a, [&](NameServer::Answer answer) {
          found += answer.outcome == Outcome::found;
          if (--open == 0) all.set_value();
        });
    });
    all.get_future().wait();
    CPPUNIT_ASSERT_EQUAL(size_t{200}, found);
  }
  void anExceptionOfWhoIsToldDoesNotPassThroughTheLibrary() {
    int told = 0;
    std::promise<void> first;
    workers->at(0).post([&] {
      server->ask("a.test", Type::a, [&](NameServer::Answer) {
        if (++told == 1) first.set_value();
        throw Poco::OutOfMemoryException("meant to be in the log");
      });
    });
    first.get_future().wait();
    CPPUNIT_ASSERT(ask("silent.test").outcome == Outcome::failed);  // longer than the first question could have waited
    CPPUNIT_ASSERT_EQUAL(1, told);
    CPPUNIT_ASSERT(ask("a.test").outcome == Outcome::found);
  }

 private:
  NameServer::Answer ask(const std::string& name, Type type = Type::a) {
    std::promise<NameServer::Answer> promise;
    workers->at(0).post([&] { server->ask(name, type, [&](NameServer::Answer answer) { promise.set_value(std::move(answer)); }); });
    return promise.get_future().get();
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AresTest);
