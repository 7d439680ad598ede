#include <cppunit/extensions/HelperMacros.h>

#include "Signature.h"

using namespace Patchbay::Rr;
using namespace std::chrono_literals;
using Patchbay::Runtime::WallTime;

class SignatureTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SignatureTest);
  CPPUNIT_TEST(provesItsDialog);
  CPPUNIT_TEST(provesNoOther);
  CPPUNIT_TEST(provesNothingWhenAnyCharacterDiffers);
  CPPUNIT_TEST(isReadWithoutRegardToCase);
  CPPUNIT_TEST(refusesOtherForms);
  CPPUNIT_TEST(keepsPartsApart);
  CPPUNIT_TEST(growsOld);
  CPPUNIT_TEST(knowsClasses);
  CPPUNIT_TEST_SUITE_END();

  Signature signature{{11, 22}};
  WallTime now{1767225600s};

  std::string made(std::string_view callId, std::string_view tag, std::string_view dialogClass = {}) const {
    char out[Signature::MostOctets];
    return {out, signature.write({callId, tag, dialogClass}, now, out)};
  }
  bool proves(const std::string& value, std::string_view callId, std::string_view tag) const {
    const auto parts = Signature::read(value);
    return parts && signature.proves(*parts, callId, tag);
  }

 public:
  void provesItsDialog() {
    const auto value = made("call", "tag", "local");
    CPPUNIT_ASSERT(proves(value, "call", "tag"));
    CPPUNIT_ASSERT_EQUAL(std::string("local"), std::string(Signature::read(value)->dialogClass));
    CPPUNIT_ASSERT_EQUAL(size_t{32}, made("call", "tag").size());
    CPPUNIT_ASSERT(Signature::read(made("call", "tag"))->dialogClass.empty());
  }
  // G07
  void provesNoOther() {
    const auto value = made("call", "tag", "local");
    CPPUNIT_ASSERT(!proves(value, "call2", "tag"));
    CPPUNIT_ASSERT(!proves(value, "call", "tag2"));
    CPPUNIT_ASSERT(!proves(value, "call", ""));
    Signature other({11, 23});
    CPPUNIT_ASSERT(!other.proves(*Signature::read(value), "call", "tag"));
  }
  void provesNothingWhenAnyCharacterDiffers() {
    const auto value = made("call", "tag", "local");
    for (size_t i = 0; i < value.size(); ++i) {
      auto changed = value;
      changed[i] = changed[i] == '0' ? '1' : '0';
      CPPUNIT_ASSERT(!proves(changed, "call", "tag"));
    }
    CPPUNIT_ASSERT(!proves(value.substr(0, 32), "call", "tag"));
    CPPUNIT_ASSERT(!proves(value + "x", "call", "tag"));
  }
  void isReadWithoutRegardToCase() {
    auto value = made("call", "tag");
    for (char& c : value) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    CPPUNIT_ASSERT(proves(value, "call", "tag"));
  }
  void refusesOtherForms() {
    const auto value = made("call", "tag");
    for (const std::string& text : {std::string(), value.substr(1), value + ".", value + "local", value + "." + std::string(33, 'a'),
                                    "w" + value.substr(1), "-" + value.substr(1), std::string(32, ' '), std::string(32, '\0')})
      CPPUNIT_ASSERT(!Signature::read(text));
  }
  void keepsPartsApart() {
    CPPUNIT_ASSERT(!proves(made("callt", "ag"), "call", "tag"));
    CPPUNIT_ASSERT(!proves(made("call", "tag", "x"), "call", "tagx"));
  }
  void growsOld() {
    const auto parts = *Signature::read(made("call", "tag"));
    CPPUNIT_ASSERT(Signature::isCurrent(parts, now, 60min));
    CPPUNIT_ASSERT(Signature::isCurrent(parts, now + 60min, 60min));
    CPPUNIT_ASSERT(!Signature::isCurrent(parts, now + 61min, 60min));
    CPPUNIT_ASSERT(Signature::isCurrent(parts, now - 10min, 60min));
    CPPUNIT_ASSERT(!Signature::isCurrent(parts, now - 11min, 60min));
  }
  void knowsClasses() {
    for (const char* good : {"", "pstn", "a-b_9"}) CPPUNIT_ASSERT(Signature::isClass(good));
    for (const char* bad : {"A", "a b", "a;b", "a>b", "\xc3\xa9"}) CPPUNIT_ASSERT(!Signature::isClass(bad));
    CPPUNIT_ASSERT(!Signature::isClass(std::string(33, 'a')));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SignatureTest);
