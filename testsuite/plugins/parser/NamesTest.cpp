#include <cppunit/extensions/HelperMacros.h>

#include <cctype>
#include <string>

#include "Octets.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::Parser {

class NamesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NamesTest);
  CPPUNIT_TEST(knowsEachHeaderInAnyCase);
  CPPUNIT_TEST(knowsNoNeighbouringName);
  CPPUNIT_TEST(knowsCompactForms);
  CPPUNIT_TEST(knowsEachMethodWithItsCaseOnly);
  CPPUNIT_TEST(tellsTokens);
  CPPUNIT_TEST(foldsAsciiOnly);
  CPPUNIT_TEST_SUITE_END();

  template <class Function>
  static void eachHeader(Function check) {
    for (unsigned i = 1; i < static_cast<unsigned>(HeaderId::count_); ++i)
      check(static_cast<HeaderId>(i), std::string(nameOf(static_cast<HeaderId>(i))));
  }

 public:
  // A10
  void knowsEachHeaderInAnyCase() {
    eachHeader([](HeaderId id, std::string name) {
      CPPUNIT_ASSERT_MESSAGE(name, headerOf(Octets(name).view()) == id);
      for (char& c : name) c = static_cast<char>(std::toupper(c));
      CPPUNIT_ASSERT_MESSAGE(name, headerOf(Octets(name).view()) == id);
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      CPPUNIT_ASSERT_MESSAGE(name, headerOf(Octets(name).view()) == id);
    });
  }

  void knowsNoNeighbouringName() {
    eachHeader([](HeaderId, const std::string& name) {
      for (size_t at = 0; at < name.size(); ++at) {
        for (int octet = 0; octet < 256; ++octet) {
          std::string other = name;
          other[at] = static_cast<char>(octet);
          if (equalIgnoringCase(other, name)) continue;
          CPPUNIT_ASSERT_MESSAGE(other, headerOf(other) == HeaderId::other);
        }
      }
    });
  }

  // RFC 3261, 7.3.3; RFC 3515, RFC 6665
  void knowsCompactForms() {
    const std::pair<char, HeaderId> forms[] = {
        {'v', HeaderId::via},       {'f', HeaderId::from},          {'t', HeaderId::to},          {'i', HeaderId::callId},
        {'m', HeaderId::contact},   {'l', HeaderId::contentLength}, {'c', HeaderId::contentType}, {'e', HeaderId::contentEncoding},
        {'k', HeaderId::supported}, {'o', HeaderId::event},         {'r', HeaderId::referTo},     {'s', HeaderId::other},
        {'\x16', HeaderId::other},  {'6', HeaderId::other}};
    for (const auto& [letter, id] : forms) {
      CPPUNIT_ASSERT(headerOf({&letter, 1}) == id);
      const char upper = static_cast<char>(std::toupper(letter));
      CPPUNIT_ASSERT(headerOf({&upper, 1}) == id);
    }
    CPPUNIT_ASSERT(headerOf("") == HeaderId::other);
  }

  // RFC 3261, 7.1
  void knowsEachMethodWithItsCaseOnly() {
    for (unsigned i = 1; i <= static_cast<unsigned>(Method::publish); ++i) {
      std::string name(nameOf(static_cast<Method>(i)));
      CPPUNIT_ASSERT_MESSAGE(name, methodOf(Octets(name).view()) == static_cast<Method>(i));
      name[0] = static_cast<char>(std::tolower(name[0]));
      CPPUNIT_ASSERT_MESSAGE(name, methodOf(name) == Method::other);
    }
    for (const char* name : {"", "INVITES", "RE%47IST%45R", "ACKX", "XXX"}) CPPUNIT_ASSERT_MESSAGE(name, methodOf(name) == Method::other);
  }

  void tellsTokens() {
    CPPUNIT_ASSERT(isToken("!interesting-Method0123456789_*+`.%indeed'~"));
    for (const char* text : {"", "a b", "a:b", "a\r", "a\"", "\xc3"}) CPPUNIT_ASSERT_MESSAGE(text, !isToken(text));
  }

  void foldsAsciiOnly() {
    CPPUNIT_ASSERT(equalIgnoringCase("aZ-1", "Az-1") && equalIgnoringCase("", ""));
    CPPUNIT_ASSERT(!equalIgnoringCase("a@", "a`") && !equalIgnoringCase("[", "{") && !equalIgnoringCase("\xc4", "\xe4") &&
                   !equalIgnoringCase("a", "ab"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NamesTest);

}  // namespace Patchbay::Parser
