#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "Octets.h"
#include "patchbay/parser/Writer.h"

namespace Patchbay::Parser {

class WriterTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(WriterTest);
  CPPUNIT_TEST(writesHeadersAndNumbers);
  CPPUNIT_TEST(refusesControlCharacters);
  CPPUNIT_TEST(refusesNamesThatAreNoTokens);
  CPPUNIT_TEST(writesNothingBehindItsRoom);
  CPPUNIT_TEST(failsForGood);
  CPPUNIT_TEST_SUITE_END();

 public:
  void writesHeadersAndNumbers() {
    char room[100];
    Writer out(room, sizeof room);
    out.header("P-hint", "USRLOC").raw("x").number(18446744073709551615u).text(" \t\xc3\xa4").hex(0xab);
    CPPUNIT_ASSERT(out.ok());
    CPPUNIT_ASSERT_EQUAL(std::string("P-hint: USRLOC\r\nx18446744073709551615 \t\xc3\xa4"
                                     "00000000000000ab"),
                         std::string(out.written()));
    CPPUNIT_ASSERT_EQUAL(sizeof room, out.size() + out.room());
  }

  // The catalogue's "one header writer that refuses control characters"; G: header injection
  void refusesControlCharacters() {
    for (int octet = 0; octet < 256; ++octet) {
      const bool control = (octet < 0x20 && octet != '\t') || octet == 0x7f;
      for (const size_t at : std::initializer_list<size_t>{0, 5, 15, 16, 17, 30, 39}) {
        std::string text(40, 'x');
        text[at] = static_cast<char>(octet);
        const Octets octets(text);
        CPPUNIT_ASSERT_EQUAL(!control, isHeaderSafe(octets.view()));
        char room[100];
        Writer header(room, sizeof room), plain(room, sizeof room);
        CPPUNIT_ASSERT_EQUAL(!control, header.header("X", octets.view()).ok());
        CPPUNIT_ASSERT_EQUAL(!control, plain.text(octets.view()).ok());
        CPPUNIT_ASSERT(!control || (header.size() == 0 && plain.size() == 0));
      }
    }
  }

  void refusesNamesThatAreNoTokens() {
    for (const char* name : {"", "A B", "A:", "A\r\nB", "A\n", "\"A\""}) {
      char room[100];
      CPPUNIT_ASSERT_MESSAGE(name, !Writer(room, sizeof room).header(name, "x").ok());
    }
  }

  void writesNothingBehindItsRoom() {
    for (size_t size = 0; size < 30; ++size) {
      std::vector<char> room(size);
      Writer out(room.data(), size);
      out.header("Name", "value").number(1234567890).raw("abc");
      CPPUNIT_ASSERT_EQUAL(size >= 26, out.ok());
      CPPUNIT_ASSERT(out.size() <= size);
    }
  }

  void failsForGood() {
    char room[100];
    Writer out(room, sizeof room);
    out.text("\n");
    out.header("A", "b");
    CPPUNIT_ASSERT(!out.ok());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WriterTest);

}  // namespace Patchbay::Parser
