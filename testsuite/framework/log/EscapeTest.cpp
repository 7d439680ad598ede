#include <cppunit/extensions/HelperMacros.h>

#include "patchbay/log/Setup.h"

using namespace Patchbay::Log;

class EscapeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EscapeTest);
  CPPUNIT_TEST(everySingleOctetGivesPrintableText);
  CPPUNIT_TEST(namesTheUsualControlCharacters);
  CPPUNIT_TEST(keepsUtf8);
  CPPUNIT_TEST(escapesWhatIsNotUtf8OctetByOctet);
  CPPUNIT_TEST(escapesControlCharactersBeyondAscii);
  CPPUNIT_TEST(escapesMarksOfDirectionAndLineEnds);
  CPPUNIT_TEST(cutsAtTheLimitWithAMark);
  CPPUNIT_TEST(doesNotCutACharacterInTwo);
  CPPUNIT_TEST(differentOctetsGiveDifferentTexts);
  CPPUNIT_TEST_SUITE_END();

 public:
  void everySingleOctetGivesPrintableText() {
    for (int octet = 0; octet < 256; ++octet) {
      const std::string text = escaped(std::string(1, static_cast<char>(octet)));
      const bool printable = octet >= 0x20 && octet < 0x7f && octet != '\\';
      if (printable) CPPUNIT_ASSERT_EQUAL(std::string(1, static_cast<char>(octet)), text);
      if (!printable) CPPUNIT_ASSERT(text.size() >= 2 && text[0] == '\\');
      for (char c : text) CPPUNIT_ASSERT(c >= 0x20 && c < 0x7f);
    }
  }

  void namesTheUsualControlCharacters() {
    CPPUNIT_ASSERT_EQUAL(std::string(R"(a\tb\nc\rd\\e\x00\x1b\x7f)"), escaped(std::string_view("a\tb\nc\rd\\e\0\x1b\x7f", 12)));
  }

  void keepsUtf8() {
    for (const char* text : {"", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x93\x9e", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf"})
      CPPUNIT_ASSERT_EQUAL(std::string(text), escaped(text));
  }

  void escapesWhatIsNotUtf8OctetByOctet() {
    const std::pair<const char*, const char*> cases[] = {{"\xff", R"(\xff)"},
                                                         {"\xc3(", R"(\xc3()"},
                                                         {"\xe2\x82", R"(\xe2\x82)"},
                                                         {"\xc0\xaf", R"(\xc0\xaf)"},                  // overlong
                                                         {"\xe0\x80\x80", R"(\xe0\x80\x80)"},          // overlong
                                                         {"\xed\xa0\x80", R"(\xed\xa0\x80)"},          // surrogate
                                                         {"\xf4\x90\x80\x80", R"(\xf4\x90\x80\x80)"},  // beyond U+10FFFF
                                                         {"\xf5\x80\x80\x80", R"(\xf5\x80\x80\x80)"},
                                                         {"\x80", R"(\x80)"}};
    for (const auto& [octets, expected] : cases) CPPUNIT_ASSERT_EQUAL(std::string(expected), escaped(octets));
  }

  void escapesControlCharactersBeyondAscii() {
    CPPUNIT_ASSERT_EQUAL(std::string(R"(\xc2\x9b2J)"), escaped("\xc2\x9b"
                                                               "2J"));
  }

  // G22
  void escapesMarksOfDirectionAndLineEnds() {
    for (const char* mark : {"\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xae",
                             "\xe2\x81\xa6", "\xe2\x81\xa9"})
      for (const char c : escaped(mark)) CPPUNIT_ASSERT(c >= 0x20 && c < 0x7f);
    CPPUNIT_ASSERT_EQUAL(std::string(R"(sip:bob\xe2\x80\xaemoc.elpmaxe@)"), escaped("sip:bob\xe2\x80\xaemoc.elpmaxe@"));
    CPPUNIT_ASSERT_EQUAL(std::string("\xd8\x9b\xe2\x80\xa6"), escaped("\xd8\x9b\xe2\x80\xa6"));  // neighbours of theirs
  }

  // G22
  void cutsAtTheLimitWithAMark() {
    CPPUNIT_ASSERT_EQUAL(std::string("abc"), escaped("abc", 3));
    CPPUNIT_ASSERT_EQUAL(std::string("abc..."), escaped("abcd", 3));
    CPPUNIT_ASSERT_EQUAL(std::string("..."), escaped("a", 0));
    CPPUNIT_ASSERT_EQUAL(size_t{2048 + 3}, escaped(std::string(5000, 'x')).size());
  }

  void doesNotCutACharacterInTwo() {
    CPPUNIT_ASSERT_EQUAL(std::string("a..."), escaped("a\xe2\x82\xac", 3));
    CPPUNIT_ASSERT_EQUAL(std::string("a\xe2\x82\xac..."), escaped("a\xe2\x82\xac.", 4));
    CPPUNIT_ASSERT_EQUAL(std::string(R"(\x80\x80\x80\x80...)"), escaped("\x80\x80\x80\x80\x80", 4));
  }

  void differentOctetsGiveDifferentTexts() {
    CPPUNIT_ASSERT(escaped("\\n") != escaped("\n"));
    CPPUNIT_ASSERT(escaped("\\x00") != escaped(std::string_view("\0", 1)));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EscapeTest);
