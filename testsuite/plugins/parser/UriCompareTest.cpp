#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "Octets.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Parser {

class UriCompareTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(UriCompareTest);
  CPPUNIT_TEST(decidesThePairsOfTheStandard);
  CPPUNIT_TEST(comparesManyParametersAsText);
  CPPUNIT_TEST_SUITE_END();

  struct Pair {
    const char* a;
    const char* b;
    bool equal;
  };

 public:
  // A19; RFC 3261, 19.1.4 with its examples, RFC 3966, 4
  void decidesThePairsOfTheStandard() {
    static constexpr Pair pairs[] = {
        {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
        {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
        {"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
        {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
         "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
        {"sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
        {"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
        {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
        {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
        {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
        {"sip:a@b", "sips:a@b", false},
        {"sip:a@b", "sip:A@b", false},
        {"sip:a@b", "sip:b", false},
        {"sip:a:pw@b", "sip:a@b", false},
        {"sip:a:pw@b", "sip:a:PW@b", false},
        {"sip:a:pw@b", "sip:a:p%77@b", true},
        {"sip:a@b;user=phone", "sip:a@b", false},
        {"sip:a@b;ttl=1", "sip:a@b", false},
        {"sip:a@b;method=INVITE", "sip:a@b", false},
        {"sip:a@b;maddr=c", "sip:a@b", false},
        {"sip:a@b;maddr=c", "sip:a@b;maddr=C", true},
        {"sip:a@b;lr", "sip:a@b", true},
        {"sip:a@b;lr;x=1", "sip:a@b;x=1;y=2", true},
        {"sip:a%2Cb@c", "sip:a,b@c", false},
        {"sip:a%2cb@c", "sip:a%2Cb@c", true},
        {"sip:%00@c", "sip:%00%00@c", false},
        {"sip:null-%00-null@c", "sip:null-@c", false},
        {"sip:a@b:5060", "sip:a@b:5060;lr", true},
        {"sip:a@[2001:db8::1]", "sip:a@[2001:0DB8:0:0::1]", true},
        {"sip:a@[::ffff:192.0.2.1]", "sip:a@[::FFFF:c000:201]", true},
        {"sip:a@[2001:db8::1]", "sip:a@[2001:db8::2]", false},
        {"sip:a@example.com.", "sip:a@Example.com", true},
        {"tel:+1-212-555-0101", "tel:+1(212)555.0101", true},
        {"tel:911;phone-context=+1", "tel:911", false},
        {"urn:service:sos", "URN:service:sos", true},
        {"urn:service:sos", "urn:service:SOS", false},
        {"sip:a@b;tr%61nsport=tcp", "sip:a@b;transport=tcp", true},
        {"sip:a@b?x=1&x=1", "sip:a@b?x=1", false},
    };
    for (const Pair& pair : pairs) {
      const Octets a(pair.a), b(pair.b);
      const auto left = Uri::parse(a.view()), right = Uri::parse(b.view());
      CPPUNIT_ASSERT_MESSAGE(pair.a, left && right);
      const std::string both = std::string(pair.a) + " and " + pair.b;
      CPPUNIT_ASSERT_EQUAL_MESSAGE(both, pair.equal, left->equivalent(*right));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(both, pair.equal, right->equivalent(*left));
    }
  }

  // A27, R14: no quadratic comparison
  void comparesManyParametersAsText() {
    std::string forth = "sip:a@b", back = forth;
    for (int i = 0; i < 100; ++i) {
      forth += ";p" + std::to_string(i);
      back += ";p" + std::to_string(99 - i);
    }
    CPPUNIT_ASSERT(Uri::parse(forth)->equivalent(*Uri::parse(forth)));
    CPPUNIT_ASSERT(!Uri::parse(forth)->equivalent(*Uri::parse(back)));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UriCompareTest);

}  // namespace Patchbay::Parser
