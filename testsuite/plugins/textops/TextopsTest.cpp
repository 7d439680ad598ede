#include <cppunit/extensions/HelperMacros.h>

#include "RuleDesk.h"
#include "TextopsPlugin.h"

using namespace Patchbay;

class TextopsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TextopsTest);
  CPPUNIT_TEST(searchesTheWholeMessage);
  CPPUNIT_TEST(searchesLineByLine);
  CPPUNIT_TEST(searchesOctets);
  CPPUNIT_TEST(refusesBadExpressionsAtLoad);
  CPPUNIT_TEST(appendsAHeader);
  CPPUNIT_TEST(appendsWhatAVariableGives);
  CPPUNIT_TEST(refusesToBreakOutOfALine);
  CPPUNIT_TEST(refusesBadHeadersAtLoad);
  CPPUNIT_TEST(appendsTheOriginalUri);
  CPPUNIT_TEST(removesEveryHeaderOfAName);
  CPPUNIT_TEST(refusesToRemoveWhatAMessageNeeds);
  CPPUNIT_TEST(replacesTheFirstMatch);
  CPPUNIT_TEST(replacesEveryMatch);
  CPPUNIT_TEST(replacesInTheBody);
  CPPUNIT_TEST(leavesStartLineAndFixedHeadersAlone);
  CPPUNIT_TEST(leavesLineEndsAlone);
  CPPUNIT_TEST(substitutesGroups);
  CPPUNIT_TEST(substitutesWithFlags);
  CPPUNIT_TEST(refusesBadSubstitutionsAtLoad);
  CPPUNIT_TEST(changesNothingInADryRun);
  CPPUNIT_TEST(isNotSlowedByHostileText);
  CPPUNIT_TEST(endsWithEmptyMatches);
  CPPUNIT_TEST_SUITE_END();

  Textops::TextopsPlugin plugin;
  std::optional<Testsuite::RuleDesk> desk;

  static std::string message(const std::string& headers = "Subject: hello world\r\n", const std::string& body = "v=0\r\no=alice\r\n") {
    return "INVITE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: "
           "<sip:alice@h>;tag=1\r\nTo: <sip:bob@example.org>\r\n"
           "Call-ID: c1\r\nCSeq: 1 INVITE\r\n" +
           headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  void load(const std::string& rules) { CPPUNIT_ASSERT_EQUAL(std::string(), desk->load(rules)); }
  bool holds(const std::string& expression, const std::string& octets = message()) {
    load("<rule if=\"" + expression + "\"><mark text='yes'/></rule>");
    const auto marks = desk->run(octets);
    CPPUNIT_ASSERT_MESSAGE(marks, marks == "yes" || marks.empty());
    return marks == "yes";
  }
  std::string refused(const std::string& rules) {
    const auto problems = desk->load(rules);
    CPPUNIT_ASSERT_MESSAGE(rules, !problems.empty());
    return problems;
  }
  bool writes(const std::string& part) const { return desk->written().find(part) != std::string::npos; }

 public:
  void setUp() override { desk.emplace(plugin); }
  void tearDown() override { desk.reset(); }

  void searchesTheWholeMessage() {
    CPPUNIT_ASSERT(holds("search('INVITE sip:bob')"));
    CPPUNIT_ASSERT(holds("search('o=alice')"));
    CPPUNIT_ASSERT(!holds("search('carol')"));
    CPPUNIT_ASSERT(!holds("search('SUBJECT')"));
    CPPUNIT_ASSERT(holds("search('(?i)SUBJECT')"));
  }
  // Requirement 72
  void searchesLineByLine() {
    CPPUNIT_ASSERT(holds("search('^(f|From):.*alice@h')"));
    CPPUNIT_ASSERT(!holds("search('^Subject:.*v=0')"));
    CPPUNIT_ASSERT(!holds("search('^hello')"));
    CPPUNIT_ASSERT(holds("search('world\\r?$')"));
  }
  void searchesOctets() {
    CPPUNIT_ASSERT(holds("search('a.b')", message("", std::string("a\xff"
                                                                  "b",
                                                                  3))));
  }
  // G25
  void refusesBadExpressionsAtLoad() {
    CPPUNIT_ASSERT(refused("<rule if=\"search('a(b')\"><mark/></rule>").find("'a(b' is no regular expression: missing ): ") !=
                   std::string::npos);
    refused("<replace regex='[' text=''/>");
    refused("<rule if=\"search('a{1001}')\"><mark/></rule>");
  }
  // Requirement 27
  void appendsAHeader() {
    for (const char* form : {"<append_hf value='P-hint: USRLOC'/>", "<append_hf value='P-hint: USRLOC\\r\\n'/>",
                             "<append_hf name='P-hint' value='USRLOC'/>"}) {
      load(form);
      CPPUNIT_ASSERT_EQUAL(std::string(), desk->run(message()));
      CPPUNIT_ASSERT_MESSAGE(desk->written(), writes("\r\nP-hint: USRLOC\r\n\r\nv=0"));
    }
    load("<append_hf value='A: 1'/><append_hf value='B: 2'/>");
    desk->run(message());
    CPPUNIT_ASSERT(writes("\r\nA: 1\r\nB: 2\r\n\r\n"));
  }
  void appendsWhatAVariableGives() {
    load("<append_hf value='X-Why: ${error.text}.'/>");
    desk->run(message());
    CPPUNIT_ASSERT(writes("\r\nX-Why: .\r\n"));
  }
  // G12
  void refusesToBreakOutOfALine() {
    load("<append_hf value='X: a&#13;&#10;Route: b'/>");
    CPPUNIT_ASSERT(desk->run(message()).starts_with(" error: the value holds control characters"));
    CPPUNIT_ASSERT(!writes("Route"));
    load("<replace regex='hello' text='x&#13;&#10;Route: b'/>");
    CPPUNIT_ASSERT_EQUAL(std::string(), desk->run(message()));
    CPPUNIT_ASSERT(!writes("Route"));
  }
  void refusesBadHeadersAtLoad() {
    for (const char* bad : {"<append_hf value='P-hint'/>", "<append_hf value='P hint: x'/>", "<append_hf name='a b' value='x'/>",
                            "<append_hf value=': x'/>", "<append_urihf prefix='x'/>", "<remove_hf name='a b'/>", "<remove_hf name=''/>"})
      refused(bad);
    load("<append_hf value='v: SIP/2.0/UDP x'/>");
    CPPUNIT_ASSERT(!desk->run(message()).empty());
  }
  void appendsTheOriginalUri() {
    load("<append_urihf prefix='CC-Diversion: &lt;' suffix='&gt;'/>");
    desk->run(message());
    CPPUNIT_ASSERT(writes("\r\nCC-Diversion: <sip:bob@example.org>\r\n\r\n"));
  }
  // G10
  void removesEveryHeaderOfAName() {
    const auto octets = message("Remote-Party-ID: a\r\nX: 1\r\nrEMOTE-party-id  : b\r\n c\r\ns: x\r\nSUBJECT: y\r\n");
    CPPUNIT_ASSERT(holds("remove_hf('remote-party-id')", octets));
    CPPUNIT_ASSERT(!writes("arty-"));
    CPPUNIT_ASSERT(writes("CSeq: 1 INVITE\r\nX: 1\r\ns: x\r\n"));
    CPPUNIT_ASSERT(holds("remove_hf('Supported')", message("k: path\r\nSUPPORTED: x\r\n")));
    CPPUNIT_ASSERT(!writes("k: path") && !writes("SUPPORTED"));
    CPPUNIT_ASSERT(!holds("remove_hf('Nothing')", octets));
  }
  void refusesToRemoveWhatAMessageNeeds() {
    for (const char* name : {"Via", "v", "From", "t", "Call-ID", "CSeq", "Content-Length", "max-forwards"})
      refused("<remove_hf name='" + std::string(name) + "'/>");
  }
  void replacesTheFirstMatch() {
    CPPUNIT_ASSERT(holds("replace('l+o', '\\1')", message("Subject: hello\r\nX: hello\r\n")));
    CPPUNIT_ASSERT(writes("\r\nSubject: he\\1\r\nX: hello\r\n"));
    CPPUNIT_ASSERT(!holds("replace('nothing', 'x')"));
  }
  void replacesEveryMatch() {
    CPPUNIT_ASSERT(holds("replace_all('hello', 'bye')", message("Subject: hello hello\r\nX: hello\r\n", "hello")));
    CPPUNIT_ASSERT(writes("\r\nSubject: bye bye\r\nX: bye\r\nContent-Length: 3\r\n\r\nbye"));
  }
  // D19
  void replacesInTheBody() {
    CPPUNIT_ASSERT(holds("replace('o=alice', 'o=a')"));
    CPPUNIT_ASSERT(writes("Content-Length: 10\r\n\r\nv=0\r\no=a\r\n"));
    CPPUNIT_ASSERT(holds("replace('v=0\\r\\no', 'x')"));
    CPPUNIT_ASSERT(writes("\r\n\r\nx=alice\r\n"));
  }
  void leavesStartLineAndFixedHeadersAlone() {
    CPPUNIT_ASSERT(!holds("replace_all('bob@example|branch|tag|c1|INVITE|70', 'x')"));
    CPPUNIT_ASSERT(desk->request.edits.empty());
    CPPUNIT_ASSERT(holds("replace('bob', 'eve')", message("Subject: bob\r\n")));
    CPPUNIT_ASSERT(writes("\r\nSubject: eve\r\n"));
  }
  // B09
  void leavesLineEndsAlone() {
    CPPUNIT_ASSERT(holds("replace('^Subject:.*', 'Subject: x')"));
    CPPUNIT_ASSERT(writes("\r\nSubject: x\r\nContent-Length"));
    CPPUNIT_ASSERT(!holds("replace('world\\r\\nContent', 'x')"));
    CPPUNIT_ASSERT(!holds("replace('\\r\\n\\r\\nv', 'x')"));
    CPPUNIT_ASSERT(desk->request.edits.empty());
  }
  void substitutesGroups() {
    CPPUNIT_ASSERT(holds("subst('/^Subject: (\\w+) (\\w+)/Subject: \\2-\\1 (\\0)/')"));
    CPPUNIT_ASSERT_MESSAGE(desk->written(), writes("\r\nSubject: world-hello (Subject: hello world)\r\n"));
  }
  void substitutesWithFlags() {
    CPPUNIT_ASSERT(holds("subst('#/HELLO/#\\#\\/#ig')", message("Subject: /hello/ /Hello/\r\n")));
    CPPUNIT_ASSERT_MESSAGE(desk->written(), writes("\r\nSubject: #/ #/\r\n"));
    CPPUNIT_ASSERT(!holds("subst('/HELLO/x/')"));
  }
  void refusesBadSubstitutionsAtLoad() {
    for (const char* bad : {"", "/", "/a", "/a/b", "/a/b/x", "/(/b/", "/a/\\1/", "\\a\\b\\"})
      refused("<subst expression='" + std::string(bad) + "'/>");
    CPPUNIT_ASSERT(refused("<subst expression='/(a)/\\2/'/>").find("\\2, but the expression has 1 groups") != std::string::npos);
  }
  void changesNothingInADryRun() {
    desk->request.machine.setDry(true);
    CPPUNIT_ASSERT(holds("replace('hello', 'x') and remove_hf('Subject')"));
    load("<append_hf value='A: 1'/><append_urihf prefix='B: '/>");
    desk->run(message());
    CPPUNIT_ASSERT(desk->request.edits.empty());
  }
  // G25: a backtracking engine would take years
  void isNotSlowedByHostileText() { CPPUNIT_ASSERT(!holds("search('(a+)+b')", message("X: " + std::string(8000, 'a') + "\r\n"))); }
  void endsWithEmptyMatches() {
    CPPUNIT_ASSERT(!holds("replace_all('x*', 'y')", message("Subject: abc\r\n", "")));
    CPPUNIT_ASSERT(holds("replace_all('x*', 'y')", message("Subject: xx\r\n", "")));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TextopsTest);
