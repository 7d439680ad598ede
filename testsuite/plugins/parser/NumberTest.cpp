#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "Octets.h"
#include "patchbay/parser/Fields.h"

namespace Patchbay::Parser {

class NumberTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NumberTest);
  CPPUNIT_TEST(readsWhatIsInRange);
  CPPUNIT_TEST(refusesWhatIsNot);
  CPPUNIT_TEST(readsQInThousandths);
  CPPUNIT_TEST(refusesOtherQ);
  CPPUNIT_TEST(readsCSeqUpTo31Bits);
  CPPUNIT_TEST(refusesOtherCSeq);
  CPPUNIT_TEST_SUITE_END();

  static std::optional<uint32_t> number(std::string_view text, uint32_t most = 0xffffffffu) {
    const Octets octets(text);
    return parseNumber(octets.view(), most);
  }

 public:
  // A13, A14
  void readsWhatIsInRange() {
    CPPUNIT_ASSERT_EQUAL(uint32_t{0}, number("0").value());
    CPPUNIT_ASSERT_EQUAL(uint32_t{4294967295u}, number("4294967295").value());
    CPPUNIT_ASSERT_EQUAL(uint32_t{68}, number("0068", 255).value());
    CPPUNIT_ASSERT_EQUAL(uint32_t{255}, number(" 255\r\n\t", 255).value());
    CPPUNIT_ASSERT_EQUAL(uint32_t{1}, number(std::string(5000, '0') + "1").value());
  }

  // A13, A14
  void refusesWhatIsNot() {
    for (const char* text : {"", " ", "-1", "+1", "0x10", "7O", "1 2", "1.0", "4294967296", "18446744073709551616", "18446744073709551617",
                             "99999999999999999999999"}) {
      CPPUNIT_ASSERT_MESSAGE(text, !number(text));
    }
    CPPUNIT_ASSERT(!number("256", 255) && !number("4294967551", 255));
  }

  void readsQInThousandths() {
    CPPUNIT_ASSERT_EQUAL(uint16_t{0}, parseQ("0").value());
    CPPUNIT_ASSERT_EQUAL(uint16_t{1000}, parseQ(" 1.000 ").value());
    CPPUNIT_ASSERT_EQUAL(uint16_t{330}, parseQ("0.33").value());
    CPPUNIT_ASSERT_EQUAL(uint16_t{5}, parseQ("0.005").value());
    CPPUNIT_ASSERT_EQUAL(uint16_t{0}, parseQ("0.").value());
  }

  // A14
  void refusesOtherQ() {
    for (const char* text : {"", ".5", "1.001", "1.1", "2", "-0", "0.1234", "0,5", "0.5x", "00.5", "1e0", "10"})
      CPPUNIT_ASSERT_MESSAGE(text, !parseQ(text));
  }

  // A41
  void readsCSeqUpTo31Bits() {
    const auto cseq = parseCSeq("2147483647\r\n  INVITE ");
    CPPUNIT_ASSERT(cseq && cseq->number == 2147483647u && cseq->method == Method::invite && cseq->methodText == "INVITE");
    CPPUNIT_ASSERT(parseCSeq("0009 invite")->method == Method::other);
    CPPUNIT_ASSERT(parseCSeq("0 X")->number == 0);
  }

  // A14, A41, scalar02
  void refusesOtherCSeq() {
    for (const char* text :
         {"", "1", "1 ", "INVITE", " INVITE", "-1 INVITE", "+1 INVITE", "1INVITE", "1 IN VITE", "1 INVITE;", "0x1 INVITE",
          "2147483648 INVITE", "4294967296 INVITE", "4294967297 INVITE", "36893488147419103232 REGISTER"}) {
      const Octets octets(text);
      CPPUNIT_ASSERT_MESSAGE(text, !parseCSeq(octets.view()));
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NumberTest);

}  // namespace Patchbay::Parser
