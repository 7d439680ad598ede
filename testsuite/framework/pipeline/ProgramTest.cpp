#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <random>

#include "Bench.h"
#include "patchbay/pipeline/Snapshot.h"

using namespace Patchbay::Pipeline;

namespace {

std::unique_ptr<Program> checked(const Node& node) {
  Problems problems;
  auto program = Program::check(node, Bench::vocabulary(), {}, problems);
  CPPUNIT_ASSERT_MESSAGE(problems.toString(), program != nullptr);
  return program;
}

Node parsed(const std::string& text, bool properties = false) {
  Problems problems;
  auto node = properties ? readProperties(text, "r.properties", problems) : readXml(text, "r.xml", problems);
  CPPUNIT_ASSERT_EQUAL(std::string(), problems.toString());
  return *node;
}

/// Valid rules of every kind.
class RandomRules {
 public:
  explicit RandomRules(unsigned seed) : _random(seed) {}
  std::string routing() {
    const std::string main = body(4);
    _inSub = true;
    const std::string sub = body(2);
    return "<routing><define name='gw' value='sip:gw'/><pipeline name='request' on='request' on-error='trouble'>" + main +
           "</pipeline><pipeline name='sub way'>" + sub + "</pipeline><pipeline name='trouble'><reply/></pipeline></routing>";
  }

 private:
  size_t pick(size_t count) { return _random() % count; }
  std::string condition() {
    static const char* All[] = {"look()",
                                "!look('a b') and method == 'IN VITE'",
                                "src.ip in (10.0.0.0/8, 2001:db8::/32)",
                                "not (msg.size gt 16KiB or age > 2s)",
                                "route('sub way')",
                                "uri.host not in domains or uri == myself",
                                "header['X = Y',*] =~ '(?i)^\\d+#'",
                                "typed(404, time=5s, flag=true)"};
    return std::string(" if=\"") + All[pick(_inSub ? 4 : 8)] + "\"";
  }
  std::string body(int depth) {
    std::string text;
    for (size_t i = pick(5); i > 0; --i) text += step(depth);
    return text;
  }
  std::string name() { return pick(2) ? " name='n " + std::to_string(_names++) + "'" : ""; }
  std::string step(int depth) {
    static const char* Steps[] = {"<look text='a &quot;b&quot; ${method} \\ #'/>", "<typed code='404'/>",
                                  "<set name='attr.x' value=' ${gw}'/>", "<log/>"};
    const size_t kind = depth > 0 ? pick(6) : pick(4);
    if (kind < 4) return Steps[kind];
    const std::string otherwise = pick(2) ? "<else><look/>" + nested(depth) + "</else>" : "";
    if (kind == 4) return "<rule" + name() + condition() + ">" + nested(depth) + otherwise + "</rule>";
    return "<first" + name() + "><rule" + name() + condition() + ">" + nested(depth) + "</rule><rule>" + nested(depth) + "</rule></first>";
  }
  std::string nested(int depth) {
    std::string text;
    for (size_t i = pick(3); i > 0; --i) text += step(depth - 1);
    return text;
  }
  std::mt19937 _random;
  int _names = 0;
  bool _inSub = false;  ///< which may not call itself
};

}  // namespace

class ProgramTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProgramTest);
  CPPUNIT_TEST(listsInstructions);
  CPPUNIT_TEST(givesTheSameProgramInBothSpellings);
  CPPUNIT_TEST(givesTheSameProgramForRandomRules);
  CPPUNIT_TEST(givesTheSameProgramByPositionAndByName);
  CPPUNIT_TEST(outlivesItsVocabulary);
  CPPUNIT_TEST(refusesDoubleDeclarations);
  CPPUNIT_TEST(growsScratchByBlocks);
  CPPUNIT_TEST(keepsHeldSnapshots);
  CPPUNIT_TEST_SUITE_END();

  void listsInstructions() {
    const Node node = parsed(
        "<routing><pipeline name='p' on='request' on-error='q'><rule name='a' if=\"!look() and (method == 'A' or src.ip in "
        "10.0.0.0/8)\"><reply/>"
        "<else><set name='attr.x' value='${method}'/></else></rule><route name='q'/></pipeline><pipeline "
        "name='q'><stop/></pipeline></routing>");
    CPPUNIT_ASSERT_EQUAL(std::string("pipeline 'p' on request on error 'q'\n"
                                     "0 rule ''\n"
                                     "1 ask look() -> 7, else 2\n"
                                     "2 if method == 'A' -> 4, else 3\n"
                                     "3 if src.ip in (10.0.0.0/8) -> 4, else 7\n"
                                     "4 rule 'a'\n"
                                     "5 do reply() settles\n"
                                     "6 jump -> 8\n"
                                     "7 set attr.x = \"${method}\"\n"
                                     "8 call 'q'\n"
                                     "9 return true\n"
                                     "pipeline 'q'\n"
                                     "10 rule ''\n"
                                     "11 stop\n"
                                     "12 return true\n"),
                         checked(node)->listing());
  }

  void givesTheSameProgramInBothSpellings() {
    const Node xml = parsed(
        "<routing><pipeline name='request' on='request' on-error='trouble'><rule name='too large' if='msg.size gt 16KiB'><reply text='too "
        "large'/></rule>"
        "<rule if='uri'><look/><else><miss/></else></rule><first><rule if='look()'><relay/></rule><rule><reply/></rule></first></pipeline>"
        "<pipeline name='trouble'><reply/></pipeline></routing>");
    const Node properties = parsed(
        "request.on = request\nrequest.on-error = trouble\nrequest.020.rule = too large\nrequest.020.if = msg.size gt 16KiB\n"
        "request.020.do.1 = reply text=\"too large\"\nrequest.030.if = uri\nrequest.030.do.1 = look\nrequest.030.else.1 = miss\n"
        "request.040.first =\nrequest.040.do.1.if = look()\nrequest.040.do.1.do.1 = relay\nrequest.040.do.2.do.1 = reply\ntrouble.1 = "
        "reply\n",
        true);
    CPPUNIT_ASSERT_EQUAL(xml.toString(), properties.toString());
    CPPUNIT_ASSERT_EQUAL(checked(xml)->listing(), checked(properties)->listing());
  }

  void givesTheSameProgramForRandomRules() {
    for (unsigned seed = 0; seed < 300; ++seed) {
      const Node node = parsed(RandomRules(seed).routing());
      const std::string spelled = writeProperties(node);
      const Node back = parsed(spelled, true);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(spelled, node.toString(), back.toString());
      CPPUNIT_ASSERT_EQUAL(checked(node)->listing(), checked(back)->listing());
      CPPUNIT_ASSERT_EQUAL(checked(node)->listing(), checked(parsed(writeXml(back)))->listing());
    }
  }

  void givesTheSameProgramByPositionAndByName() {
    const auto listing = [](const std::string& condition) {
      return checked(parsed("<routing><pipeline name='p'><rule if=\"" + condition + "\"/></pipeline></routing>"))->listing();
    };
    CPPUNIT_ASSERT_EQUAL(listing("typed(404, 2KiB)"), listing("typed(size=2KiB, code=404)"));
    CPPUNIT_ASSERT_EQUAL(listing("msg.size gt 16KiB"), listing("( msg.size>16384B )"));
    CPPUNIT_ASSERT(listing("typed(404)") != listing("typed(405)"));
  }

  void outlivesItsVocabulary() {
    Bench::Desk desk;
    Problems problems;
    {
      auto words = std::make_unique<Vocabulary>(Bench::vocabulary());
      desk.program = Program::check(
          parsed("<routing><pipeline name='p' on='reply'><rule if='uri in domains'/><look text='${method}'/></pipeline></routing>"), *words,
          {}, problems);
    }
    desk.letter.texts["method"] = "A";
    CPPUNIT_ASSERT(desk.program->bind(problems));
    CPPUNIT_ASSERT_EQUAL(std::string("look:A completed"), desk.run("reply"));
  }

  void refusesDoubleDeclarations() {
    Vocabulary words = Bench::vocabulary();
    CPPUNIT_ASSERT_THROW(words.add(*words.action("look")), Poco::ExistsException);
    CPPUNIT_ASSERT_THROW(words.add(*words.variable("error.text")), Poco::ExistsException);
  }

  void growsScratchByBlocks() {
    Scratch scratch;
    const std::string_view small = scratch.copy("abc");
    const std::string large(5000, 'x');
    const std::string_view kept = scratch.copy(large);
    const std::string_view more = scratch.copy("def");
    CPPUNIT_ASSERT_EQUAL(std::string("abc"), std::string(small));
    CPPUNIT_ASSERT_EQUAL(large, std::string(kept));
    CPPUNIT_ASSERT_EQUAL(std::string("def"), std::string(more));
    scratch.clear();
    CPPUNIT_ASSERT(scratch.copy("xyz").data() == small.data());
  }

  void keepsHeldSnapshots() {
    struct Part : Snapshot::Part {
      explicit Part(int& alive) : alive(alive) { ++alive; }
      ~Part() override { --alive; }
      int& alive;
    };
    int alive = 0;
    const auto made = [&] {
      auto snapshot = std::make_unique<Snapshot>(nullptr);
      snapshot->add(std::make_unique<Part>(alive));
      return snapshot;
    };
    CurrentSnapshot current;
    current.publish(made());
    SnapshotHold hold(current.get());
    current.publish(made());
    current.collect();
    CPPUNIT_ASSERT_EQUAL(2, alive);
    SnapshotHold moved(std::move(hold));
    moved.reset();
    CPPUNIT_ASSERT_EQUAL(2, alive);
    current.publish(made());
    CPPUNIT_ASSERT_EQUAL(2, alive);
    current.collect();
    CPPUNIT_ASSERT_EQUAL(1, alive);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ProgramTest);
