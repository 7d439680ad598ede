#include <Poco/File.h>
#include <Poco/TemporaryFile.h>
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <random>

#include "patchbay/pipeline/Node.h"

using namespace Patchbay::Pipeline;

namespace {

/// The tree's canonical text, or the problems when there are any.
std::string xml(const std::string& text) {
  Problems problems;
  const auto node = readXml(text, "a.xml", problems);
  return problems.all().empty() && node ? node->toString() : problems.toString();
}

std::string properties(const std::string& text) {
  Problems problems;
  const auto node = readProperties(text, "a.properties", problems);
  return problems.all().empty() && node ? node->toString() : problems.toString();
}

void assertRoundTrip(const Node& node) {
  const std::string spelled = writeProperties(node);
  CPPUNIT_ASSERT_EQUAL_MESSAGE(spelled, node.toString(), properties(spelled));
  CPPUNIT_ASSERT_EQUAL(node.toString(), xml(writeXml(node)));
}

Node parsed(const std::string& text) {
  Problems problems;
  auto node = readXml(text, "a.xml", problems);
  CPPUNIT_ASSERT_EQUAL(std::string(), problems.toString());
  return *node;
}

/// Trees of few names, so that names repeat, with values full of signs that need escapes.
class RandomTree {
 public:
  explicit RandomTree(unsigned seed) : _random(seed) {}
  Node settings(int depth) {
    static const char* Names[] = {"a", "b", "c.d", "listen", "routing", "on"};
    Node node;
    node.name = Names[pick(6)];
    attributes(node, {"x", "y.z", "name", "on"});
    for (int i = depth > 0 ? pick(4) : 0; i > 0; --i) node.children.push_back(settings(depth - 1));
    return node;
  }
  Node routing() {
    Node node;
    node.name = "routing";
    for (int i = 0; i < 3; ++i) {
      node.children.push_back(named("pipeline", "p " + std::to_string(i) + "." + value()));
      body(node.children.back(), 3);
    }
    return node;
  }

 private:
  int pick(int count) { return static_cast<int>(_random() % static_cast<unsigned>(count)); }
  std::string value() {
    static const char Signs[] = " =\\.#!\n\t\"'&<x1%\xC3\xA9";
    std::string text;
    for (int i = pick(6); i > 0; --i) text += Signs[pick(14)];
    return text;
  }
  static Node named(const std::string& element, const std::string& name) { return {element, {{"name", name}}, {}, {}}; }
  void attributes(Node& node, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (pick(2)) node.attributes.push_back({name, value()});
    }
  }
  void body(Node& node, int depth) {
    static const char* Names[] = {"rule", "first", "log", "drop", "stop"};
    for (int i = pick(4); i > 0; --i) {
      Node child;
      child.name = Names[pick(depth > 0 ? 5 : 3) + (depth > 0 ? 0 : 2)];
      const bool nests = child.name == "rule" || child.name == "first";
      attributes(child, nests ? std::initializer_list<const char*>{"name", "if"} : std::initializer_list<const char*>{"code", "text"});
      if (nests) body(child, depth - 1);
      if (child.name == "rule" && pick(2)) {
        child.children.push_back({"else", {}, {}, {}});
        body(child.children.back(), depth - 1);
      }
      node.children.push_back(std::move(child));
    }
  }
  std::mt19937 _random;
};

void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace

class ReadersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ReadersTest);
  CPPUNIT_TEST(readsElementsAndAttributes);
  CPPUNIT_TEST(refusesUnbalancedXmlWithLine);
  CPPUNIT_TEST(refusesDocumentTypes);
  CPPUNIT_TEST(refusesUnknownNamespaces);
  CPPUNIT_TEST(refusesTextContent);
  CPPUNIT_TEST(refusesProcessingInstructions);
  CPPUNIT_TEST(refusesDeepNesting);
  CPPUNIT_TEST(readsTheRuleSpelling);
  CPPUNIT_TEST(readsSettings);
  CPPUNIT_TEST(ordersByNumber);
  CPPUNIT_TEST(refusesDuplicateKeys);
  CPPUNIT_TEST(reportsEveryWrongLine);
  CPPUNIT_TEST(joinsContinuedLines);
  CPPUNIT_TEST(readsEscapes);
  CPPUNIT_TEST(refusesPropertiesThatXmlCannotHold);
  CPPUNIT_TEST(writesTheRuleSpelling);
  CPPUNIT_TEST(spellsIrregularRulesPlainly);
  CPPUNIT_TEST(nestsRulesInSettings);
  CPPUNIT_TEST(roundTripsRandomSettings);
  CPPUNIT_TEST(roundTripsRandomRules);
  CPPUNIT_TEST(includesFiles);
  CPPUNIT_TEST(refusesIncludeLoops);
  CPPUNIT_TEST(refusesIncludesInTexts);
  CPPUNIT_TEST(suggestsCloseNames);
  CPPUNIT_TEST_SUITE_END();

  void readsElementsAndAttributes() {
    CPPUNIT_ASSERT_EQUAL(std::string("a b=\"2\" z=\"1\"\n  c\n  d x=\"\\x0a\\\"\"\n"),
                         xml("<a z='1' b='2'><!-- c --><c/>\n<d x='&#10;&quot;'/></a>"));
    CPPUNIT_ASSERT_EQUAL(3, parsed("<a>\n\n<b/></a>").children[0].location.line);
  }

  void refusesUnbalancedXmlWithLine() {
    const std::string found = xml("<a>\n<b>\n</a>");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(found, size_t{0}, found.find("a.xml:3: error: not well-formed XML: "));
    CPPUNIT_ASSERT(xml("").find("error") != std::string::npos);
  }

  void refusesDocumentTypes() {
    const std::string found = xml("<!DOCTYPE a [<!ENTITY x SYSTEM '/etc/passwd'>]>\n<a b='&x;'/>");
    CPPUNIT_ASSERT_MESSAGE(found, found.find("a document type (DOCTYPE) is not allowed") != std::string::npos);
    const std::string laughs = xml("<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>\n<l x='&b;'/>");
    CPPUNIT_ASSERT_MESSAGE(laughs, laughs.find("DOCTYPE") != std::string::npos);
  }

  void refusesUnknownNamespaces() {
    CPPUNIT_ASSERT_EQUAL(std::string("routing\n"), xml("<routing xmlns='urn:patchbay:routing'/>"));
    CPPUNIT_ASSERT_EQUAL(
        std::string("a.xml:1: error: <routing> is in the unknown namespace 'urn:other'; allowed: none, urn:patchbay:routing, "
                    "urn:patchbay:configuration, urn:patchbay:bundle\n"),
        xml("<routing xmlns='urn:other'/>"));
    CPPUNIT_ASSERT_EQUAL(std::string("a.xml:1: error: <a>: attribute 'b' is in the unknown namespace 'urn:x'\n"),
                         xml("<a xmlns:x='urn:x' x:b='1'/>"));
  }

  void refusesTextContent() {
    CPPUNIT_ASSERT_EQUAL(std::string("a.xml:2: error: text 'hello' inside <a>: values stand in attributes, between elements only blanks "
                                     "are allowed\n"),
                         xml("<a><b/>\nhello<c/></a>"));
  }

  void refusesProcessingInstructions() {
    CPPUNIT_ASSERT_EQUAL(std::string("a.xml:1: error: processing instruction <?php?> is not allowed\n"), xml("<a><?php x?></a>"));
  }

  void refusesDeepNesting() {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += "<a>";
    const std::string found = xml(text);
    CPPUNIT_ASSERT_MESSAGE(found, found.find("elements nested deeper than 64") != std::string::npos);
    std::string keys = "p";
    for (int i = 0; i < 1000; ++i) keys += ".1.do";
    CPPUNIT_ASSERT(properties(keys + " = x").find("has more than") != std::string::npos);
  }

  void readsTheRuleSpelling() {
    const std::string found = properties(
        "# rules\n"
        "request.on = request\n"
        "request.on-error = trouble\n"
        "request.020.rule = too large\n"
        "request.020.if = msg.size gt 16KiB\n"
        "request.020.do.1 = sl_send_reply code=513 reason=\"Too \"\"large\"\"\"\n"
        "request.030.if = to.tag\n"
        "request.030.do.1.if = loose_route()\n"
        "request.030.do.1.do.1 = t_relay\n"
        "request.030.else.1 = drop\n"
        "request.040.first = which\n"
        "request.040.do.1.rule =\n"
        "request.040.do.1.do.1 = stop\n"
        "define.gw = sip:gw\n"
        "trouble.10 = drop\n");
    CPPUNIT_ASSERT_EQUAL(xml("<routing><pipeline name='request' on='request' on-error='trouble'>"
                             "<rule name='too large' if='msg.size gt 16KiB'><sl_send_reply code='513' reason='Too \"large\"'/></rule>"
                             "<rule if='to.tag'><rule if='loose_route()'><t_relay/></rule><else><drop/></else></rule>"
                             "<first name='which'><rule><stop/></rule></first></pipeline>"
                             "<define name='gw' value='sip:gw'/>"
                             "<pipeline name='trouble'><drop/></pipeline></routing>"),
                         found);
  }

  void readsSettings() {
    CPPUNIT_ASSERT_EQUAL(
        xml("<patchbay workers='2'><transport listen='udp:127.0.0.1:5060'/><domain name='a'/><domain name='b'><x/></domain>"
            "</patchbay>"),
        properties("workers = 2\ntransport.listen = udp:127.0.0.1:5060\ndomain.2.name = b\ndomain.2.x.1 =\n"
                   "domain.1.name = a\n"));
  }

  void ordersByNumber() {
    CPPUNIT_ASSERT_EQUAL(xml("<routing><pipeline name='p'><a/><b/><c/></pipeline></routing>"),
                         properties("p.100 = c\np.020 = b\np.3 = a\n"));
  }

  void refusesDuplicateKeys() {
    CPPUNIT_ASSERT_EQUAL(std::string("a.properties:3: error: duplicate key 'p.1'; it stands already in line 1\n"),
                         properties("p.01 = a\np.2 = b\np.1 = c\n"));
  }

  void reportsEveryWrongLine() {
    CPPUNIT_ASSERT_EQUAL(std::string("a.properties:1: error: 'nothing' is no property; write key = value\n"
                                     "a.properties:2: error: key 'a..b' has an empty part; write name.name = value\n"
                                     "a.properties:3: error: unknown escape '\\d'; a backslash is written '\\\\'\n"
                                     "a.properties:4: error: number 5 stands without a name before it\n"),
                         properties("nothing\na..b = 1\nx = \\d\n5.x = 1\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("a.properties:2: error: unknown key 'of' in a rule; allowed: rule = NAME, if, do.NUMBER, else.NUMBER, "
                                     "first = NAME\n"
                                     "a.properties:3: error: unknown key 'p.onn'; allowed: p.on, p.on-error, p.NUMBER\n"
                                     "a.properties:4: error: after 'drop' name=value is expected, not 'now'\n"
                                     "a.properties:5: error: the value of 'x' lacks its closing quotation mark\n"),
                         sorted(properties("p.1.rule = r\np.1.of = x\np.onn = x\np.2 = drop now\np.3 = log x=\"a\n")));
  }

  static std::string sorted(const std::string& lines) {
    std::vector<std::string> all;
    for (size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) all.push_back(lines.substr(at, lines.find('\n', at) + 1 - at));
    std::sort(all.begin(), all.end());
    std::string text;
    for (const std::string& line : all) text += line;
    return text;
  }

  void joinsContinuedLines() {
    CPPUNIT_ASSERT_EQUAL(std::string("patchbay a=\"b c\" d=\"e\"\n"), properties("a = b \\\n   c\r\nd = e"));
    CPPUNIT_ASSERT_EQUAL(std::string("a.properties:4: error: 'wrong' is no property; write key = value\n"),
                         properties("a = b\\\nc\n\nwrong\n"));
  }

  /// Either spelling converts to the other; found by fuzzing.
  void refusesPropertiesThatXmlCannotHold() {
    const auto refused = [](const std::string& text) { return properties(text).find("error: ") != std::string::npos; };
    for (const char* value : {"a\xae"
                              "b",
                              "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "a\x01", "\\u0000", "\\ud800", "\\uffff"})
      CPPUNIT_ASSERT_MESSAGE(value, refused("server.data = " + std::string(value)));
    for (const char* name : {"a b", "a<", "xmlns", "a:b", "\xc3\xa9", "-a"})
      CPPUNIT_ASSERT_MESSAGE(name, refused("server." + std::string(name) + " = x"));
    for (const char* value : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\\n\\t\\r", "\x7f"})
      CPPUNIT_ASSERT_MESSAGE(value, !refused("server.data = " + std::string(value)));
  }

  void readsEscapes() {
    CPPUNIT_ASSERT_EQUAL(std::string("patchbay a=\"\\x0a \xC3\xA9\\\\ \" b.c=\"=\"\n"), properties("a = \\n \\u00e9\\\\\\ \nb\\.c = ="));
  }

  void writesTheRuleSpelling() {
    const Node node = parsed(
        "<routing><define name='gw' value='x y'/><pipeline name='request' on='request'><rule name='too large' if='msg.size gt 16KiB'>"
        "<sl_send_reply code='513' reason='Too large'/></rule><t_relay/></pipeline></routing>");
    CPPUNIT_ASSERT_EQUAL(std::string(".root = routing\n"
                                     "define.gw = x y\n"
                                     "request.on = request\n"
                                     "request.010.rule = too large\n"
                                     "request.010.if = msg.size gt 16KiB\n"
                                     "request.010.do.1 = sl_send_reply code=513 reason=\"Too large\"\n"
                                     "request.020 = t_relay\n"),
                         writeProperties(node));
    assertRoundTrip(node);
  }

  void spellsIrregularRulesPlainly() {
    const Node node =
        parsed("<routing><pipeline name='a'><rule name='' odd='1'><else/><log/></rule></pipeline><pipeline name='a'/></routing>");
    CPPUNIT_ASSERT(writeProperties(node).find(".spelling = plain\n") != std::string::npos);
    assertRoundTrip(node);
  }

  void nestsRulesInSettings() {
    const Node node =
        parsed("<patchbay a='1'><routing><pipeline name='request'><log/></pipeline></routing><x y='1'/><x y='2'/></patchbay>");
    CPPUNIT_ASSERT(writeProperties(node).find("routing.request.010 = log\n") != std::string::npos);
    assertRoundTrip(node);
    assertRoundTrip(parsed("<patchbay><x y='1'/><x y='2'/><routing><pipeline name='request'><log/></pipeline></routing></patchbay>"));
  }

  void roundTripsRandomSettings() {
    for (unsigned seed = 0; seed < 400; ++seed) assertRoundTrip(RandomTree(seed).settings(4));
  }

  void roundTripsRandomRules() {
    int spelledAsRules = 0;
    for (unsigned seed = 0; seed < 400; ++seed) {
      const Node node = RandomTree(seed).routing();
      spelledAsRules += writeProperties(node).find(".spelling = plain") == std::string::npos;
      assertRoundTrip(node);
    }
    CPPUNIT_ASSERT(spelledAsRules > 20);
  }

  void includesFiles() {
    Poco::TemporaryFile folder;
    folder.createDirectories();
    Poco::File(folder.path() + "/part").createDirectory();
    write(folder.path() + "/main.xml", "<patchbay><include file='part/routing.xml'/></patchbay>");
    write(folder.path() + "/part/routing.xml", "<routing><include file='more.properties'/><pipeline name='b'/></routing>");
    write(folder.path() + "/part/more.properties", "a.10 = log\n");
    Problems problems;
    const auto node = read(folder.path() + "/main.xml", problems);
    CPPUNIT_ASSERT_EQUAL(std::string(), problems.toString());
    CPPUNIT_ASSERT_EQUAL(xml("<patchbay><routing><pipeline name='a'><log/></pipeline><pipeline name='b'/></routing></patchbay>"),
                         node->toString());
    CPPUNIT_ASSERT_EQUAL(folder.path() + "/part/more.properties:1", node->children[0].children[0].location.toString());
    folder.keepUntilExit();
    Poco::File(folder.path()).remove(true);
  }

  void refusesIncludeLoops() {
    Poco::TemporaryFile folder;
    folder.createDirectories();
    write(folder.path() + "/a.xml", "<routing>\n<include file='b.xml'/></routing>");
    write(folder.path() + "/b.xml", "<routing><include file='a.xml'/><include file='none.xml'/></routing>");
    Problems problems;
    read(folder.path() + "/a.xml", problems);
    const std::string b = folder.path() + "/b.xml:1: error: ";
    CPPUNIT_ASSERT_EQUAL(b + "'" + folder.path() + "/a.xml' includes itself\n" + b + "cannot read '" + folder.path() +
                             "/none.xml': No such file or directory\n",
                         problems.toString());
    Poco::File(folder.path()).remove(true);
  }

  void refusesIncludesInTexts() {
    CPPUNIT_ASSERT_EQUAL(std::string("a.xml:1: error: <include> is not allowed here\n"), xml("<a><include file='/etc/passwd'/></a>"));
  }

  void suggestsCloseNames() {
    const std::vector<std::string> names{"sl_send_reply", "t_relay", "drop"};
    CPPUNIT_ASSERT_EQUAL(std::string(" (did you mean 't_relay'?)"), suggestion("t-relai", names));
    CPPUNIT_ASSERT_EQUAL(std::string("; allowed: sl_send_reply, t_relay, drop"), suggestion("xyz", names));
    CPPUNIT_ASSERT_EQUAL(std::string(), suggestion("xyz", {}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ReadersTest);
