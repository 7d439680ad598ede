#include <cppunit/extensions/HelperMacros.h>

#include "Bench.h"

using Bench::problemsOf;

/// Point 4 of what the foundation must show: each broken rule file is refused with file, line, what was found and what would be allowed.
class CheckerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CheckerTest);
  CPPUNIT_TEST(refusesUnknownActions);
  CPPUNIT_TEST(refusesWhatStandsBehindASettlingAction);
  CPPUNIT_TEST(refusesWhatStandsBehindAnEnd);
  CPPUNIT_TEST(refusesFirstWithoutLastRule);
  CPPUNIT_TEST(refusesMisplacedElements);
  CPPUNIT_TEST(refusesWrongAttributes);
  CPPUNIT_TEST(refusesWrongArguments);
  CPPUNIT_TEST(refusesUnbalancedXml);
  CPPUNIT_TEST(refusesUnknownPipelines);
  CPPUNIT_TEST(refusesExpressionErrors);
  CPPUNIT_TEST(refusesDuplicateNames);
  CPPUNIT_TEST(refusesCyclesOfCalls);
  CPPUNIT_TEST(refusesActionsAtTheWrongEntry);
  CPPUNIT_TEST(refusesTwoPipelinesOfASingleEntry);
  CPPUNIT_TEST(refusesWrongConstants);
  CPPUNIT_TEST(refusesWrongSets);
  CPPUNIT_TEST(warnsOfPathsThatDoNotSettle);
  CPPUNIT_TEST(doesNotWarnOfPathsThatSettle);
  CPPUNIT_TEST(warnsOfEditsRightOfAnd);
  CPPUNIT_TEST(reportsEverythingInOneRun);
  CPPUNIT_TEST(keepsQuietAboutOlderProblems);
  CPPUNIT_TEST_SUITE_END();

  /// The steps begin in line 3 of a pipeline on="request" that settles at its end.
  static void body(const std::string& expected, const std::string& steps) {
    CPPUNIT_ASSERT_EQUAL(expected,
                         problemsOf("<routing>\n<pipeline name='request' on='request'>\n" + steps + "\n<reply/></pipeline></routing>"));
  }
  static void all(const std::string& expected, const std::string& pipelines) {
    CPPUNIT_ASSERT_EQUAL(expected, problemsOf("<routing>\n" + pipelines + "</routing>"));
  }

  void refusesUnknownActions() {
    body("r.xml:3: error: unknown action 'lokk' (did you mean 'look'?)\n", "<lokk/>");
    body("r.xml:3: error: action 'save' is given by bundle 'registrar', which is not loaded\n", "<save table='location'/>");
    body(
        "r.xml:3: error: unknown action 'zzzzzzzz'; allowed: route, rule, first, return, stop, set, log, quiet, still, look, miss, fail, "
        "...\n",
        "<zzzzzzzz/>");
    body("r.xml:3: error: action 'only' may stand in expressions only: if=\"only(...)\"\n", "<only/>");
  }

  void refusesWhatStandsBehindASettlingAction() {
    body("r.xml:4: error: 'look' can never run: 'reply' in line 3 settles; behind it may stand only log, account\n",
         "<rule if='look()'><reply/><log/>\n<look/></rule>");
    body("r.xml:4: error: rule 'x' can never run: 'reply' in line 3 settles; behind it may stand only log, account\n",
         "<rule if='look()'><reply/>\n<rule name='x'/></rule>");
  }

  void refusesWhatStandsBehindAnEnd() {
    body(
        "r.xml:2: warning: pipeline 'request' can end without settling: in the rule in line 3, <stop/> in line 3\n"
        "r.xml:4: error: 'look' can never run: <stop/> before it always settles or ends\n",
        "<rule if='miss()'><stop/>\n<look/></rule>");
    body("r.xml:4: error: 'reply' can never run: rule 'all' (line 3) before it always settles or ends\n",
         "<rule name='all' if='look()'><reply/><else><relay/></else></rule>");
    body("r.xml:4: error: 'reply' can never run: <first> in line 3 before it always settles or ends\n",
         "<first><rule if='look()'><reply/></rule><rule><relay/></rule></first>");
    all("r.xml:2: error: 'look' can never run: route to 'gw' (line 2) before it always settles or ends\n",
        "<pipeline name='request' on='request'><route name='gw'/><look/></pipeline><pipeline name='gw'><reply/></pipeline>");
  }

  void refusesFirstWithoutLastRule() {
    body("r.xml:4: error: <first> 'f': its last rule must have no 'if', so that no case is forgotten\n",
         "<first name='f'><rule if='look()'/>\n<rule if='miss()'/></first>");
    body("r.xml:3: error: this rule of <first> has no 'if': the rules behind it can never run\n", "<first><rule/>\n<rule/></first>");
    body("r.xml:3: error: <first> in line 3 is empty; its last rule must have no 'if'\n", "<first/>");
    body("r.xml:3: error: <look> inside <first>; only <rule> is allowed there\n", "<first><look/><rule/></first>");
    body("r.xml:3: error: a rule inside <first> has no <else>: the next rule is its else\n",
         "<first><rule if='look()'><else/></rule><rule/></first>");
  }

  void refusesMisplacedElements() {
    body("r.xml:3: error: <else> stands only at the end of a <rule> with 'if'\n", "<rule><else/></rule>");
    body("r.xml:3: error: <else> must be the last in its rule, and the only one\n", "<rule if='look()'><else/><look/></rule>");
    body("r.xml:3: error: <pipeline> stands only directly inside <routing>\n", "<pipeline name='x'/>");
    body("r.xml:3: error: <look> inside action <look>; actions have attributes only\n", "<look><look/></look>");
    body("r.xml:3: error: <look> inside <route>, which has no children\nr.xml:3: error: route: unknown pipeline 'x'; allowed: request\n",
         "<route name='x'><look/></route>");
    all("r.xml:2: error: <rule> inside <routing>; allowed: pipeline, define, include\n", "<rule/>");
    CPPUNIT_ASSERT_EQUAL(std::string("r.xml:1: error: <rules> found, <routing> expected\n"), problemsOf("<rules/>"));
  }

  void refusesWrongAttributes() {
    body("r.xml:3: error: <rule> has no attribute 'iff' (did you mean 'if'?)\n", "<rule iff='look()'/>");
    body(
        "r.xml:2: warning: pipeline 'request' can end without settling: in the rule in line 3, <stop/> in line 3\n"
        "r.xml:3: error: <stop> has no attribute 'now'; it has none\n",
        "<rule if='look()'><stop now='1'/></rule>");
    all("r.xml:2: error: <return>: attribute 'value': 'maybe' is no boolean; allowed: true, false\n",
        "<pipeline name='a'><return value='maybe'/></pipeline>");
    body("r.xml:3: error: <set> lacks its attribute 'value'\n", "<set name='attr.x'/>");
    all("r.xml:2: error: <pipeline> lacks its attribute 'name'\n", "<pipeline/>");
  }

  void refusesWrongArguments() {
    body("r.xml:3: error: attribute 'code': code of 'typed': 'x' is no integer\n", "<typed code='x'/>");
    body("r.xml:3: error: attribute 'code': code of 'typed': '200' is out of range; allowed: from 400 to 699\n", "<typed code='200'/>");
    body("r.xml:3: error: 'typed' lacks its code: integer, the code\n", "<typed/>");
    body("r.xml:3: error: attribute 'time': time of 'typed': '5' is no duration (with a unit: ms, s, min, h, d)\n",
         "<typed code='404' time='5'/>");
    body("r.xml:3: error: attribute 'size': size of 'typed': '5' is no size (with a unit: B, KiB, MiB, GiB)\n",
         "<typed code='404' size='5'/>");
    body("r.xml:3: error: attribute 'flag': flag of 'typed': 'ja' is no boolean; allowed: yes, no, true, false, on, off\n",
         "<typed code='404' flag='ja'/>");
    body("r.xml:3: error: attribute 'level': level of 'typed': 'eror' is not allowed (did you mean 'error'?)\n",
         "<typed code='404' level='eror'/>");
    body("r.xml:3: error: attribute 'fixed': fixed of 'typed': '${method}' must be constant: no variables here\n",
         "<typed code='404' fixed='${method}'/>");
    body("r.xml:3: error: attribute 'code': code of 'typed': 'src.ip' is address, but integer is expected\n", "<typed code='${src.ip}'/>");
    body(
        "r.xml:3: error: attribute 'cod': 'typed' has no parameter 'cod' (did you mean 'code'?)\n"
        "r.xml:3: error: 'typed' lacks its code: integer, the code\n",
        "<typed cod='404'/>");
    body("r.xml:3: error: attribute 'text', column 1: unknown variable 'metod' (did you mean 'method'?)\n", "<look text='${metod}'/>");
    body("r.xml:3: error: attribute 'text': '${' lacks its '}'\n", "<look text='${method'/>");
    body("r.xml:3: error: attribute 'text', column 8: only a variable is allowed here, not an expression\n",
         "<look text='${method == uri}'/>");
  }

  void refusesUnbalancedXml() {
    const std::string found = problemsOf("<routing>\n<pipeline name='a'>\n</routing>");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(found, size_t{0}, found.find("r.xml:3: error: not well-formed XML: "));
    CPPUNIT_ASSERT_MESSAGE(found, found.ends_with("; <pipeline> of line 2 is not closed yet\n"));
  }

  void refusesUnknownPipelines() {
    body("r.xml:3: error: route: unknown pipeline 'requst' (did you mean 'request'?)\n", "<route name='requst'/>");
    body("r.xml:3: error: route: unknown pipeline 'gw'; allowed: request\n", "<rule if=\"look() or route('gw')\"/>");
    all("r.xml:2: error: attribute 'on-error': unknown pipeline 'trouble'; allowed: a\n", "<pipeline name='a' on-error='trouble'/>");
    all("r.xml:2: error: attribute 'on': unknown entry point 'requests' (did you mean 'request'?)\n", "<pipeline name='a' on='requests'/>");
  }

  void refusesExpressionErrors() {
    body("r.xml:3: error: attribute 'if', column 11: a value is expected, not the end\n", "<rule if='method == '/>");
    body(
        "r.xml:3: error: attribute 'if', column 10: 'method' (text) cannot be compared with '7' (integer)\n"
        "r.xml:4: error: attribute 'if', column 1: unknown variable 'nope'; allowed: error.action, error.text, method, uri, uri.user, "
        "uri.host, "
        "from.host, status, msg.size, age, verified, src.ip, ...\n",
        "<rule if='method ==7'/>\n<rule if='nope'/>");
  }

  void refusesDuplicateNames() {
    all("r.xml:3: error: duplicate pipeline name 'a'; it stands already at r.xml:2\n", "<pipeline name='a'/>\n<pipeline name='a'/>");
    body("r.xml:4: error: duplicate rule name 'x'; it stands already in line 3\n", "<rule name='x'/>\n<rule name='x'/>");
    all("", "<pipeline name='a'><rule name='x'/></pipeline><pipeline name='b'><rule name='x'/></pipeline>");
  }

  void refusesCyclesOfCalls() {
    all("r.xml:4: error: cycle of calls: 'b' calls 'c' calls 'b'\n",
        "<pipeline name='a'><route name='b'/></pipeline>\n<pipeline name='b'><rule if=\"route('c')\"/></pipeline>\n"
        "<pipeline name='c'><route name='b'/></pipeline>");
    all("r.xml:2: error: cycle of calls: 'a' calls 'a'\n", "<pipeline name='a'><route name='a'/></pipeline>");
    all("", "<pipeline name='a' on-error='a'/>");
  }

  void refusesActionsAtTheWrongEntry() {
    all("r.xml:2: error: action 'look' is not allowed at entry point 'failure'; allowed at: request, reply\n",
        "<pipeline name='f' on='failure'><look/></pipeline>");
    all("r.xml:3: error: action 'look' is not allowed at entry point 'failure' (pipeline 'deep' gets there through 'gw'); allowed at: "
        "request, reply\n",
        "<pipeline name='f' on='failure'><rule if=\"route('gw')\"/></pipeline><pipeline name='gw'><route name='deep'/></pipeline>\n"
        "<pipeline name='deep'><look/></pipeline>");
    all("r.xml:3: error: action 'look' is not allowed at entry point 'failure' (pipeline 'e' gets there through 'f'); allowed at: request, "
        "reply\n",
        "<pipeline name='f' on='failure' on-error='e'/>\n<pipeline name='e'><look/></pipeline>");
    body("r.xml:3: error: variable 'reply.code' is not allowed at entry point 'request'; allowed at: reply\n",
         "<log text='${reply.code}'/>");
    all("", "<pipeline name='r' on='reply'><rule if='reply.code == 200'/></pipeline>");
  }

  void refusesTwoPipelinesOfASingleEntry() {
    all("r.xml:3: error: only one pipeline may have on=\"reply\"; 'a' at r.xml:2 has it already\n",
        "<pipeline name='a' on='reply'/>\n<pipeline name='b' on='reply'/>");
    all("", "<pipeline name='a' on='failure'/>\n<pipeline name='b' on='failure'/>");
  }

  void refusesWrongConstants() {
    all("r.xml:2: error: <define>: 'method' is the name of a variable\n", "<define name='method' value='x'/>");
    all("r.xml:3: error: constant 'a' is defined twice; it is defined already in line 2\n",
        "<define name='a' value='1'/>\n<define name='a' value='2'/>");
    all("r.xml:2: error: <define>: attribute 'value' may hold only constants that are defined before it\n",
        "<define name='a' value='${method}'/>");
  }

  void refusesWrongSets() {
    body("r.xml:3: error: <set>: variable 'method' cannot be set\n", "<set name='method' value='x'/>");
    body("r.xml:3: error: <set> of 'count': 'x' is no integer\n", "<set name='count' value='x'/>");
    body("r.xml:3: error: <set> of 'count': '${src.ip}' is address, but integer is expected\n", "<set name='count' value='${src.ip}'/>");
    body("r.xml:3: error: <set>: attribute 'name', column 1: unknown variable 'cuont' (did you mean 'count'?)\n",
         "<set name='cuont' value='1'/>");
  }

  void warnsOfPathsThatDoNotSettle() {
    all("r.xml:2: warning: pipeline 'p' can end without settling: the end\n", "<pipeline name='p' on='request'><look/></pipeline>");
    all("r.xml:2: warning: pipeline 'p' can end without settling: not rule 'x' (line 3), in rule 'y' (line 4), not the rule in line 4, "
        "'gw' comes "
        "back, the end\n",
        "<pipeline name='p' on='request'>\n<rule name='x' if='look()'><reply/></rule>\n"
        "<rule name='y' if='look()'><rule if='miss()'><reply/></rule><else><reply/></else></rule><route name='gw'/></pipeline>"
        "<pipeline name='gw'><rule if='look()'><reply/></rule></pipeline>");
    all("r.xml:2: warning: pipeline 'p' can end without settling: not rule 'x' (line 2), in rule 'y' (line 2), <stop/> in line 2\n",
        "<pipeline name='p' on='request'><rule name='x' if='look()'><reply/></rule><rule name='y' "
        "if='look()'><stop/></rule><reply/></pipeline>");
  }

  void doesNotWarnOfPathsThatSettle() {
    all("",
        "<pipeline name='p' on='request'><rule if='look()'><reply/></rule><first><rule "
        "if='look()'><relay/><log/></rule><rule><reply/></rule></first></pipeline>");
    all("", "<pipeline name='p' on='request'><route name='gw'/></pipeline><pipeline name='gw'><reply/></pipeline>");
    all("", "<pipeline name='p' on='reply'><look/></pipeline>");
  }

  void warnsOfEditsRightOfAnd() {
    const std::string warning =
        "r.xml:3: warning: attribute 'if': 'edit' right of 'and' or 'or' runs only sometimes, and it does more than look; give it a rule "
        "of its own\n";
    body(warning, "<rule if='look() and edit()'/>");
    body(warning, "<rule if='method or not (edit() and look())'/>");
    body("", "<rule if='edit() and look() and !miss()'/>");
  }

  void reportsEverythingInOneRun() {
    all("r.xml:3: error: unknown action 'lokk' (did you mean 'look'?)\n"
        "r.xml:4: error: attribute 'if', column 1: unknown variable 'metod' (did you mean 'method'?)\n"
        "r.xml:4: error: 'typed' lacks its code: integer, the code\n"
        "r.xml:5: error: route: unknown pipeline 'gw'; allowed: p\n",
        "<pipeline name='p' on='reply'>\n<lokk/>\n<rule if='metod'><typed/></rule>\n<route name='gw'/></pipeline>");
  }

  void keepsQuietAboutOlderProblems() {
    using namespace Patchbay::Pipeline;
    Problems problems;
    const auto node = readXml("<routing><pipeline name='p'/></routing>", "r.xml", problems);
    problems.error({}, "an older one");
    CPPUNIT_ASSERT(Program::check(*node, Bench::vocabulary(), {}, problems) != nullptr);
    CPPUNIT_ASSERT_EQUAL(std::string("(no file): error: an older one\n"), problems.toString());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CheckerTest);
