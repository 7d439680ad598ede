#include <cppunit/extensions/HelperMacros.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include <Poco/DirectoryIterator.h>
#include <Poco/Path.h>

#include "Framer.h"
#include "TestPaths.h"
#include "patchbay/runtime/Random.h"

using namespace Patchbay;
using Transport::Framer;
using Kind = Transport::Framing::Kind;

namespace {

struct Seen {
  Kind kind;
  std::string octets;
  std::string text;
  int status = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};
using All = std::vector<Seen>;

/// Feeds the piece from a buffer that ends with it, so that a sanitizer sees each octet read behind it.
void feed(Framer& framer, std::string_view piece, All& seen) {
  const auto exact = std::make_unique<char[]>(piece.size());
  std::memcpy(exact.get(), piece.data(), piece.size());
  framer.feed({exact.get(), piece.size()});
  for (auto event = framer.next(); event.kind != Kind::more; event = framer.next())
    seen.push_back({event.kind, std::string(event.octets), event.fault.text, event.fault.status});
  framer.settle();
}

template <class Size>
All cut(std::string_view octets, Size size) {
  Framer framer;
  All seen;
  for (size_t at = 0; at < octets.size();) {
    const size_t next = std::min<size_t>(std::max<size_t>(size(), 1), octets.size() - at);
    feed(framer, octets.substr(at, next), seen);
    at += next;
  }
  return seen;
}

All whole(std::string_view octets) {
  return cut(octets, [&] { return octets.size(); });
}

std::string request(const std::string& body, const std::string& lengthLine) {
  return "MESSAGE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n" + lengthLine + "\r\n" + body;
}
std::string sound(const std::string& body = "hello") {
  return request(body, "Content-Length: " + std::to_string(body.size()) + "\r\n");
}

/// What one fault follows from.
Seen faultOf(const std::string& octets) {
  const All seen = whole(octets);
  CPPUNIT_ASSERT_MESSAGE(octets, seen.size() == 1 && seen[0].kind == Kind::fault);
  return seen[0];
}

}  // namespace

class FramerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FramerTest);
  CPPUNIT_TEST(findsMessagesInOnePiece);
  CPPUNIT_TEST(findsAThousandMessagesInOnePiece);
  CPPUNIT_TEST(findsMessagesWhereverTheyAreCut);
  CPPUNIT_TEST(findsTheSameInTortureMessagesWhateverTheChunks);
  CPPUNIT_TEST(refusesAMessageWithoutContentLength);
  CPPUNIT_TEST(refusesContentLengthsThatAreNoNumber);
  CPPUNIT_TEST(refusesTwoContentLengths);
  CPPUNIT_TEST(refusesHugeContentLengthsWithoutMemory);
  CPPUNIT_TEST(takesContentLengthInEverySpelling);
  CPPUNIT_TEST(takesTheTailOfAShortContentLengthAsTheNextMessage);
  CPPUNIT_TEST(waitsForTheRestOfALongContentLength);
  CPPUNIT_TEST(refusesHeadersWithoutEnd);
  CPPUNIT_TEST(refusesLineEndsThatOthersSeeElsewhere);
  CPPUNIT_TEST(answersPings);
  CPPUNIT_TEST(skipsFewEmptyLinesAndRefusesMany);
  CPPUNIT_TEST(refusesWhatIsNoSip);
  CPPUNIT_TEST(looksAtNothingBehindAFault);
  CPPUNIT_TEST(keepsNothingBetweenMessages);
  CPPUNIT_TEST(addsAMissingContentLength);
  CPPUNIT_TEST_SUITE_END();

 public:
  // B01
  void findsMessagesInOnePiece() {
    const All expected{{Kind::message, sound("one"), ""}, {Kind::message, sound(""), ""}};
    CPPUNIT_ASSERT(whole(sound("one") + sound("")) == expected);
  }
  // B01
  void findsAThousandMessagesInOnePiece() {
    std::string octets;
    All expected;
    for (int i = 0; i < 1000; ++i) {
      expected.push_back({Kind::message, sound(std::to_string(i)), ""});
      octets += expected.back().octets;
    }
    CPPUNIT_ASSERT(whole(octets) == expected);
  }
  // B02: in each place, CRLFCRLF, header name and body among them
  void findsMessagesWhereverTheyAreCut() {
    const std::string octets = sound("one") + "\r\n\r\n" + sound("two");
    const All expected = whole(octets);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, expected.size());
    for (size_t first = 1; first < octets.size(); ++first) {
      Framer framer;
      All seen;
      feed(framer, std::string_view(octets).substr(0, first), seen);
      feed(framer, std::string_view(octets).substr(first), seen);
      CPPUNIT_ASSERT_MESSAGE(std::to_string(first), seen == expected);
    }
  }
  // A06
  void findsTheSameInTortureMessagesWhateverTheChunks() {
    size_t messages = 0;
    auto random = Runtime::makeSeededRandom(6);
    for (const char* folder : {"rfc4475", "rfc4475-derived", "rfc5118-wire"})
      for (Poco::DirectoryIterator file(Testsuite::sourceFolder() + "/testsuite/torture/" + folder), end; file != end; ++file) {
        std::ifstream in(file->path(), std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        const std::string octets = text.str() + sound("behind");
        const All expected = whole(octets);
        for (size_t size : {1, 2, 3, 7}) CPPUNIT_ASSERT_MESSAGE(file->path(), cut(octets, [size] { return size; }) == expected);
        for (int i = 0; i < 20; ++i) CPPUNIT_ASSERT_MESSAGE(file->path(), cut(octets, [&] { return random->next() % 200; }) == expected);
        ++messages;
      }
    CPPUNIT_ASSERT(messages >= 60);
  }
  // B03
  void refusesAMessageWithoutContentLength() {
    const Seen fault = faultOf(request("v=0\r\n", "") + sound());
    CPPUNIT_ASSERT_EQUAL(400, fault.status);
    CPPUNIT_ASSERT_EQUAL(request("", ""), fault.octets);  // so that it can be answered
  }
  // B06
  void refusesContentLengthsThatAreNoNumber() {
    for (const char* value : {"-5", "five", "10, 10", "10 20", "", " ", "+5", "0x5", "5.0", "5;x=y", "\"5\""}) {
      const Seen fault = faultOf(request("hello", "Content-Length: " + std::string(value) + "\r\n"));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(value, 400, fault.status);
    }
  }
  // B06
  void refusesTwoContentLengths() {
    for (const char* lines :
         {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nl: 5\r\n", "L:5\r\nContent-Length :0\r\n"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(lines, 400, faultOf(request("hello", lines)).status);
  }
  // B08
  void refusesHugeContentLengthsWithoutMemory() {
    for (const char* value : {"2147483648", "4294967328", "4294967295", "18446744073709551616", "99999999999999999999999999"}) {
      Framer framer;
      All seen;
      feed(framer, request("hello", "Content-Length: " + std::string(value) + "\r\n") + sound(), seen);
      CPPUNIT_ASSERT_MESSAGE(value, seen.size() == 1 && seen[0].kind == Kind::fault);
      CPPUNIT_ASSERT_MESSAGE(value, framer.held() <= 2048);
    }
  }
  void takesContentLengthInEverySpelling() {
    for (const char* line : {"content-length:5\r\n", "l: 5\r\n", "L : 5\r\n", "Content-Length\t:\r\n 5\r\n", "CONTENT-LENGTH: 0005 \r\n",
                             "Subject: l: 7\r\nl:5\r\nLabel: 3\r\n"})
      CPPUNIT_ASSERT_MESSAGE(line, whole(request("hello", line)) == (All{{Kind::message, request("hello", line), ""}}));
    // a fold is no header line
    CPPUNIT_ASSERT_EQUAL(400, faultOf(request("hello", "Subject: x\r\n Content-Length: 5\r\n")).status);
  }
  // B04
  void takesTheTailOfAShortContentLengthAsTheNextMessage() {
    const std::string inner = sound("inner");
    const std::string outer = request("", "Content-Length: 2\r\n") + "ab";
    const All expected{{Kind::message, outer, ""}, {Kind::message, inner, ""}};
    CPPUNIT_ASSERT(whole(outer + inner) == expected);
    CPPUNIT_ASSERT(whole(outer + "{}").back().kind == Kind::fault);
  }
  // B05
  void waitsForTheRestOfALongContentLength() {
    Framer framer;
    All seen;
    feed(framer, request("hello", "Content-Length: 50\r\n"), seen);
    CPPUNIT_ASSERT(seen.empty());
    CPPUNIT_ASSERT(framer.isInside());
    feed(framer, std::string(45, 'x'), seen);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, seen.size());
    CPPUNIT_ASSERT(!framer.isInside());
  }
  // B07
  void refusesHeadersWithoutEnd() {
    std::string octets = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n";
    while (octets.size() < 100000) octets += "Subject: and so on, and so on, and so on\r\n";
    Framer framer;
    All seen;
    for (size_t at = 0; at < octets.size(); at += 1000) feed(framer, std::string_view(octets).substr(at, 1000), seen);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, seen.size());
    CPPUNIT_ASSERT_EQUAL(513, seen[0].status);
    CPPUNIT_ASSERT(seen[0].octets.size() <= 32768 && seen[0].octets.size() > 32000 && seen[0].octets.ends_with("\r\n"));
    CPPUNIT_ASSERT(framer.held() <= 2048);
    CPPUNIT_ASSERT_EQUAL(513, faultOf(std::string(40000, 'a')).status);  // no line end at all
    CPPUNIT_ASSERT_EQUAL(513, faultOf(request("", "Content-Length: 65535\r\n")).status);
  }
  // B09
  void refusesLineEndsThatOthersSeeElsewhere() {
    for (const char* line : {"Subject: a\nContent-Length: 0\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nSubject: a\rb\r\n",
                             "Content-Length: 5\r\nSubject: a\n\nb\r\n"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, 400, faultOf(request("hello", line)).status);
  }
  void answersPings() {
    const All pong{{Kind::answer, "\r\n", ""}};
    CPPUNIT_ASSERT(whole("\r\n\r\n") == pong);
    CPPUNIT_ASSERT(cut("\r\n\r\n", [] { return 1; }) == pong);
    CPPUNIT_ASSERT(whole("\r\n").empty());  // the answer to a ping of ours
  }
  // A30
  void skipsFewEmptyLinesAndRefusesMany() {
    CPPUNIT_ASSERT(whole("\r\n" + sound()).back() == (Seen{Kind::message, sound(), ""}));
    CPPUNIT_ASSERT(whole("\r\n\r\n" + sound()).back() == (Seen{Kind::message, sound(), ""}));
    for (size_t count : {size_t{50}, size_t{10000}}) {
      std::string lines;
      for (size_t i = 0; i < count; ++i) lines += "\r\n";
      CPPUNIT_ASSERT(whole(lines + sound()).back().kind == Kind::fault);
    }
    Framer framer;
    All seen;
    for (int i = 0; i < 1000; ++i) {
      feed(framer, "\r\n\r\n", seen);
      framer.forgive();  // a while later
    }
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, seen.size());
  }
  // B25
  void refusesWhatIsNoSip() {
    for (const std::string& octets : {std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), std::string(" OPTIONS"), std::string("\r\r\n"),
                                      std::string("\n\n"), std::string(4, '\0')})
      CPPUNIT_ASSERT(faultOf(octets).octets.empty());
    CPPUNIT_ASSERT(faultOf("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 400);
  }
  void looksAtNothingBehindAFault() {
    Framer framer;
    All seen;
    feed(framer, request("", ""), seen);
    feed(framer, sound() + "\r\n\r\n", seen);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, seen.size());
    CPPUNIT_ASSERT(!framer.isInside());
  }
  // B12
  void keepsNothingBetweenMessages() {
    Framer framer;
    All seen;
    const std::string large = sound(std::string(60000, 'x'));
    feed(framer, std::string_view(large).substr(0, 30000), seen);
    feed(framer, std::string_view(large).substr(30000), seen);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, seen.size());
    CPPUNIT_ASSERT(framer.held() <= 2048);
  }
  void addsAMissingContentLength() {
    std::string out = "x";
    Framer().write(request("hello", ""), out);
    CPPUNIT_ASSERT_EQUAL("x" + request("hello", "Content-Length: 5\r\n"), out);
    out.clear();
    Framer().write(request("hello", "l: 5\r\n"), out);
    CPPUNIT_ASSERT_EQUAL(request("hello", "l: 5\r\n"), out);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(FramerTest);
