#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <thread>

#include "patchbay/runtime/Counter.h"

using namespace Patchbay::Runtime;

class MetricsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MetricsTest);
  CPPUNIT_TEST(threadsThatAreNoWorkersLoseNoCount);
  CPPUNIT_TEST(sameLabelsGiveTheSameCounter);
  CPPUNIT_TEST(otherLabelsJoinTheFamily);
  CPPUNIT_TEST(keepsTheOrderOfRegistration);
  CPPUNIT_TEST(gaugesAreAskedWhenRead);
  CPPUNIT_TEST(forgetsGaugesOnly);
  CPPUNIT_TEST(aGaugeThatFailsHasNoValue);
  CPPUNIT_TEST(refusesNamesThatPrometheusWould);
  CPPUNIT_TEST(refusesOneNameForTwoKinds);
  CPPUNIT_TEST(refusesAGaugeTwice);
  CPPUNIT_TEST_SUITE_END();

 public:
  void threadsThatAreNoWorkersLoseNoCount() {
    Metrics metrics;
    Counter& counter = metrics.counter("things_total", "Things.");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&counter] {
        for (int j = 0; j < 10000; ++j) counter.add();
      });
    for (std::thread& thread : threads) thread.join();
    counter.add(5);
    CPPUNIT_ASSERT_EQUAL(uint64_t{40005}, counter.value());
  }

  void sameLabelsGiveTheSameCounter() {
    Metrics metrics;
    Counter& counter = metrics.counter("requests_total", "Requests.", {{"method", "INVITE"}});
    CPPUNIT_ASSERT(&counter == &metrics.counter("requests_total", "Requests.", {{"method", "INVITE"}}));
    CPPUNIT_ASSERT(&counter != &metrics.counter("requests_total", "Requests.", {{"method", "BYE"}}));
    CPPUNIT_ASSERT(&counter != &metrics.counter("requests_total", "Requests."));
  }

  void otherLabelsJoinTheFamily() {
    Metrics metrics;
    metrics.counter("requests_total", "Requests.", {{"method", "INVITE"}}).add(2);
    metrics.counter("requests_total", "Requests.", {{"method", "BYE"}}).add(3);
    const auto families = metrics.read();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, families.size());
    CPPUNIT_ASSERT_EQUAL(std::string("Requests."), families[0].help);
    CPPUNIT_ASSERT(families[0].kind == Metrics::Kind::counter);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, families[0].samples.size());
    CPPUNIT_ASSERT_EQUAL(std::string("BYE"), families[0].samples[1].labels.at(0).value);
    CPPUNIT_ASSERT_EQUAL(3.0, families[0].samples[1].value);
  }

  void keepsTheOrderOfRegistration() {
    Metrics metrics;
    for (const char* name : {"c", "a", "b"}) metrics.counter(name, "");
    const auto families = metrics.read();
    CPPUNIT_ASSERT_EQUAL(std::string("cab"), families[0].name + families[1].name + families[2].name);
  }

  void gaugesAreAskedWhenRead() {
    Metrics metrics;
    double value = 1;
    metrics.gauge("calls", "Calls.", [&value] { return value; });
    value = 7;
    CPPUNIT_ASSERT_EQUAL(7.0, metrics.read().at(0).samples.at(0).value);
  }

  void forgetsGaugesOnly() {
    Metrics metrics;
    metrics.counter("a", "");
    metrics.gauge("b", "", [] { return 1.0; });
    metrics.forget("a");
    metrics.forget("b");
    metrics.forget("unknown");
    const auto families = metrics.read();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, families.size());
    CPPUNIT_ASSERT_EQUAL(std::string("a"), families[0].name);
  }

  void aGaugeThatFailsHasNoValue() {
    Metrics metrics;
    metrics.gauge("bad", "", []() -> double { throw Poco::RuntimeException("no"); });
    metrics.gauge("good", "", [] { return 2.0; });
    const auto families = metrics.read();
    CPPUNIT_ASSERT(std::isnan(families.at(0).samples.at(0).value));
    CPPUNIT_ASSERT_EQUAL(2.0, families.at(1).samples.at(0).value);
  }

  void refusesNamesThatPrometheusWould() {
    Metrics metrics;
    for (const char* name : {"", "1a", "a-b", "a b", "a.b", "\xc3\xa4"})
      CPPUNIT_ASSERT_THROW_MESSAGE(name, metrics.counter(name, ""), Poco::InvalidArgumentException);
    CPPUNIT_ASSERT_THROW(metrics.gauge("a", "", [] { return 0.0; }, {{"x y", "z"}}), Poco::InvalidArgumentException);
    CPPUNIT_ASSERT(metrics.read().empty());
  }

  void refusesOneNameForTwoKinds() {
    Metrics metrics;
    metrics.counter("a", "");
    CPPUNIT_ASSERT_THROW(metrics.gauge("a", "", [] { return 0.0; }), Poco::ExistsException);
  }

  void refusesAGaugeTwice() {
    Metrics metrics;
    metrics.gauge("a", "", [] { return 0.0; });
    CPPUNIT_ASSERT_THROW(metrics.gauge("a", "", [] { return 1.0; }), Poco::ExistsException);
    metrics.gauge("a", "", [] { return 2.0; }, {{"of", "b"}});
    CPPUNIT_ASSERT_EQUAL(size_t{2}, metrics.read().at(0).samples.size());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MetricsTest);
