#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "Octets.h"
#include "patchbay/parser/Fields.h"

namespace Patchbay::Parser {

class AddressTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AddressTest);
  CPPUNIT_TEST(splitsAllParts);
  CPPUNIT_TEST(givesParametersOfABareUriToTheHeader);
  CPPUNIT_TEST(keepsParametersInBracketsWithTheUri);
  CPPUNIT_TEST(readsQuotedDisplayNames);
  CPPUNIT_TEST(readsUnquotedDisplayNames);
  CPPUNIT_TEST(readsTheStar);
  CPPUNIT_TEST(refusesBrokenQuotesAndBrackets);
  CPPUNIT_TEST(refusesBadTags);
  CPPUNIT_TEST(refusesUrisThatNeedBrackets);
  CPPUNIT_TEST(followsItsOctets);
  CPPUNIT_TEST_SUITE_END();

  static bool good(std::string_view text) {
    const Octets octets(text);
    return parseAddress(octets.view()).has_value();
  }

 public:
  void splitsAllParts() {
    const Octets octets("\"A, B\" <sip:a@b;lr>;tag=77;q=0.5;+sip.instance=\"<urn:uuid:1>\"");
    const auto address = parseAddress(octets.view());
    CPPUNIT_ASSERT(address && address->displayName == "\"A, B\"" && address->uriText == "sip:a@b;lr" && address->bracketed &&
                   !address->isStar);
    CPPUNIT_ASSERT(address->tag == "77" && address->uri.host == "b" && address->uri.parameter("lr"));
    CPPUNIT_ASSERT(address->parameter("Q").value() == "0.5" && address->parameter("+sip.instance").value() == "\"<urn:uuid:1>\"");
    CPPUNIT_ASSERT(!address->parameter("lr") && address->text.size() == octets.view().size());
  }

  // cparam01
  void givesParametersOfABareUriToTheHeader() {
    const auto address = parseAddress("sip:+19725552222@gw1.example.net ; unknownparam ;\r\n  tag  = x");
    CPPUNIT_ASSERT(address && !address->bracketed && address->uriText == "sip:+19725552222@gw1.example.net" &&
                   address->uri.parameters.empty());
    CPPUNIT_ASSERT(address->parameter("unknownparam") && address->tag == "x");
  }

  // cparam02
  void keepsParametersInBracketsWithTheUri() {
    const auto address = parseAddress("<sip:a@b;unknownparam>");
    CPPUNIT_ASSERT(address && address->uri.parameter("unknownparam") && !address->parameter("unknownparam") && address->parameters.empty());
  }

  // A16, A17, intmeth
  void readsQuotedDisplayNames() {
    using namespace std::string_view_literals;
    for (const std::string_view name :
         {"\"\""sv, "\"a\\\"b\""sv, "\"\\\\\""sv, "\"<sip:x@y>\""sv, "\"NUL:\\\0 BEL:\\\a\""sv, "\"\xc3\x28\xff\""sv, "\"a\r\n b\""sv}) {
      const Octets octets(std::string(name) + "<sip:a@b>");
      const auto address = parseAddress(octets.view());
      CPPUNIT_ASSERT_MESSAGE(std::string(name), address && address->displayName == name && address->uri.user == "a");
    }
  }

  // A28, lwsdisp, baddn
  void readsUnquotedDisplayNames() {
    CPPUNIT_ASSERT(parseAddress("caller<sip:a@b>")->displayName == "caller");
    CPPUNIT_ASSERT(parseAddress("token1~` token2'+_ token3*%!.- <sip:a@b>")->displayName == "token1~` token2'+_ token3*%!.-");
    CPPUNIT_ASSERT(parseAddress("M\xfcller <sip:a@b>")->displayName == "M\xfcller");
    CPPUNIT_ASSERT(!good("Bell, Alexander <sip:a@b>") && !good("a;b <sip:a@b>") && !good("a\x01 <sip:a@b>"));
  }

  void readsTheStar() {
    CPPUNIT_ASSERT(parseAddress(" * ")->isStar);
    CPPUNIT_ASSERT(!good("*;x") && !good("**") && !good("<*>"));
  }

  // A16, A17, A32, quotbal, badaspec
  void refusesBrokenQuotesAndBrackets() {
    using namespace std::string_view_literals;
    for (const std::string_view text : {""sv,
                                        "\""sv,
                                        "\"\\"sv,
                                        "\"\\\""sv,
                                        "\"Mr. J. User <sip:j.user@example.com>"sv,
                                        "\"a\" sip:a@b"sv,
                                        "<sip:a@b"sv,
                                        "sip:a@b>"sv,
                                        "<<sip:a@b>>"sv,
                                        "<>"sv,
                                        "< sip:a@b>"sv,
                                        "<sip:a@b >"sv,
                                        "<sip:a@b> x"sv,
                                        "<sip:a@b>;"sv,
                                        "<sip:a@b>;;"sv,
                                        "<sip:a@b>;x=\""sv,
                                        "<sip:a@b>;x=\"\\"sv,
                                        "\"a\rb\" <sip:a@b>"sv,
                                        "\"a\nb\" <sip:a@b>"sv,
                                        "\"a\0b\" <sip:a@b>"sv,
                                        "\"a\x7f\" <sip:a@b>"sv,
                                        "\"\\\r\n x\" <sip:a@b>"sv,
                                        "<sip:a@b>,<sip:c@d>"sv,
                                        "<sip:a@b>;x=<y>"sv}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(text), !good(text));
    }
  }

  // A38
  void refusesBadTags() {
    for (const char* rest : {";tag", ";tag=", ";tag=\"\"", ";tag=a;tag=b", ";tag=a;TAG=a", ";tag=a b", ";x="}) {
      CPPUNIT_ASSERT_MESSAGE(rest, !good("<sip:a@b>" + std::string(rest)));
    }
  }

  // regbadct; RFC 3261, 20.10
  void refusesUrisThatNeedBrackets() {
    CPPUNIT_ASSERT(!good("sip:user@example.com?Route=%3Csip:sip.example.com%3E") && !good("sip:a,b@c") && !good("sip:a@b, sip:c@d"));
    CPPUNIT_ASSERT(good("<sip:user@example.com?Route=%3Csip:sip.example.com%3E>") && good("<sip:a,b@c>"));
  }

  void followsItsOctets() {
    const std::string text = "Al <sip:al@b>;tag=x";
    std::string copy = text;
    auto address = parseAddress(text);
    address->rebase(copy.data() - text.data());
    copy.replace(8, 2, "bo");
    CPPUNIT_ASSERT(address->uri.user == "bo" && address->uriText == "sip:bo@b" && address->tag == "x");
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AddressTest);

}  // namespace Patchbay::Parser
