#include <Poco/AutoPtr.h>
#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "Collector.h"
#include "Sink.h"

using namespace Patchbay::Log;
using namespace std::chrono_literals;

namespace {

Poco::Message message(const std::string& text, Poco::Message::Priority priority = Poco::Message::PRIO_ERROR) {
  Poco::Message result("tm", text, priority);
  result.setTime(Poco::Timestamp(1700000000123456));
  return result;
}

/// What one event becomes, written without a thread.
std::string lineOf(Layout layout, const Poco::Message& event, std::initializer_list<Field> fields = {}, bool dated = true) {
  Poco::AutoPtr<Collector> collector(new Collector);
  Poco::AutoPtr<Sink> sink(new Sink(collector, layout, dated));
  sink->write(event, {fields.begin(), fields.size()});
  return collector->lines().at(0);
}

Poco::JSON::Object::Ptr parsed(const std::string& line) {
  return Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>();
}

std::string allOctets() {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
  return octets;
}

}  // namespace

class SinkTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SinkTest);
  CPPUNIT_TEST(textBeginsWithTimeLevelAndLogger);
  CPPUNIT_TEST(syslogLinesHaveNoTime);
  CPPUNIT_TEST(valuesThatCouldPassForFieldsAreQuoted);
  CPPUNIT_TEST(oneEventIsOneLineWhateverItHolds);
  CPPUNIT_TEST(longTextsAndValuesAreCut);
  CPPUNIT_TEST(jsonGivesBackWhatWasLogged);
  CPPUNIT_TEST(jsonIsValidForAllOctets);
  CPPUNIT_TEST(jsonFieldsCannotReplaceTheFixedMembers);
  CPPUNIT_TEST(queuedLinesKeepTheirOrder);
  CPPUNIT_TEST(aSlowReaderCostsLinesAndIsToldHowMany);
  CPPUNIT_TEST(aHangingReaderDoesNotHoldTheEnd);
  CPPUNIT_TEST(writesAtOnceAfterACleanStop);
  CPPUNIT_TEST_SUITE_END();

 public:
  void textBeginsWithTimeLevelAndLogger() {
    CPPUNIT_ASSERT_EQUAL(std::string("2023-11-14T22:13:20.123Z error tm: no answer code=408 to=\"a b\""),
                         lineOf(Layout::text, message("no answer"), {{"code", "408"}, {"to", "a b"}}));
  }

  void syslogLinesHaveNoTime() {
    CPPUNIT_ASSERT_EQUAL(std::string("tm: no answer code=408"), lineOf(Layout::text, message("no answer"), {{"code", "408"}}, false));
  }

  void valuesThatCouldPassForFieldsAreQuoted() {
    CPPUNIT_ASSERT_EQUAL(
        std::string(R"(tm: x a="b c=d" e="" f="say \"hi\"" g="\\\"" h=\\)"),
        lineOf(Layout::text, message("x"), {{"a", "b c=d"}, {"e", ""}, {"f", "say \"hi\""}, {"g", "\\\""}, {"h", "\\"}}, false));
  }

  void oneEventIsOneLineWhateverItHolds() {
    for (const Layout layout : {Layout::text, Layout::json}) {
      const std::string line = lineOf(layout, message(allOctets()), {{"value", allOctets()}});
      CPPUNIT_ASSERT(std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
    }
  }

  void longTextsAndValuesAreCut() {
    const std::string longValue(5000, 'v'), longText(5000, 't');
    const std::string line = lineOf(Layout::text, message(longText), {{"a", longValue}}, false);
    CPPUNIT_ASSERT_EQUAL("tm: " + longText.substr(0, 2048) + "... a=" + longValue.substr(0, 2048) + "...", line);
    CPPUNIT_ASSERT_EQUAL(size_t{2051}, parsed(lineOf(Layout::json, message(longText)))->getValue<std::string>("text").size());
  }

  void jsonGivesBackWhatWasLogged() {
    const auto object = parsed(lineOf(Layout::json, message("caf\xc3\xa9 \"\\\n\t\x01"), {{"uri", "sip:joe@example.org"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("2023-11-14T22:13:20.123Z"), object->getValue<std::string>("time"));
    CPPUNIT_ASSERT_EQUAL(std::string("error"), object->getValue<std::string>("level"));
    CPPUNIT_ASSERT_EQUAL(std::string("tm"), object->getValue<std::string>("logger"));
    CPPUNIT_ASSERT_EQUAL(std::string("caf\xc3\xa9 \"\\\n\t\x01"), object->getValue<std::string>("text"));
    CPPUNIT_ASSERT_EQUAL(std::string("sip:joe@example.org"), object->getValue<std::string>("uri"));
  }

  void jsonIsValidForAllOctets() {
    for (int octet = 0; octet < 256; ++octet) {
      const std::string text(1, static_cast<char>(octet));
      const auto object = parsed(lineOf(Layout::json, message("x" + text + "y"), {{"value", text}}));
      if (octet < 0x80) CPPUNIT_ASSERT_EQUAL("x" + text + "y", object->getValue<std::string>("text"));
      if (octet >= 0x80) CPPUNIT_ASSERT_EQUAL(size_t{6}, object->getValue<std::string>("text").size());
    }
  }

  void jsonFieldsCannotReplaceTheFixedMembers() {
    const auto object = parsed(lineOf(Layout::json, message("true"), {{"text", "false"}, {"level", "none"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("true"), object->getValue<std::string>("text"));
    CPPUNIT_ASSERT_EQUAL(std::string("false"), object->getValue<std::string>("text_"));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), object->getValue<std::string>("level_"));
  }

  void queuedLinesKeepTheirOrder() {
    Poco::AutoPtr<Collector> collector(new Collector);
    Poco::AutoPtr<Sink> sink(new Sink(collector, Layout::text, false));
    sink->start();
    for (int i = 0; i < 1000; ++i) sink->log(message(std::to_string(i)));
    CPPUNIT_ASSERT(sink->stop(10s));
    const auto lines = collector->lines();
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, lines.size());
    for (size_t i = 0; i < lines.size(); ++i) CPPUNIT_ASSERT_EQUAL("tm: " + std::to_string(i), lines[i]);
  }

  void aSlowReaderCostsLinesAndIsToldHowMany() {
    Poco::AutoPtr<Collector> collector(new Collector);
    Poco::AutoPtr<Sink> sink(new Sink(collector, Layout::text, false));
    const uint64_t before = Sink::dropped();
    collector->hold(true);
    sink->start();
    sink->log(message("held"));
    collector->awaitWriter();
    for (size_t i = 0; i < Sink::MostQueued + 7; ++i) sink->log(message("more"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{7}, Sink::dropped() - before);
    collector->hold(false);
    CPPUNIT_ASSERT(sink->stop(10s));
    const auto lines = collector->lines();
    CPPUNIT_ASSERT_EQUAL(Sink::MostQueued + 2, lines.size());
    CPPUNIT_ASSERT_EQUAL(std::string("log: lines dropped: the reader is too slow count=7"), lines.back());
  }

  void aHangingReaderDoesNotHoldTheEnd() {
    Poco::AutoPtr<Collector> collector(new Collector);
    Poco::AutoPtr<Sink> sink(new Sink(collector, Layout::text, false));
    collector->hold(true);
    sink->start();
    sink->log(message("held"));
    collector->awaitWriter();
    CPPUNIT_ASSERT(!sink->stop(1ms));
    const uint64_t before = Sink::dropped();
    sink->log(message("later"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, Sink::dropped() - before);
    collector->hold(false);
  }

  void writesAtOnceAfterACleanStop() {
    Poco::AutoPtr<Collector> collector(new Collector);
    Poco::AutoPtr<Sink> sink(new Sink(collector, Layout::text, false));
    sink->start();
    CPPUNIT_ASSERT(sink->stop(10s));
    sink->log(message("last"));
    CPPUNIT_ASSERT_EQUAL(std::string("tm: last"), collector->lines().at(0));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SinkTest);
