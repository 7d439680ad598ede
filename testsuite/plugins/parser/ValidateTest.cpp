#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "Octets.h"
#include "patchbay/parser/Message.h"

namespace Patchbay::Parser {

class ValidateTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ValidateTest);
  CPPUNIT_TEST(acceptsASoundRequest);
  CPPUNIT_TEST(wantsTheMandatoryHeaders);
  CPPUNIT_TEST(refusesTwoOfASingleHeader);
  CPPUNIT_TEST(checksMaxForwards);
  CPPUNIT_TEST(checksCSeq);
  CPPUNIT_TEST(checksTheRequestUri);
  CPPUNIT_TEST(checksTheTopmostVia);
  CPPUNIT_TEST(countsVias);
  CPPUNIT_TEST(checksFromAndTo);
  CPPUNIT_TEST(checksTheCallId);
  CPPUNIT_TEST(checksContactsAndRoutes);
  CPPUNIT_TEST(acceptsStarForRegisterOnly);
  CPPUNIT_TEST(checksReplies);
  CPPUNIT_TEST(refusesLongFieldsInBoundedTime);
  CPPUNIT_TEST(keepsTheVerdict);
  CPPUNIT_TEST_SUITE_END();

  using Headers = std::vector<std::string>;

  static const Headers& sound() {
    static const Headers headers = {"Via: SIP/2.0/UDP h;branch=z9hG4bKx",
                                    "Max-Forwards: 70",
                                    "From: <sip:f@b>;tag=1",
                                    "To: <sip:t@b>",
                                    "Call-ID: c@h",
                                    "CSeq: 1 INVITE"};
    return headers;
  }

  static int judge(const Headers& headers, const std::string& line = "INVITE sip:a@b SIP/2.0") {
    std::string text = line + "\r\n";
    for (const std::string& header : headers) text += header + "\r\n";
    const Octets octets(text + "\r\n");
    Message message;
    message.parse(octets.view());
    return message.validate().status;
  }

  /// The sound ones with one of them replaced, or one more.
  static int judgeWith(const std::string& header, const std::string& line = "INVITE sip:a@b SIP/2.0") {
    Headers headers = sound();
    bool replaced = false;
    for (std::string& one : headers) {
      if (one.substr(0, one.find(':')) != header.substr(0, header.find(':'))) continue;
      one = header;
      replaced = true;
    }
    if (!replaced) headers.push_back(header);
    return judge(headers, line);
  }

 public:
  void acceptsASoundRequest() {
    CPPUNIT_ASSERT_EQUAL(0, judge(sound()));
    Headers headers = sound();
    headers.erase(headers.begin() + 1);  // inv2543 has no Max-Forwards
    CPPUNIT_ASSERT_EQUAL(0, judge(headers));
  }

  // insuf
  void wantsTheMandatoryHeaders() {
    for (size_t i = 0; i < sound().size(); ++i) {
      Headers headers = sound();
      headers.erase(headers.begin() + static_cast<ptrdiff_t>(i));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(sound()[i], i == 1 ? 0 : 400, judge(headers));
    }
  }

  // A12, A38, multi01, mcl01
  void refusesTwoOfASingleHeader() {
    for (const char* header : {"Max-Forwards: 70", "From: <sip:f@b>;tag=1", "f: <sip:f@b>;tag=1", "To: <sip:t@b>", "t: <sip:t@b>;tag=x",
                               "Call-ID: c@h", "i: c@h", "CSeq: 1 INVITE"}) {
      Headers headers = sound();
      headers.push_back(header);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(header, 400, judge(headers));
    }
    for (const char* header :
         {"Content-Length: 0", "Content-Type: text/plain", "Expires: 1", "Min-Expires: 1", "Event: presence", "Refer-To: <sip:x@y>"}) {
      Headers headers = sound();
      headers.push_back(header);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(header, 0, judge(headers));
      headers.push_back(header);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(header, 400, judge(headers));
    }
  }

  // A13, zeromf
  void checksMaxForwards() {
    for (const char* value : {"0", "1", "70", "255", "0068", "70 "})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 0, judgeWith("Max-Forwards: " + std::string(value)));
    for (const char* value : {"256", "2147483648", "4294967296", "4294967366", "-1", "7O", "", "70,70"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 400, judgeWith("Max-Forwards: " + std::string(value)));
    }
  }

  // A41, mismatch01, mismatch02
  void checksCSeq() {
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("CSeq: 2147483647 INVITE"));
    for (const char* value : {"2147483648 INVITE", "4294967296 INVITE", "1 OPTIONS", "1 invite", "1", "INVITE", "1  "}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 400, judgeWith("CSeq: " + std::string(value)));
    }
    CPPUNIT_ASSERT_EQUAL(400, judge(sound(), "NEWMETHOD sip:a@b SIP/2.0"));
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("CSeq: 1 NEW.METHOD", "NEW.METHOD sip:a@b SIP/2.0"));
  }

  // A15, escruri, ltgtruri, ipv6-bad, N04
  void checksTheRequestUri() {
    for (const char* uri : {"sip:a@b", "sips:b", "tel:+1", "urn:service:sos", "sip:[::1]:5070;lr"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(uri, 0, judge(sound(), "INVITE " + std::string(uri) + " SIP/2.0"));
    }
    for (const char* uri :
         {"<sip:a@b>", "sip:a@b?Route=x", "sip:2001:db8::10", "sip:a@b:0", "sip:a@b:65536", "sip:a@b:", "b", "sip:a@b;", "*"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(uri, 400, judge(sound(), "INVITE " + std::string(uri) + " SIP/2.0"));
    }
  }

  // A34, badinv01, badbranch
  void checksTheTopmostVia() {
    for (const char* via : {"SIP/2.0/UDP", ":", "]", "", "SIP/2.0/UDP h;;,;,,", "SIP/2.0/UDP h:0", "SIP/2.0/UDP h:x",
                            "SIP/2.0/UDP h;branch=z9hG4bK", "SIP/2.0/UDP h,", "SIP/2.0/UDP h;x=\""}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(via, 400, judgeWith("Via: " + std::string(via)));
    }
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("Via: SIP/2.0/UDP h"));
  }

  // A25
  void countsVias() {
    Headers headers = sound();
    headers.insert(headers.end(), 69, "Via: SIP/2.0/UDP h;branch=z9hG4bKy");
    CPPUNIT_ASSERT_EQUAL(0, judge(headers));
    headers.back() += ",SIP/2.0/UDP h";
    CPPUNIT_ASSERT_EQUAL(513, judge(headers));
    CPPUNIT_ASSERT_EQUAL(0, judge(headers, "SIP/2.0 200 OK"));  // to a request with 70
    headers.back() += ",SIP/2.0/UDP h";
    CPPUNIT_ASSERT_EQUAL(513, judge(headers, "SIP/2.0 200 OK"));
  }

  // A38, quotbal, badaspec, baddn
  void checksFromAndTo() {
    for (const char* value :
         {"*", "", "\"x <sip:a@b>", "<sip:a@b>;tag=", "<sip:a@b>;tag=1;tag=2", "< sip:a@b >", "A, B <sip:a@b>", "sip:a@b?x=y"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 400, judgeWith("From: " + std::string(value)));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 400, judgeWith("To: " + std::string(value)));
    }
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("From: sip:a@b"));  // RFC 2543 has no tag
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("To: isbn:2983792873"));
  }

  void checksTheCallId() {
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"));
    CPPUNIT_ASSERT_EQUAL(400, judgeWith("Call-ID: "));
    CPPUNIT_ASSERT_EQUAL(400, judgeWith("Call-ID: a b"));
    CPPUNIT_ASSERT_EQUAL(400, judgeWith("Call-ID: a\r\n b"));
    CPPUNIT_ASSERT_EQUAL(400, judgeWith("Call-ID: a\x01"));
  }

  // A15, A17, regbadct, N04
  void checksContactsAndRoutes() {
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("Contact: \"a,b\" <sip:a@b>;q=0.1, sip:c@d;x"));
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("Route: <sip:a;lr>, <sip:b:5070;lr>;x=y"));
    for (const char* value : {"", "sip:a@b:0", "sip:a@b:65536", "sip:a@b:8080xyz", "sip:a@b:", "<sip:a@b", "<<sip:a@b>>", "<sip:a@b>,", ",",
                              "<sip:a@b>;;", "sip:2001:db8::1", "sip:a@b?Route=x", "<sip:a@b>,\"x", "*"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 400, judgeWith("Contact: " + std::string(value)));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 400, judgeWith("Route: " + std::string(value)));
    }
    CPPUNIT_ASSERT_EQUAL(400, judgeWith("Route: sip:a;lr"));
  }

  void acceptsStarForRegisterOnly() {
    Headers headers = sound();
    headers.back() = "CSeq: 1 REGISTER";
    headers.push_back("Contact: *");
    CPPUNIT_ASSERT_EQUAL(0, judge(headers, "REGISTER sip:b SIP/2.0"));
    CPPUNIT_ASSERT_EQUAL(400, judgeWith("Contact: *"));
  }

  // scalarlg: any fault of a reply means that it is dropped
  void checksReplies() {
    CPPUNIT_ASSERT_EQUAL(0, judge(sound(), "SIP/2.0 200 OK"));
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("CSeq: 1 OPTIONS", "SIP/2.0 200 OK"));
    CPPUNIT_ASSERT(judgeWith("CSeq: 9292394834772304023312 OPTIONS", "SIP/2.0 200 OK"));
    CPPUNIT_ASSERT(judgeWith("Via: x", "SIP/2.0 200 OK"));
  }

  // A39, A25, A27
  void refusesLongFieldsInBoundedTime() {
    CPPUNIT_ASSERT_EQUAL(0, judgeWith("Call-ID: " + std::string(1000, 'c')));
    CPPUNIT_ASSERT_EQUAL(513, judgeWith("Call-ID: " + std::string(9000, 'c')));
    CPPUNIT_ASSERT_EQUAL(513, judgeWith("From: <sip:f@b>;tag=" + std::string(60000, 't')));
    std::string contacts = "Contact: sip:a@b";
    for (int i = 0; i < 200; ++i) contacts += ", sip:a@b";
    CPPUNIT_ASSERT_EQUAL(0, judgeWith(contacts));
  }

  void keepsTheVerdict() {
    const Octets octets("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n");
    Message message;
    CPPUNIT_ASSERT(!message.parse(octets.view()));
    CPPUNIT_ASSERT(!message.fault());
    const Fault first = message.validate();
    CPPUNIT_ASSERT(first && message.validate().text == first.text && message.fault().text == first.text);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ValidateTest);

}  // namespace Patchbay::Parser
