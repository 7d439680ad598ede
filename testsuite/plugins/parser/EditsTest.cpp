#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Octets.h"
#include "Torture.h"
#include "patchbay/parser/Edits.h"

namespace Patchbay::Parser {

class EditsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EditsTest);
  CPPUNIT_TEST(changesNothingWithoutEdits);
  CPPUNIT_TEST(writesUriAndTopLines);
  CPPUNIT_TEST(leavesEmptyLinesBeforeTheStartLineOut);
  CPPUNIT_TEST(appendsAndInsertsInOrder);
  CPPUNIT_TEST(replacesAndRemoves);
  CPPUNIT_TEST(refusesOverlaps);
  CPPUNIT_TEST(removesTwice);
  CPPUNIT_TEST(refusesControlCharacters);
  CPPUNIT_TEST(contentLengthFollowsTheBody);
  CPPUNIT_TEST(contentLengthWinsOverItsOwnEdits);
  CPPUNIT_TEST(addsAMissingContentLengthForStreams);
  CPPUNIT_TEST(mergesTheLegsEdits);
  CPPUNIT_TEST(legWinsOverRequest);
  CPPUNIT_TEST(uriOfTheRebuildWinsOverEdits);
  CPPUNIT_TEST(failsOnEditsOfTheEmptyLine);
  CPPUNIT_TEST(failsOnAUriThatIsNone);
  CPPUNIT_TEST(isReused);
  CPPUNIT_TEST(rebuildsTortureMessagesOctetForOctet);
  CPPUNIT_TEST(reparsedRebuildsAreEqual);
  CPPUNIT_TEST(randomEditsMatchASlowModel);
  CPPUNIT_TEST_SUITE_END();

  static constexpr const char* Text =
      "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nX-odd :;;,,;\r\n folded\r\nRoute: <sip:r;lr>\r\nl: 4\r\nX: y\r\n\r\nbody";

  Message _message;
  std::string _octets = Text;  // turned by the tests into what they expect

  std::string write(const Rebuild& rebuild) {
    const size_t room = rebuild.room();
    const std::unique_ptr<char[]> memory(new char[room]);
    Writer out(memory.get(), room);
    rebuild.write(out);
    return out.ok() ? std::string(out.written()) : "failed";
  }

  std::string expected(const std::string& what, const std::string& with) const {
    std::string text = _octets;
    const size_t at = text.find(what);
    CPPUNIT_ASSERT(at != std::string::npos);
    return text.replace(at, what.size(), with);
  }

  Slice sliceOf(const std::string& what) const { return {static_cast<uint32_t>(_octets.find(what)), static_cast<uint32_t>(what.size())}; }

 public:
  void setUp() override {
    _octets = Text;
    CPPUNIT_ASSERT(!_message.parse(Text));
  }

  void changesNothingWithoutEdits() {
    const Edits none;
    CPPUNIT_ASSERT_EQUAL(_octets, write({.message = _message}));
    CPPUNIT_ASSERT_EQUAL(_octets, write({.message = _message, .edits = &none, .legEdits = &none}));
  }

  void writesUriAndTopLines() {
    const std::string text = write({.message = _message, .requestUri = "sip:other@c;x", .topLines = "Via: us\r\nP: q\r\n"});
    CPPUNIT_ASSERT_EQUAL(std::string("INVITE sip:other@c;x SIP/2.0\r\nVia: us\r\nP: q\r\n") + _octets.substr(24), text);
  }

  // A30
  void leavesEmptyLinesBeforeTheStartLineOut() {
    const std::string text = "\r\n\r\n" + _octets;
    CPPUNIT_ASSERT(!_message.parse(text));
    CPPUNIT_ASSERT_EQUAL(_octets, write({.message = _message}));
    CPPUNIT_ASSERT_EQUAL(expected("sip:a@b", "sip:c"), write({.message = _message, .requestUri = "sip:c"}));
  }

  void appendsAndInsertsInOrder() {
    Edits edits;
    CPPUNIT_ASSERT(edits.appendHeader(_message, "P-hint", "one") && edits.appendHeader(_message, "P-hint", "two"));
    CPPUNIT_ASSERT(edits.insertHeader(_message, HeaderId::route, "Route", "<sip:1>") &&
                   edits.insertHeader(_message, HeaderId::route, "Route", "<sip:2>"));
    CPPUNIT_ASSERT(edits.insertHeader(_message, HeaderId::recordRoute, "Record-Route", "<sip:3>"));
    CPPUNIT_ASSERT(edits.insertLines(_message.headersBegin(), "A: b\r\nC: d\r\n"));
    std::string text = expected("X: y\r\n", "X: y\r\nP-hint: one\r\nP-hint: two\r\n");
    text.insert(text.find("Route"), "Route: <sip:1>\r\nRoute: <sip:2>\r\n");
    text.insert(24, "Via: us\r\nRecord-Route: <sip:3>\r\nA: b\r\nC: d\r\n");
    CPPUNIT_ASSERT_EQUAL(text, write({.message = _message, .topLines = "Via: us\r\n", .edits = &edits}));
  }

  void replacesAndRemoves() {
    Edits edits;
    CPPUNIT_ASSERT(edits.replace(_message.find("X")->value, "longer value") && edits.removeHeader(*_message.find("x-odd")));
    _octets = expected("X: y", "X: longer value");
    CPPUNIT_ASSERT_EQUAL(expected("X-odd :;;,,;\r\n folded\r\n", ""), write({.message = _message, .edits = &edits}));
  }

  void refusesOverlaps() {
    Edits edits;
    const Header& route = *_message.first(HeaderId::route);
    CPPUNIT_ASSERT(edits.replace(route.value, "<sip:new>"));
    CPPUNIT_ASSERT(!edits.replace(route.value, "<sip:newer>") && !edits.removeHeader(route) && !edits.remove(sliceOf("sip:r")));
    CPPUNIT_ASSERT(!edits.insertLines(route.value.begin + 1, "x"));
    CPPUNIT_ASSERT(edits.insertLines(route.line.begin, "A: b\r\n") && edits.insertLines(route.line.end(), "C: d\r\n"));
    CPPUNIT_ASSERT(!edits.replace(Slice{5, 0xffffffffu}, "x"));
    CPPUNIT_ASSERT_EQUAL(expected("Route: <sip:r;lr>\r\n", "A: b\r\nRoute: <sip:new>\r\nC: d\r\n"),
                         write({.message = _message, .edits = &edits}));
  }

  void removesTwice() {
    Edits edits;
    const Header& route = *_message.first(HeaderId::route);
    CPPUNIT_ASSERT(edits.remove(sliceOf("sip:r")) && edits.removeHeader(route) && edits.removeHeader(route) && edits.remove(route.value));
    CPPUNIT_ASSERT(!edits.replace(route.value, "x"));
    CPPUNIT_ASSERT_EQUAL(expected("Route: <sip:r;lr>\r\n", ""), write({.message = _message, .edits = &edits}));
  }

  // A18 and area G: nothing that a rule says breaks out of its line
  void refusesControlCharacters() {
    Edits edits;
    const Header& header = *_message.find("X");
    for (const char* text : {"a\r\nEvil: b", "a\n", "\r", "\x7f", "\x01"}) {
      CPPUNIT_ASSERT(!edits.replace(header.value, text) && !edits.appendHeader(_message, "P", text) &&
                     !edits.insertHeader(_message, HeaderId::via, "P", text));
    }
    CPPUNIT_ASSERT(!edits.appendHeader(_message, "P\r\nQ", "x") && !edits.appendHeader(_message, "", "x") &&
                   !edits.appendHeader(_message, "P:", "x"));
    CPPUNIT_ASSERT(edits.empty() && edits.growth() == 0);
    CPPUNIT_ASSERT(!edits.replaceInBody(_message, header.value, "a\r\n"));
  }

  void contentLengthFollowsTheBody() {
    Edits edits;
    CPPUNIT_ASSERT(edits.replaceInBody(_message, sliceOf("ody"), "--\r\n--"));
    _octets = expected("l: 4", "Content-Length: 7");
    CPPUNIT_ASSERT_EQUAL(expected("body", "b--\r\n--"), write({.message = _message, .edits = &edits}));
    edits.clear();
    CPPUNIT_ASSERT(edits.replaceInBody(_message, {_message.bodyBegin(), 4}, ""));
    _octets = Text;
    _octets = expected("l: 4", "Content-Length: 0");
    CPPUNIT_ASSERT_EQUAL(expected("body", ""), write({.message = _message, .edits = &edits}));
  }

  void contentLengthWinsOverItsOwnEdits() {
    const Header& length = *_message.first(HeaderId::contentLength);
    Edits edits, leg;
    CPPUNIT_ASSERT(edits.removeHeader(length) && leg.replace(length.value, "99") &&
                   leg.replaceInBody(_message, {_message.bodyBegin(), 1}, "BB"));
    _octets = expected("l: 4", "Content-Length: 5");
    CPPUNIT_ASSERT_EQUAL(expected("body", "BBody"), write({.message = _message, .edits = &edits, .legEdits = &leg}));
  }

  // RFC 3261, 18.3
  void addsAMissingContentLengthForStreams() {
    CPPUNIT_ASSERT_EQUAL(_octets, write({.message = _message, .contentLength = true}));
    Edits edits;
    CPPUNIT_ASSERT(edits.removeHeader(*_message.first(HeaderId::contentLength)));
    CPPUNIT_ASSERT_EQUAL(expected("l: 4\r\n", ""), write({.message = _message, .edits = &edits}));
    CPPUNIT_ASSERT_EQUAL(expected("l: 4\r\n", "Content-Length: 4\r\n"),
                         write({.message = _message, .edits = &edits, .contentLength = true}));
    const std::string without = expected("l: 4\r\n", "");
    CPPUNIT_ASSERT(!_message.parse(without));
    CPPUNIT_ASSERT_EQUAL(without, write({.message = _message}));
    CPPUNIT_ASSERT_EQUAL(expected("l: 4\r\nX: y\r\n", "X: y\r\nContent-Length: 4\r\n"),
                         write({.message = _message, .contentLength = true}));
  }

  void mergesTheLegsEdits() {
    Edits edits, leg;
    CPPUNIT_ASSERT(edits.appendHeader(_message, "R", "1") && leg.appendHeader(_message, "L", "2") &&
                   leg.removeHeader(*_message.find("X-odd")));
    CPPUNIT_ASSERT(edits.insertHeader(_message, HeaderId::route, "Route", "<r>") &&
                   leg.insertHeader(_message, HeaderId::route, "Route", "<l>"));
    CPPUNIT_ASSERT(edits.replace(_message.find("X")->value, "z"));
    _octets = expected("X-odd :;;,,;\r\n folded\r\nRoute", "Route: <r>\r\nRoute: <l>\r\nRoute");
    CPPUNIT_ASSERT_EQUAL(expected("X: y\r\n", "X: z\r\nR: 1\r\nL: 2\r\n"), write({.message = _message, .edits = &edits, .legEdits = &leg}));
  }

  void legWinsOverRequest() {
    const Header& x = *_message.find("X");
    const Header& route = *_message.first(HeaderId::route);
    Edits edits, leg;
    CPPUNIT_ASSERT(edits.replace(x.value, "request") && leg.replace(x.value, "leg"));
    CPPUNIT_ASSERT(edits.replace(route.value, "request") && leg.removeHeader(route));
    _octets = expected("X: y", "X: leg");
    CPPUNIT_ASSERT_EQUAL(expected("Route: <sip:r;lr>\r\n", ""), write({.message = _message, .edits = &edits, .legEdits = &leg}));
    edits.clear();
    leg.clear();
    _octets = Text;
    CPPUNIT_ASSERT(edits.removeHeader(x) && leg.removeHeader(x));
    CPPUNIT_ASSERT_EQUAL(expected("X: y\r\n", ""), write({.message = _message, .edits = &edits, .legEdits = &leg}));
  }

  void uriOfTheRebuildWinsOverEdits() {
    Edits edits;
    CPPUNIT_ASSERT(edits.replace(_message.requestUriSlice(), "sip:rule"));
    CPPUNIT_ASSERT_EQUAL(expected("sip:a@b", "sip:rule"), write({.message = _message, .edits = &edits}));
    CPPUNIT_ASSERT_EQUAL(expected("sip:a@b", "sip:target"), write({.message = _message, .requestUri = "sip:target", .edits = &edits}));
  }

  void failsOnEditsOfTheEmptyLine() {
    for (const Slice where : {Slice{_message.headersEnd(), 1}, Slice{_message.headersEnd() + 1, 1}, Slice{_message.headersEnd() - 2, 5},
                              Slice{_message.bodyBegin(), 5}, Slice{static_cast<uint32_t>(_octets.size()), 1}}) {
      Edits edits;
      CPPUNIT_ASSERT(edits.remove(where));
      CPPUNIT_ASSERT_EQUAL(std::string("failed"), write({.message = _message, .edits = &edits}));
    }
  }

  void failsOnAUriThatIsNone() {
    for (const char* uri : {"sip:a b", "sip:a\r\nVia: x", "sip:a\t", "sip:a SIP/2.0\r\n"}) {
      CPPUNIT_ASSERT_EQUAL(std::string("failed"), write({.message = _message, .requestUri = uri}));
    }
  }

  void isReused() {
    Edits edits;
    CPPUNIT_ASSERT(edits.appendHeader(_message, "A", "b") && !edits.empty() && edits.growth() == 6);
    edits.clear();
    CPPUNIT_ASSERT(edits.empty() && edits.growth() == 0);
    CPPUNIT_ASSERT_EQUAL(_octets, write({.message = _message, .edits = &edits}));
  }

  // A01, A07
  void rebuildsTortureMessagesOctetForOctet() {
    for (const TortureMessage& torture : tortureMessages()) {
      if (torture.status) continue;
      const Octets octets(readTorture(torture.path));
      CPPUNIT_ASSERT_MESSAGE(torture.path, !_message.parse(octets.view()));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(torture.path, std::string(_message.octets()), write({.message = _message}));
    }
  }

  // A07
  void reparsedRebuildsAreEqual() {
    for (const TortureMessage& torture : tortureMessages()) {
      if (torture.status) continue;
      const Octets octets(readTorture(torture.path));
      _message.parse(octets.view());
      Edits edits;
      CPPUNIT_ASSERT(edits.appendHeader(_message, "P-hint", "USRLOC"));
      const std::string text = write({.message = _message, .topLines = "Via: SIP/2.0/UDP us;branch=z9hG4bK1\r\n", .edits = &edits});
      Message again;
      again.parse(text);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(torture.path, 0, again.validate().status);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(torture.path, _message.headers().size() + 2, again.headers().size());
      for (size_t i = 0; i < _message.headers().size(); ++i) {
        const Header &before = _message.headers()[i], &after = again.headers()[i + 1];
        CPPUNIT_ASSERT_MESSAGE(torture.path, before.id == after.id && _message.text(before.line) == again.text(after.line) &&
                                                 _message.text(before.value) == again.text(after.value));
      }
      CPPUNIT_ASSERT_MESSAGE(torture.path, again.body() == _message.body() && again.methodText() == _message.methodText() &&
                                               again.status() == _message.status());
    }
  }

  /// Against replacing in a string from the back.
  void randomEditsMatchASlowModel() {
    std::mt19937 random(7);
    const uint32_t begin = _message.headersBegin(), end = _message.headersEnd();
    for (int round = 0; round < 3000; ++round) {
      Edits edits;
      std::string text = _octets;
      struct Change {
        Slice where;
        std::string with;
      };
      std::vector<Change> changes;
      for (int i = 0; i < 6; ++i) {
        const uint32_t at = begin + static_cast<uint32_t>(random() % (end - begin));
        const Change change{{at, static_cast<uint32_t>(1 + random() % std::min(9u, end - at))},
                            std::string(1 + random() % 5, static_cast<char>('0' + i))};
        if (edits.replace(change.where, change.with)) changes.push_back(change);
      }
      std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.where.begin > b.where.begin; });
      for (size_t i = 0; i + 1 < changes.size(); ++i) CPPUNIT_ASSERT(changes[i + 1].where.end() <= changes[i].where.begin);
      for (const Change& change : changes) text.replace(change.where.begin, change.where.length, change.with);
      CPPUNIT_ASSERT(!changes.empty());
      CPPUNIT_ASSERT_EQUAL(text, write({.message = _message, .edits = &edits}));
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EditsTest);

}  // namespace Patchbay::Parser
