#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "Octets.h"
#include "patchbay/parser/Fields.h"

namespace Patchbay::Parser {

class ListTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ListTest);
  CPPUNIT_TEST(cutsAtTopLevelCommasOnly);
  CPPUNIT_TEST(breaksOnEmptyAndUnclosedValues);
  CPPUNIT_TEST(anEmptyListIsNotBroken);
  CPPUNIT_TEST(walksParameters);
  CPPUNIT_TEST(walksOtherSeparators);
  CPPUNIT_TEST(breaksOnMalformedParameters);
  CPPUNIT_TEST(readsThousandsOfValues);
  CPPUNIT_TEST_SUITE_END();

  static std::vector<std::string> values(std::string_view text, bool& broken) {
    const Octets octets(text);
    ListValues list(octets.view());
    std::vector<std::string> found;
    while (const auto value = list.next()) found.emplace_back(*value);
    broken = list.broken();
    return found;
  }

  static std::string parameters(std::string_view text, char separator, bool& broken) {
    const Octets octets(text);
    ParameterList list(octets.view(), separator);
    std::string found;
    while (const auto parameter = list.next()) {
      found += "[" + std::string(parameter->name) + (parameter->hasValue ? "=" : "") + std::string(parameter->value) + "]";
    }
    broken = list.broken();
    return found;
  }

 public:
  // A17
  void cutsAtTopLevelCommasOnly() {
    bool broken = true;
    const auto found = values(" \"a,\\\",b\" <sip:a,b@c> ;x=\"1,2\" ,\r\n <sip:d@e,f> , g ", broken);
    CPPUNIT_ASSERT(!broken);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, found.size());
    CPPUNIT_ASSERT_EQUAL(std::string("\"a,\\\",b\" <sip:a,b@c> ;x=\"1,2\""), found[0]);
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:d@e,f>"), found[1]);
    CPPUNIT_ASSERT_EQUAL(std::string("g"), found[2]);
  }

  void breaksOnEmptyAndUnclosedValues() {
    for (const char* text : {",", "a,", ",a", "a,,b", "a, ,b", "\"a", "a,\"", "<a", "a,<b", "<a\"", "\"a\\\"", "a,\"b\\"}) {
      bool broken = false;
      values(text, broken);
      CPPUNIT_ASSERT_MESSAGE(text, broken);
    }
  }

  void anEmptyListIsNotBroken() {
    for (const char* text : {"", " ", "\t\r\n "}) {
      bool broken = true;
      CPPUNIT_ASSERT_MESSAGE(text, values(text, broken).empty() && !broken);
    }
  }

  void walksParameters() {
    bool broken = true;
    CPPUNIT_ASSERT_EQUAL(std::string("[a=1][b][c=\"x;=\\\"y\"][d=e=f][g=[::1]:5]"),
                         parameters(" a = 1;b ; c=\"x;=\\\"y\";d=e=f;g=[::1]:5", ';', broken));
    CPPUNIT_ASSERT(!broken);
    CPPUNIT_ASSERT_EQUAL(std::string("[received=2001:db8::1]"), parameters("received=2001:db8::1", ';', broken));
    CPPUNIT_ASSERT(!broken);
  }

  void walksOtherSeparators() {
    bool broken = true;
    CPPUNIT_ASSERT_EQUAL(std::string("[a=1][b=]"), parameters("a=1&b=", '&', broken));
    CPPUNIT_ASSERT(!broken);
    CPPUNIT_ASSERT_EQUAL(std::string("[realm=\"a,b\"][nc=00000001][uri=\"sip:x\"]"),
                         parameters("realm=\"a,b\", nc=00000001,uri=\"sip:x\"", ',', broken));
    CPPUNIT_ASSERT(!broken);
  }

  // A33
  void breaksOnMalformedParameters() {
    for (const char* text : {";", "a;", ";a", "a;;b", "=", "=a", "a=\"", "a=\"\\", "a=\"b\"c", "a b", "a=b c", "a=<b>", "<", "a\"b"}) {
      bool broken = false;
      parameters(text, ';', broken);
      CPPUNIT_ASSERT_MESSAGE(text, broken);
    }
  }

  // A27
  void readsThousandsOfValues() {
    std::string text = "a";
    for (int i = 0; i < 5000; ++i) text += ",b;c";
    bool broken = true;
    CPPUNIT_ASSERT_EQUAL(size_t{5001}, values(text, broken).size());
    CPPUNIT_ASSERT(!broken);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ListTest);

}  // namespace Patchbay::Parser
