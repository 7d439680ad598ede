#include "Domains.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>

using namespace Patchbay;
using Core::DomainName;
using Core::Domains;

class DomainsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DomainsTest);
  CPPUNIT_TEST(findsTheDomainOfASecondName);
  CPPUNIT_TEST(leavesWhatIsNoSecondNameOfAServedDomain);
  CPPUNIT_TEST(endsWhereNamesGoInACircle);
  CPPUNIT_TEST_SUITE_END();

  struct Names : Core::DomainSource {
    std::map<std::string, std::string, std::less<>> of;
    bool serves(std::string_view host) const override { return of.find(host) != of.end(); }
    bool hasSecondNames() const override { return !of.empty(); }
    size_t firstName(std::string_view host, DomainName& out) const override {
      const auto found = of.find(host);
      return found == of.end() ? 0 : found->second.copy(out.data(), out.size());
    }
  } names;
  Domains domains;

  std::string mainOf(std::string_view host) const {
    DomainName room;
    return std::string(domains.mainOf(host, room));
  }

 public:
  void setUp() override {
    CPPUNIT_ASSERT(domains.add("example.org"));
    domains.use(names);
  }
  // REQ 69
  void findsTheDomainOfASecondName() {
    names.of = {{"example.com", "example.org"}, {"example.net", "example.com"}};
    CPPUNIT_ASSERT_EQUAL(std::string("example.org"), mainOf("example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("example.org"), mainOf("Example.COM."));
    CPPUNIT_ASSERT_EQUAL(std::string("example.org"), mainOf("example.net"));
  }
  void leavesWhatIsNoSecondNameOfAServedDomain() {
    CPPUNIT_ASSERT_EQUAL(std::string("Example.ORG"), mainOf("Example.ORG"));
    names.of = {{"example.net", "7"}, {"example.com", ""}};
    for (const char* host : {"example.org", "example.net", "example.com", "elsewhere.example", ""})
      CPPUNIT_ASSERT_EQUAL(std::string(host), mainOf(host));
  }
  void endsWhereNamesGoInACircle() {
    names.of = {{"a.example", "b.example"}, {"b.example", "a.example"}};
    CPPUNIT_ASSERT_EQUAL(std::string("a.example"), mainOf("a.example"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DomainsTest);
