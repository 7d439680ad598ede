#include <cppunit/extensions/HelperMacros.h>

#include "HostsFile.h"

using namespace Patchbay::Resolver;

class HostsFileTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(HostsFileTest);
  CPPUNIT_TEST(readsNamesAndAliases);
  CPPUNIT_TEST(knowsLocalhostWithoutAFile);
  CPPUNIT_TEST_SUITE_END();

 public:
  void readsNamesAndAliases() {
    HostsFile hosts("");
    hosts.add("# comment\n192.0.2.1\tGW.example.org gw # there\n\nnonsense here\n2001:db8::1 gw\n192.0.2.1 gw\n192.0.2.7\n");
    CPPUNIT_ASSERT_EQUAL(size_t{2}, hosts.find("gw")->size());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), hosts.find("gw.example.org")->at(0).toString());
    CPPUNIT_ASSERT(!hosts.find("here"));
    CPPUNIT_ASSERT(!hosts.find("there"));
  }
  void knowsLocalhostWithoutAFile() {
    HostsFile hosts("/nonexistent/hosts");
    CPPUNIT_ASSERT_EQUAL(size_t{2}, hosts.find("localhost")->size());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HostsFileTest);
