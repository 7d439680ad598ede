#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "DomainList.h"
#include "FakeEnvironment.h"

using namespace Patchbay;
using Domain::DomainList;

class DomainListTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DomainListTest);
  CPPUNIT_TEST(knowsItsDomains);
  CPPUNIT_TEST(takesHostNamesOnly);
  CPPUNIT_TEST(tellsWhetherAnythingIsNew);
  CPPUNIT_TEST(servesOthersThanWorkers);
  CPPUNIT_TEST(takesAnIdThatIsAHostForTheFirstName);
  CPPUNIT_TEST_SUITE_END();

  Testsuite::FakeEnvironment environment;
  DomainList list{environment.workers};

 public:
  // REQ 69
  void knowsItsDomains() {
    list.replace({{"example.org", "a"}, {"example.net", "a"}});
    CPPUNIT_ASSERT(list.serves("example.org") && list.serves("example.net"));
    CPPUNIT_ASSERT(!list.serves("example.com") && !list.serves("") && !list.serves("org"));
    CPPUNIT_ASSERT_EQUAL(std::string("a"), list.find("example.net")->id);
  }
  void takesHostNamesOnly() {
    const auto name = [](const char* text) {
      const auto entry = DomainList::entryOf({std::string(text), Data::Field(), std::string()});
      return entry ? entry->name : "none";
    };
    CPPUNIT_ASSERT_EQUAL(std::string("example.org"), name("Example.ORG."));
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), name("192.0.2.1"));
    for (const char* text : {"", "example.org:5060", "sip:example.org", "a b", "ex\xc3\xa4mple.org"})
      CPPUNIT_ASSERT_EQUAL(std::string("none"), name(text));
  }
  void tellsWhetherAnythingIsNew() {
    CPPUNIT_ASSERT(list.replace({{"b", "b"}, {"a", "a"}}));
    CPPUNIT_ASSERT(!list.replace({{"a", "a"}, {"b", "b"}}));
    CPPUNIT_ASSERT(list.replace({}));
    CPPUNIT_ASSERT(!list.serves("a"));
  }
  // REQ 69
  void takesAnIdThatIsAHostForTheFirstName() {
    Core::DomainName out;
    list.replace({{"example.org", "example.org"}});
    CPPUNIT_ASSERT(!list.hasSecondNames());
    list.replace({{"example.org", "example.org"}, {"example.com", "Example.Org"}, {"example.net", "two words"}});
    CPPUNIT_ASSERT(list.hasSecondNames());
    CPPUNIT_ASSERT_EQUAL(std::string("example.org"), std::string(out.data(), list.firstName("example.com", out)));
    for (const char* host : {"example.org", "example.net", "elsewhere.example"}) CPPUNIT_ASSERT_EQUAL(size_t(0), list.firstName(host, out));
  }
  void servesOthersThanWorkers() {
    list.replace({{"a", "a"}});
    bool served = false;
    std::thread([&] { served = list.serves("a"); }).join();
    CPPUNIT_ASSERT(served);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DomainListTest);
