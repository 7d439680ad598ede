#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "Octets.h"
#include "patchbay/parser/Message.h"

namespace Patchbay::Parser {

class ScanTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ScanTest);
  CPPUNIT_TEST(findsThePartsOfARequest);
  CPPUNIT_TEST(findsThePartsOfAReply);
  CPPUNIT_TEST(readsReasonsOfAnyText);
  CPPUNIT_TEST(acceptsStatusesFrom100To699);
  CPPUNIT_TEST(refusesOtherStartLines);
  CPPUNIT_TEST(limitsTheMethodTo64Characters);
  CPPUNIT_TEST(refusesBareLineEnds);
  CPPUNIT_TEST(skipsFourEmptyLinesAtMost);
  CPPUNIT_TEST(refusesNoise);
  CPPUNIT_TEST(readsNamesInAllSpellings);
  CPPUNIT_TEST(refusesMalformedNames);
  CPPUNIT_TEST(unfoldsHeaders);
  CPPUNIT_TEST(refusesFoldsWithoutHeaderOrEnd);
  CPPUNIT_TEST(limitsTheBodyByContentLength);
  CPPUNIT_TEST(refusesOtherContentLengths);
  CPPUNIT_TEST(limitsSizes);
  CPPUNIT_TEST(limitsBodiesAndMessages);
  CPPUNIT_TEST(allowsRepliesTwiceAsMuch);
  CPPUNIT_TEST(findsWhatAReplyRepeatsBeyondTheLimits);
  CPPUNIT_TEST(findsHeaders);
  CPPUNIT_TEST(findsCompactFormsOfHeadersWithoutId);
  CPPUNIT_TEST(cutsTheTopmostVia);
  CPPUNIT_TEST(followsItsOctets);
  CPPUNIT_TEST(isReusedForTheNextMessage);
  CPPUNIT_TEST_SUITE_END();

  static constexpr const char* Line = "OPTIONS sip:a@b SIP/2.0\r\n";

  static int statusOf(std::string_view text, const Limits& limits = {}) {
    const Octets octets(text);
    Message message;
    return message.parse(octets.view(), limits).status;
  }
  static int statusOfLine(const std::string& line) { return statusOf(line + "\r\n\r\n"); }
  static int statusOfHeaders(const std::string& headers) { return statusOf(Line + headers + "\r\n"); }

 public:
  void findsThePartsOfARequest() {
    const Octets octets("INVITE sip:a@b SIP/2.0\r\nVia: x\r\nSubject:  hello \r\n\r\nbody");
    Message message;
    CPPUNIT_ASSERT(!message.parse(octets.view()));
    CPPUNIT_ASSERT(message.isRequest() && message.method() == Method::invite && message.methodText() == "INVITE");
    CPPUNIT_ASSERT(message.requestUriText() == "sip:a@b" && message.requestUri()->user == "a" && message.status() == 0);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, message.headers().size());
    const Header& subject = message.headers()[1];
    CPPUNIT_ASSERT(message.text(subject.line) == "Subject:  hello \r\n" && message.text(subject.name) == "Subject");
    CPPUNIT_ASSERT(message.text(subject.value) == "hello" && subject.id == HeaderId::other);
    CPPUNIT_ASSERT_EQUAL(uint32_t{24}, message.headersBegin());
    CPPUNIT_ASSERT(octets.view().substr(message.headersEnd()) == "\r\nbody");
    CPPUNIT_ASSERT(message.body() == "body" && message.bodyBegin() == message.headersEnd() + 2);
  }

  void findsThePartsOfAReply() {
    const Octets octets("SIP/2.0 183 Session Progress\r\nCSeq: 7 PRACK\r\n\r\n");
    Message message;
    CPPUNIT_ASSERT(!message.parse(octets.view()));
    CPPUNIT_ASSERT(!message.isRequest() && message.status() == 183 && message.reason() == "Session Progress");
    CPPUNIT_ASSERT(message.method() == Method::prack && message.methodText() == "PRACK" && !message.requestUri());
  }

  // unreason, noreason, A28
  void readsReasonsOfAnyText() {
    CPPUNIT_ASSERT_EQUAL(0, statusOfLine("SIP/2.0 200 \xd0\xbb\xff"));
    CPPUNIT_ASSERT_EQUAL(0, statusOfLine("SIP/2.0 100 "));
    CPPUNIT_ASSERT_EQUAL(0, statusOfLine("SIP/2.0 100"));
    CPPUNIT_ASSERT_EQUAL(0, statusOfLine("sip/2.0 200 OK"));
    CPPUNIT_ASSERT_EQUAL(400, statusOfLine("SIP/2.0 200 O\x01K"));
  }

  // A22, bigcode
  void acceptsStatusesFrom100To699() {
    for (const char* status : {"100", "199", "699"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(status, 0, statusOfLine("SIP/2.0 " + std::string(status) + " x"));
    for (const char* status : {"099", "700", "999", "4294967301", "4294967496", "2OO", "20", "0200", "", "-200", "200x"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(status, 400, statusOfLine("SIP/2.0 " + std::string(status) + " x"));
    }
  }

  // lwsruri, lwsstart, trws, badvers
  void refusesOtherStartLines() {
    for (const char* line : {"INVITE", "INVITE ", "INVITE sip:a@b", "INVITE sip:a@b ", "INVITE  sip:a@b SIP/2.0", "INVITE sip:a@b  SIP/2.0",
                             "INVITE sip:a@b SIP/2.0 ", " INVITE sip:a@b SIP/2.0", "INVITE sip:a@b; lr SIP/2.0", "INVITE sip:a@b SIP/2",
                             "INVITE sip:a@b SIP/x.y", "INVITE sip:a@b HTTP/1.1", "INVITE\tsip:a@b\tSIP/2.0", "IN\"VITE sip:a@b SIP/2.0",
                             "SIP/2.0", "SIP/", "SIP/2.0\t200 OK", "A"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, 400, statusOfLine(line));
    }
    CPPUNIT_ASSERT_EQUAL(505, statusOfLine("INVITE sip:a@b SIP/7.0"));
    CPPUNIT_ASSERT_EQUAL(505, statusOfLine("INVITE sip:a@b SIP/2.00"));
    CPPUNIT_ASSERT_EQUAL(0, statusOfLine("INVITE sip:a@b sip/2.0"));
  }

  // A24, intmeth
  void limitsTheMethodTo64Characters() {
    for (const size_t size : std::initializer_list<size_t>{1, 43, 64})
      CPPUNIT_ASSERT_EQUAL(0, statusOfLine(std::string(size, 'M') + " sip:a@b SIP/2.0"));
    for (const size_t size : std::initializer_list<size_t>{65, 4000})
      CPPUNIT_ASSERT_EQUAL(400, statusOfLine(std::string(size, 'M') + " sip:a@b SIP/2.0"));
  }

  // A29
  void refusesBareLineEnds() {
    for (const char* text :
         {"OPTIONS sip:a@b SIP/2.0\n\n", "OPTIONS sip:a@b SIP/2.0\nTo: x\r\n\r\n", "OPTIONS sip:a@b SIP/2.0\r\nTo: x\n\r\n",
          "OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\n", "OPTIONS sip:a@b SIP/2.0\r\nTo: x\ry\r\n\r\n", "OPTIONS sip:a@b SIP/2.0\rTo: x\r\r",
          "OPTIONS sip:a@b SIP/2.0\r\nTo: x\n y\r\n\r\n", "OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\r\n\r\n",
          "\nOPTIONS sip:a@b SIP/2.0\r\n\r\n"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 400, statusOf(text));
    }
    CPPUNIT_ASSERT_EQUAL(0, statusOf("OPTIONS sip:a@b SIP/2.0\r\n\r\nbody\nwith\rany\r"));
  }

  // A30
  void skipsFourEmptyLinesAtMost() {
    std::string lines;
    for (int count = 1; count <= 50; ++count) {
      lines += "\r\n";
      const Octets octets(lines + "OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\n");
      Message message;
      CPPUNIT_ASSERT_EQUAL(count <= 4 ? 0 : 400, message.parse(octets.view()).status);
      if (count <= 4) CPPUNIT_ASSERT(message.value(HeaderId::to) == "x" && message.methodText() == "OPTIONS");
    }
  }

  // A21
  void refusesNoise() {
    for (const std::string& text :
         {std::string(), std::string("\r\n"), std::string("\r\n\r\n"), std::string("\r"), std::string("\0\0\0\0", 4),
          std::string("jaK\0", 4), std::string(31, '\x17'), std::string(65507, 'A')}) {
      const Octets octets(text);
      Message message;
      CPPUNIT_ASSERT(message.parse(octets.view()));
      CPPUNIT_ASSERT(message.headers().empty() && message.body().empty());
    }
  }

  // A10
  void readsNamesInAllSpellings() {
    for (const char* name : {"Call-ID", "call-id", "CALL-ID", "CaLl-iD", "i", "I", "Call-ID ", "Call-ID \t ", "i\t"}) {
      const Octets octets(Line + std::string(name) + ":x\r\n\r\n");
      Message message;
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 0, message.parse(octets.view()).status);
      CPPUNIT_ASSERT_MESSAGE(name, message.callId() == "x");
    }
  }

  // A10, A33
  void refusesMalformedNames() {
    using namespace std::string_literals;
    for (const std::string& line :
         {":x"s, " :x"s, "To"s, "To x"s, "To\x01:x"s, "To\0:x"s, "T o:x"s, "T\xc3o:x"s, "To\x7f: x"s, "\"To\":x"s, "To;x:y"s}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, 400, statusOfHeaders(line + "\r\n"));
    }
    CPPUNIT_ASSERT_EQUAL(0, statusOfHeaders("X-!.%*+_`'~:\xef\xbb\xbf\r\nEmpty:\r\n"));
  }

  // A11
  void unfoldsHeaders() {
    const Octets octets(Line + std::string("Content-Length:\r\n 0\r\nSubject: a\r\n\tb\r\n  \r\n c\r\nTo: x\r\n\r\n"));
    Message message;
    CPPUNIT_ASSERT(!message.parse(octets.view()));
    CPPUNIT_ASSERT(message.value(HeaderId::contentLength) == "0" && message.value(HeaderId::to) == "x");
    CPPUNIT_ASSERT(message.text(message.find("subject")->value) == "a\r\n\tb\r\n  \r\n c");
  }

  // A11
  void refusesFoldsWithoutHeaderOrEnd() {
    CPPUNIT_ASSERT_EQUAL(400, statusOf("OPTIONS sip:a@b SIP/2.0\r\n To: x\r\n\r\n"));
    CPPUNIT_ASSERT_EQUAL(400, statusOf("OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n "));
    CPPUNIT_ASSERT_EQUAL(400, statusOf("OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n y\r\n"));
    CPPUNIT_ASSERT_EQUAL(400, statusOf("OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n"));
  }

  // dblreq; RFC 3261, 18.3
  void limitsTheBodyByContentLength() {
    const std::string text = Line + std::string("l : 0003\r\n\r\nabcdef");
    const Octets octets(text);
    Message message;
    CPPUNIT_ASSERT(!message.parse(octets.view()));
    CPPUNIT_ASSERT(message.body() == "abc" && message.octets().size() == text.size() - 3);
  }

  // A31, clerr, ncl, mcl01
  void refusesOtherContentLengths() {
    for (const char* value : {"7", "-1", "", "+1", "0x1", "1 2", "1,1", "2147483648", "2147483649", "1099511627776", "4294967296",
                              "4294967298", "18446744073709551618"}) {
      const Octets octets(Line + std::string("Content-Length: ") + value + "\r\n\r\nabcdef");
      Message message;
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 400, message.parse(octets.view()).status);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, size_t{6}, message.body().size());
    }
    CPPUNIT_ASSERT_EQUAL(400, statusOfHeaders("Content-Length: 0\r\nl: 0\r\n"));
  }

  // A26, R13
  void limitsSizes() {
    const auto header = [](size_t size) { return "X: " + std::string(size - 5, 'x') + "\r\n"; };
    CPPUNIT_ASSERT_EQUAL(0, statusOfHeaders(header(2048)));
    CPPUNIT_ASSERT_EQUAL(513, statusOfHeaders(header(2049)));
    CPPUNIT_ASSERT_EQUAL(513, statusOfHeaders("X: a\r\n " + std::string(2040, 'x') + "\r\n"));  // folds count
    CPPUNIT_ASSERT_EQUAL(513, statusOfHeaders(header(60000)));
    const std::string four = header(2048) + header(2048) + header(2048) + header(2048);
    CPPUNIT_ASSERT_EQUAL(0, statusOfHeaders(four));
    CPPUNIT_ASSERT_EQUAL(513, statusOfHeaders(four + header(5)));
    std::string many;
    for (int i = 0; i < 256; ++i) many += "X: y\r\n";
    CPPUNIT_ASSERT_EQUAL(0, statusOfHeaders(many));
    CPPUNIT_ASSERT_EQUAL(513, statusOfHeaders(many + "X: y\r\n"));
    CPPUNIT_ASSERT_EQUAL(414, statusOfLine("OPTIONS sip:" + std::string(2048, 'a') + " SIP/2.0"));
    Limits small;
    small.headers = 1;
    CPPUNIT_ASSERT_EQUAL(513, statusOf(Line + std::string("A: b\r\nC: d\r\n\r\n"), small));
  }

  // A26, R13
  void limitsBodiesAndMessages() {
    const auto withBody = [](size_t size) { return Line + std::string("\r\n") + std::string(size, 'x'); };
    CPPUNIT_ASSERT_EQUAL(0, statusOf(withBody(8192)));
    CPPUNIT_ASSERT_EQUAL(413, statusOf(withBody(8193)));
    CPPUNIT_ASSERT_EQUAL(413, statusOf(withBody(65000)));
    CPPUNIT_ASSERT_EQUAL(0, statusOf(Line + std::string("Content-Length: 1\r\n\r\n") + std::string(65000, 'x')));  // one octet is body
    Limits large;
    large.body = 65536;
    const size_t head = withBody(0).size();
    CPPUNIT_ASSERT_EQUAL(0, statusOf(withBody(16384 - head), large));
    CPPUNIT_ASSERT_EQUAL(513, statusOf(withBody(16385 - head), large));
    CPPUNIT_ASSERT_EQUAL(0, statusOf(withBody(1000000), Limits::none()));
  }

  // A26: it repeats what a request within the limits had, and ours
  void allowsRepliesTwiceAsMuch() {
    const std::string reply = "SIP/2.0 200 OK\r\n";
    const auto header = [](size_t size) { return "X: " + std::string(size - 5, 'x') + "\r\n"; };
    std::string many;
    for (int i = 0; i < 511; ++i) many += "X: y\r\n";
    CPPUNIT_ASSERT_EQUAL(0, statusOf(reply + many + header(4096) + "\r\n"));
    CPPUNIT_ASSERT_EQUAL(513, statusOf(reply + many + header(5) + header(5) + "\r\n"));
    CPPUNIT_ASSERT_EQUAL(513, statusOf(reply + header(4097) + "\r\n"));
    CPPUNIT_ASSERT_EQUAL(0, statusOf(reply + "\r\n" + std::string(16384, 'x')));
    CPPUNIT_ASSERT_EQUAL(413, statusOf(reply + "\r\n" + std::string(16385, 'x')));
  }

  // A26, R13: what goes too far is refused with an answer, so what that repeats is found wherever it stands
  void findsWhatAReplyRepeatsBeyondTheLimits() {
    const std::string wanted = "Via: SIP/2.0/UDP h\r\nFrom: f\r\nTo: t\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n";
    std::string many;
    for (int i = 0; i < 10000; ++i) many += "X: y\r\n";
    for (const std::string& before : {many, "X: " + std::string(60000, 'x') + "\r\n"}) {
      const Octets octets(Line + before + wanted + "From: again\r\nY: z\r\n\r\n");
      Message message;
      CPPUNIT_ASSERT_EQUAL(513, message.parse(octets.view()).status);
      CPPUNIT_ASSERT(message.topVia() && message.cseq() && message.callId() == "c" && message.value(HeaderId::to) == "t");
      CPPUNIT_ASSERT(message.value(HeaderId::from) == "f" && message.headers().size() <= 256 + 7);
    }
  }

  void findsHeaders() {
    const Octets octets(Line + std::string("v: 1\r\nX-A: 2\r\nVia: 3\r\nx-a: 4\r\nx-b: 5\r\nVIA: 6\r\n\r\n"));
    Message message;
    message.parse(octets.view());
    CPPUNIT_ASSERT(message.has(HeaderId::via) && !message.has(HeaderId::to) && !message.first(HeaderId::to));
    const Header* via = message.first(HeaderId::via);
    CPPUNIT_ASSERT(message.text(via->value) == "1");
    CPPUNIT_ASSERT(message.text((via = message.next(*via))->value) == "3");
    CPPUNIT_ASSERT(message.text((via = message.next(*via))->value) == "6");
    CPPUNIT_ASSERT(!message.next(*via));
    const Header* named = message.find("X-a");
    CPPUNIT_ASSERT(named && message.text(named->value) == "2");
    CPPUNIT_ASSERT(message.text(message.find("x-A", named)->value) == "4");
    CPPUNIT_ASSERT(!message.find("x-a", message.find("x-a", named)) && !message.find("x-c"));
    CPPUNIT_ASSERT(message.text(message.find("V", message.first(HeaderId::via))->value) == "3");
  }

  // RFC 3261, 7.3.3, and the registry of header fields
  void findsCompactFormsOfHeadersWithoutId() {
    const std::pair<const char*, const char*> forms[] = {{"a", "Accept-Contact"}, {"b", "Referred-By"},     {"d", "Request-Disposition"},
                                                         {"j", "Reject-Contact"}, {"n", "Identity-Info"},   {"s", "Subject"},
                                                         {"u", "Allow-Events"},   {"x", "Session-Expires"}, {"y", "Identity"},
                                                         {"o", "Event"},          {"r", "Refer-To"}};
    for (const auto& [compact, full] : forms) {
      const Octets octets(Line + std::string("X-1: no\r\n") + compact + ": 1\r\nX-2: no\r\n" + full + ": 2\r\n\r\n");
      Message message;
      message.parse(octets.view());
      for (const char* name : {compact, full}) {
        const Header* found = message.find(name);
        CPPUNIT_ASSERT_MESSAGE(full, found && message.text(found->value) == "1");
        found = message.find(name, found);
        CPPUNIT_ASSERT_MESSAGE(full, found && message.text(found->value) == "2");
        CPPUNIT_ASSERT(!message.find(name, found));
      }
    }
    const Octets upper(Line + std::string("B: 1\r\nw: 2\r\n\r\n"));
    Message message;
    message.parse(upper.view());
    CPPUNIT_ASSERT(message.find("REFERRED-BY") && message.find("b") && message.find("W"));
    CPPUNIT_ASSERT(!message.find("Subject") && !message.find("s") && !message.find("z"));
  }

  // Z05
  void cutsTheTopmostVia() {
    const auto cut = [](const std::string& vias) {
      const Octets octets(Line + vias + "\r\n");
      Message message;
      message.parse(octets.view());
      return std::string(message.text(message.topViaCut()));
    };
    CPPUNIT_ASSERT_EQUAL(std::string("Via: SIP/2.0/UDP a\r\n"), cut("Via: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/UDP a ,\r\n "), cut("Via:  SIP/2.0/UDP a ,\r\n SIP/2.0/UDP b\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string(), cut("To: x\r\n"));
    const Octets octets(Line + std::string("Via: SIP/2.0/UDP a,SIP/2.0/TCP b;branch=2\r\nVia: SIP/2.0/TLS c\r\n\r\n"));
    Message message;
    message.parse(octets.view());
    CPPUNIT_ASSERT(message.topVia()->host == "a" && message.secondVia()->host == "b" && message.secondVia()->branch == "2");
  }

  void followsItsOctets() {
    const std::string text =
        "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z\r\nFrom: <sip:f@b>;tag=1\r\nTo: <sip:t@b>\r\nCSeq: 1 OPTIONS\r\n\r\n";
    Message message;
    auto octets = std::make_unique<Octets>(text);
    message.parse(octets->view());
    CPPUNIT_ASSERT(message.topVia() && message.from() && message.cseq() && message.requestUri());
    Octets copy(text);
    message.moveTo(copy.view().data());
    octets.reset();
    CPPUNIT_ASSERT(message.topVia()->branch == "z" && message.from()->tag == "1" && message.from()->uri.user == "f" &&
                   message.to()->uri.user == "t");
    CPPUNIT_ASSERT(message.cseq()->methodText == "OPTIONS" && message.requestUri()->host == "b" && message.methodText() == "OPTIONS");
  }

  void isReusedForTheNextMessage() {
    Message message;
    std::string many = Line;
    for (int i = 0; i < 100; ++i) many += "Route: <sip:r" + std::to_string(i) + ">\r\n";
    many += "\r\n";
    message.parse(many);
    CPPUNIT_ASSERT_EQUAL(size_t{100}, message.headers().size());
    CPPUNIT_ASSERT(message.text(message.headers()[99].value) == "<sip:r99>" && message.text(message.headers()[39].value) == "<sip:r39>");
    const std::string reply = "SIP/2.0 200 OK\r\nTo: x\r\n\r\n";
    CPPUNIT_ASSERT(!message.parse(reply));
    CPPUNIT_ASSERT(message.headers().size() == 1 && !message.has(HeaderId::route) && !message.isRequest() && !message.requestUri());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ScanTest);

}  // namespace Patchbay::Parser
