#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <string>
#include <vector>

#include "Work.h"
#include "patchbay/parser/Edits.h"
#include "patchbay/parser/Message.h"

namespace Patchbay::Testsuite {

using namespace Parser;

/// R14: whatever the octets, twice as many are at most a bit more than twice the work. Counted, not timed.
class WorkTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(WorkTest);
  CPPUNIT_TEST(countsWhatRuns);
  CPPUNIT_TEST(messagesTakeLinearWork);
  CPPUNIT_TEST(messagesWithinTheLimitsTakeLittleWork);
  CPPUNIT_TEST(valuesTakeLinearWork);
  CPPUNIT_TEST_SUITE_END();

  struct Shape {
    const char* name;
    std::function<std::string(size_t)> make;  // of about so many octets
  };

  static std::string repeated(const std::string& unit, size_t octets) {
    std::string text;
    while (text.size() + unit.size() <= octets) text += unit;
    return text;
  }
  /// A sound request but for what stands in its place.
  static std::string request(const std::string& uri, const std::string& lines, const std::string& body = {}) {
    return "INVITE " + uri +
           " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: "
           "<sip:c@d>\r\nCall-ID: e\r\n"
           "CSeq: 1 INVITE\r\n" +
           lines + "\r\n" + body;
  }
  static Shape octets(const char* name, std::string unit) {
    return {name, [unit](size_t size) { return repeated(unit, size); }};
  }
  static Shape lines(const char* name, std::string unit) {
    return {name, [unit](size_t size) { return request("sip:a@b", repeated(unit, size)); }};
  }
  static Shape value(const char* name, std::string begin, std::string unit, std::string end = {}) {
    return {name, [=](size_t size) { return request("sip:a@b", begin + repeated(unit, size) + end + "\r\n"); }};
  }
  static Shape uri(const char* name, std::string begin, std::string unit, std::string end = {}) {
    return {name, [=](size_t size) { return request(begin + repeated(unit, size) + end, ""); }};
  }

  static std::vector<Shape> shapes() {
    std::vector<Shape> all = {
        octets("one letter", "A"),
        octets("line ends", "\r\n"),
        octets("bare CR", "\r"),
        octets("bare LF", "\n"),
        octets("NUL", std::string(1, '\0')),
        octets("blanks", " "),
        octets("colons", ":"),
        octets("one start line", "INVITE sip:a@b SIP/2.0\r\n"),
        lines("headers", "X: y\r\n"),
        lines("empty headers", "X:\r\n"),
        lines("folds", "X: y\r\n z\r\n"),
        lines("names without colon", "X\r\n"),
        lines("Via lines", "Via: SIP/2.0/UDP h;branch=z9hG4bKy\r\n"),
        lines("Via and others", "v:SIP/2.0/UDP h\r\nX: y\r\n"),
        lines("To lines", "To: <sip:a@b>\r\n"),
        lines("Route lines", "Route: <sip:a@b;lr>\r\n"),
        lines("Contact lines", "m: <sip:a@b>\r\n"),
        lines("Content-Length lines", "l: 0\r\n"),
        {"body", [](size_t size) { return request("sip:a@b", "", repeated("--b\r\n\r\n", size)); }},
    };
    for (const char* name :
         {"Via: SIP/2.0/UDP h;x=", "To: ", "From: ", "Contact: ", "Route: ", "Call-ID: ", "CSeq: ", "Max-Forwards: ", "X: "})
      for (const char* unit : {"a",          ",",
                               ";",          "<",
                               ">",          "\"",
                               "\\",         "\"\\\"",
                               "\" ",        "a,",
                               "a;",         ";a=b",
                               "<sip:a@b>,", "\r\n ",
                               "%41",        "@",
                               ":",          "[",
                               "0",          "SIP/2.0/UDP h,",
                               "<sip:a@b;",  "\"a\"<sip:a@b>,",
                               "\xff",       "=",
                               "sip:"})
        all.push_back(value(name, name, unit));
    for (const char* begin : {"sip:", "sip:a@", "sip:a@b;", "sip:a@b?", "sip:a:", "tel:", "urn:", "sip:[", "sip:a@b:"})
      for (const char* unit : {"a", ";a=b", "&a=b", "%41", "@", ":", ".", "a.", "0", "1:", ";", "?", "=", "[", "#"})
        all.push_back(uri(begin, begin, unit));
    all.push_back(value("quotes closed late", "Contact: \"", "a", "\" <sip:a@b>"));
    all.push_back(value("brackets closed late", "Route: <sip:a@b;x=", "a", ";lr>"));
    return all;
  }

  /// All that a message can be asked, each once.
  static size_t workFor(const std::string& octets, const Limits& limits) {
    Message message;
    Work::start();
    message.parse(octets, limits);
    message.validate();
    ask(message);
    std::string room(octets.size() + 1000, '\0');
    Writer writer(room.data(), room.size());
    Rebuild{message, "sip:new@example.com", "Via: x\r\n"}.write(writer);
    return Work::done();
  }

  static void ask(Message& message) {
    message.topViaCut();
    message.secondVia();
    message.find("X-None");
    message.maxForwards();
    message.expires();
    message.methodText();
    for (const Address* address : {message.from(), message.to()})
      if (address) address->parameter("none");
    if (const Uri* uri = message.requestUri()) askUri(*uri);
    for (const Header* header = message.first(HeaderId::contact); header; header = message.next(*header)) {
      ListValues values(message.text(header->value));
      while (const auto value = values.next()) parseAddress(*value);
    }
  }

  static void askUri(const Uri& uri) {
    uri.parameter("none");
    uri.equivalent(uri);
    uri.hostPort();
    std::string record(uri.user.size() + uri.host.size() + 2, '\0');
    writeAddressOfRecord(uri, record.data());
  }

 public:
  void countsWhatRuns() {
    const std::string octets = request("sip:a@b", "");
    const size_t once = workFor(octets, {});
    CPPUNIT_ASSERT(once > octets.size() / 4 && once < octets.size() * 20);
    CPPUNIT_ASSERT_EQUAL(once, workFor(octets, {}));
    Work::start();
    CPPUNIT_ASSERT_EQUAL(size_t{0}, Work::done());
    Uri::parse("sip:" + std::string(16000, '?'));  // refused behind a search of the C library for '@'
    CPPUNIT_ASSERT(Work::done() > 1000);
  }

  // R14, A25, A26, A27
  void messagesTakeLinearWork() {
    for (const Shape& shape : shapes()) {
      const size_t one = workFor(shape.make(32000), Limits::none()), two = workFor(shape.make(64000), Limits::none());
      const std::string figures = std::string(shape.name) + ": " + std::to_string(one) + ", " + std::to_string(two);
      CPPUNIT_ASSERT_MESSAGE(figures, static_cast<double>(two) <= 2.2 * static_cast<double>(one) + 2000);
      CPPUNIT_ASSERT_MESSAGE(figures, two <= size_t{64000} * 30);
    }
  }

  // R14: 64 kB that go over the limits are read once, hardly more
  void messagesWithinTheLimitsTakeLittleWork() {
    for (const Shape& shape : shapes()) {
      const size_t work = workFor(shape.make(64000), {});
      CPPUNIT_ASSERT_MESSAGE(std::string(shape.name) + ": " + std::to_string(work), work <= size_t{64000} * 20);
    }
  }

  // R14: the parsers of single values, which others ask too
  void valuesTakeLinearWork() {
    const auto work = [](const std::string& text) {
      Work::start();
      parseVia(text);
      parseAddress(text);
      parseCSeq(text);
      parseNumber(text);
      parseQ(text);
      ListValues list(text);
      while (list.next()) continue;
      ParameterList parameters(text);
      while (parameters.next()) continue;
      if (const auto uri = Uri::parse(text)) askUri(*uri);
      isToken(text);
      headerOf(text);
      return Work::done();
    };
    for (const char* begin : {"", "sip:a@b;", "SIP/2.0/UDP h;", "\"", "<", "<sip:a@b>;", "sip:[", "1"})
      for (const char* unit :
           {"a", ",", ";", "a;", "a=b;", "\"", "\\", "<", ">", "<>", " ", "\r\n ", "@", ":", "1", "%41", ".", "a.", "\"\","}) {
        const size_t one = work(begin + repeated(unit, 32000)), two = work(begin + repeated(unit, 64000));
        CPPUNIT_ASSERT_MESSAGE(std::string(begin) + unit + ": " + std::to_string(one) + ", " + std::to_string(two),
                               two <= one * 22 / 10 + 2000);
      }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorkTest);

}  // namespace Patchbay::Testsuite
