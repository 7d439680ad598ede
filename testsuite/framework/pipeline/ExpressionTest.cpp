#include <cppunit/extensions/HelperMacros.h>

#include "Bench.h"

using Bench::Desk;

class ExpressionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ExpressionTest);
  CPPUNIT_TEST(comparesTexts);
  CPPUNIT_TEST(comparesNumbersSizesAndDurations);
  CPPUNIT_TEST(takesAbsentAsFalseAndUnequal);
  CPPUNIT_TEST(bindsNotAndOr);
  CPPUNIT_TEST(stopsAsSoonAsDecided);
  CPPUNIT_TEST(searchesWithRegularExpressions);
  CPPUNIT_TEST(findsInLists);
  CPPUNIT_TEST(findsAddressesInNetworks);
  CPPUNIT_TEST(asksMemberships);
  CPPUNIT_TEST(readsKeys);
  CPPUNIT_TEST(takesConstants);
  CPPUNIT_TEST(passesArguments);
  CPPUNIT_TEST(refusesWrongTypes);
  CPPUNIT_TEST(refusesWrongForm);
  CPPUNIT_TEST(refusesUnknownNames);
  CPPUNIT_TEST(refusesWrongArguments);
  CPPUNIT_TEST(refusesEndlessNesting);
  CPPUNIT_TEST(survivesEveryPrefixOfAnExpression);
  CPPUNIT_TEST_SUITE_END();

  Desk desk;

 public:
  void setUp() override {
    auto& letter = desk.letter;
    letter.texts = {{"method", "INVITE"},   {"uri", "sip:me"},   {"uri.host", "home"},
                    {"src.ip", "10.1.2.3"}, {"header:X", "one"}, {"header:X*", "one, two"}};
    letter.numbers = {{"status", 200}, {"msg.size", 2000}, {"age", 1500000000}, {"verified", 1}};
    letter.attributes = {{"attr.gw-1", "yes"}, {"branch.attr.x", "b"}};
  }

 private:
  void yes(const std::string& expression) { CPPUNIT_ASSERT_MESSAGE(expression, desk.holds(expression)); }
  void no(const std::string& expression) { CPPUNIT_ASSERT_MESSAGE(expression, !desk.holds(expression)); }
  void refused(const std::string& text, const std::string& expression) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(expression, text, desk.refusal(expression));
  }

  void comparesTexts() {
    yes("method == 'INVITE'");
    no("method == 'invite'");
    yes("method != 'BYE'");
    no("method == uri");
    yes("method == method");
    yes("method");
    no("method == 'a''b'");
    yes("verified == true");
    no("verified != true");
    yes("true");
    no("false or false");
  }

  void comparesNumbersSizesAndDurations() {
    yes("status == 200");
    yes("status >= 200 and status <= 200 and status < 201 and status > 199");
    yes("status ge 200 and status le 200 and status lt 201 and status gt 199");
    no("status < -5");
    yes("msg.size gt 1KiB");
    no("msg.size gt 16KiB");
    yes("age > 1s and age < 1501ms and age == 1500ms");
  }

  /// Design section 4: an absent value is false as a condition and unequal to everything.
  void takesAbsentAsFalseAndUnequal() {
    no("uri.user");
    yes("!uri.user");
    no("uri.user == ''");
    yes("uri.user != ''");
    no("uri.user == from.host");
    yes("uri.user != uri.user");
    no("uri.user =~ '.*'");
    yes("uri.user !~ '.*'");
    no("count < 5 or count >= 5");
    no("uri.user in domains");
    yes("uri.user not in ('a', 'b')");
  }

  void bindsNotAndOr() {
    yes("false and false or true");
    yes("true or false and false");
    no("(true or false) and false");
    yes("not method == 'BYE'");
    yes("!(method == 'BYE')");
    yes("not not true and !!true");
    no("!verified");
    yes("not (false or false) and verified");
  }

  void stopsAsSoonAsDecided() {
    yes("look() or miss()");
    CPPUNIT_ASSERT_EQUAL(std::string("look log:held completed"), desk.result());
    no("miss() and look()");
    CPPUNIT_ASSERT_EQUAL(std::string("miss completed"), desk.result());
    yes("!(miss() and look()) and (miss() or look())");
    CPPUNIT_ASSERT_EQUAL(std::string("miss miss look log:held completed"), desk.result());
  }

  void searchesWithRegularExpressions() {
    yes("method =~ 'VI'");
    no("method =~ 'vi'");
    yes("method =~ '(?i)vi'");
    yes("method !~ '^VI'");
    yes("method =~ '^INVITE$'");
    desk.letter.texts["method"] = std::string("\xff\xfe\0x", 4);
    yes("method =~ '^..'");
    refused("column 11: 'a(' is no regular expression: missing ): a(", "method =~ 'a('");
    refused("column 1: 'status' (integer) cannot be searched; only texts match regular expressions", "status =~ '2..'");
    refused("column 11: a regular expression in single quotes is expected, not 'uri'", "method =~ uri");
  }

  void findsInLists() {
    yes("method in ('BYE', 'INVITE')");
    no("method not in ('BYE', 'INVITE')");
    yes("status in (100, 200)");
    no("status in (404)");
    refused("column 11: 'method' (text) cannot be compared with '404' (integer)", "method in ('a', 404)");
    refused("column 12: a list holds constants only, not the variable 'uri'", "method in (uri)");
  }

  void findsAddressesInNetworks() {
    yes("src.ip in 10.0.0.0/8");
    yes("src.ip in '10.0.0.0/8'");
    no("src.ip in 10.0.0.0/16");
    yes("src.ip not in (192.168.0.0/16, '172.16.0.0/12')");
    yes("src.ip == 10.1.2.3 and src.ip != '10.1.2.4'");
    yes("src.ip in 10.1.2.3");
    desk.letter.texts["src.ip"] = "2001:db8::7";
    yes("src.ip in 2001:db8::/32 and src.ip not in fe80::/10 and src.ip != ::1");
    no("src.ip in 0.0.0.0/0");
    desk.letter.texts["uri.host"] = "192.168.1.1";
    yes("uri.host in 192.168.0.0/16");
    desk.letter.texts["uri.host"] = "192.168.1.1.example.org";
    no("uri.host in 192.168.0.0/16");
    refused("column 11: '10.0.0.1/8' is no number, size (16KiB), duration (500ms), address or network (10.0.0.0/8)",
            "src.ip in 10.0.0.1/8");
    refused("column 11: '10.0.0.0/8' is a network; write src.ip in 10.0.0.0/8", "src.ip == 10.0.0.0/8");
    refused("column 11: 'home' is neither an address nor a network; 'src.ip' (address) is compared with one", "src.ip in 'home'");
    refused("column 13: networks and other values are mixed in one list", "uri.host in ('a', 10.0.0.0/8)");
  }

  void asksMemberships() {
    yes("uri.host in domains and from.host not in domains");
    yes("uri == myself");
    no("uri != myself");
    refused("column 11: 'domains' is used with 'in' and 'not in'", "method == domains");
    refused("column 8: 'myself' is used with == and !=", "uri in myself");
    refused("column 1: 'myself' stands on the right side only: uri == myself, uri.host in domains", "myself == uri");
    CPPUNIT_ASSERT_EQUAL(std::string("r.xml:1: error: 'method' is no host"), desk.refusal("method in domains"));
  }

  void readsKeys() {
    yes("header['X'] == 'one'");
    yes("header['X',*] == 'one, two'");
    no("header['Y']");
    yes("attr.gw-1 == 'yes' and branch.attr.x == 'b'");
    refused("column 8: a text in single quotes is expected in brackets, not 'X'", "header[X]");
    refused(
        "column 1: unknown variable 'header'; allowed: error.action, error.text, method, uri, uri.user, uri.host, from.host, status, "
        "msg.size, "
        "age, verified, src.ip, ...",
        "header");
  }

  void takesConstants() {
    const std::string rules =
        "<routing><define name='net' value='10.0.0.0/8'/><define name='who' value='INVITE'/>"
        "<pipeline name='r' on='reply'><rule if=\"src.ip in net and method == who\"><log text='held'/></rule></pipeline></routing>";
    CPPUNIT_ASSERT_EQUAL(std::string(), desk.load(rules));
    CPPUNIT_ASSERT_EQUAL(std::string("log:held completed"), desk.run("reply"));
    CPPUNIT_ASSERT_EQUAL(std::string(), desk.load(rules, {{"who", "BYE"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("completed"), desk.run("reply"));
  }

  void passesArguments() {
    yes("look(method)");
    CPPUNIT_ASSERT_EQUAL(std::string("look:INVITE log:held completed"), desk.result());
    yes("look('raw ''x''')");
    CPPUNIT_ASSERT_EQUAL(std::string("look:raw 'x' log:held completed"), desk.result());
    yes("look(text=header['X'])");
    CPPUNIT_ASSERT_EQUAL(std::string("look:one log:held completed"), desk.result());
    yes("typed(404, 2KiB, time=500ms, flag=true)");
    CPPUNIT_ASSERT_EQUAL(std::string("404,2048,500000000,yes,info,given log:held completed"), desk.result());
    desk.letter.numbers["status"] = 17;
    yes("typed(status)");
    CPPUNIT_ASSERT_EQUAL(std::string("none,1024,2000000000,no,info log:held completed"), desk.result());
  }

  void refusesWrongTypes() {
    refused("column 11: 'method' (text) cannot be compared with '5' (integer)", "method == 5");
    refused("column 11: 'status' (integer) cannot be compared with '5' (text)", "status == '5'");
    refused("column 13: 'msg.size' (size) cannot be compared with '16000' (integer) (with a unit: B, KiB, MiB, GiB)", "msg.size gt 16000");
    refused("column 7: 'age' (duration) cannot be compared with '5' (integer) (with a unit: ms, s, min, h, d)", "age > 5");
    refused("column 11: 'method' (text) cannot be compared with 'status' (integer)", "method == status");
    refused("column 1: 'method' (text) has no order; only numbers, sizes and durations are compared with <", "method < 'x'");
  }

  void refusesWrongForm() {
    refused("column 1: an expression is expected", "");
    refused("column 8: '=' is not known; write ==", "method = 'x'");
    refused("column 8: '&&' is not known; write and", "method && uri");
    refused("column 11: '\"' is not known; texts stand in single quotes", "method == \"x\"");
    refused("column 11: the text lacks its closing quotation mark", "method == 'x");
    refused("column 8: 'and', 'or' or the end is expected, not 'uri'", "method uri");
    refused("column 9: ')' is expected, not the end", "(method ");
    refused("column 12: a condition is expected, not the operator 'and'", "method and and uri");
    refused("column 1: a condition is expected, not the operator 'or'", "or method");
    refused("column 5: a condition is expected, not the operator 'in'", "not in uri");
    refused("column 1: '!' before a comparison; write !(...) or 'not'", "!method == 'x'");
    refused("column 8: only variables are compared: what stands before '==' is a condition by itself", "look() == true");
    refused("column 11: the answer of 'look' is a condition by itself; it cannot be compared", "method == look()");
    refused("column 1: left of == a variable is expected, not 'x'", "'x' == method");
    refused("column 1: 'x' alone is no condition; compare it with a variable", "'x'");
    refused("column 11: ${...} stands in attribute values only; write the variable without quotation marks", "method == '${uri}'");
    refused("column 11: '${' is not known; ${...} stands in attribute values only; write the name alone", "method == ${uri}");
    refused("column 10: '16KB' is no number, size (16KiB), duration (500ms), address or network (10.0.0.0/8)", "msg.size>16KB");
    refused("column 8: unexpected '#'", "method #");
  }

  void refusesUnknownNames() {
    refused("column 1: unknown variable 'metod' (did you mean 'method'?)", "metod == 'x'");
    refused("column 13: unknown variable 'domain' (did you mean 'domains'?)", "uri.host in domain");
    refused("column 1: unknown action 'lok' (did you mean 'look'?)", "lok()");
    refused("column 1: action 'save' is given by bundle 'registrar', which is not loaded", "save()");
    refused("column 1: 'look' is an action; write look(...)", "look");
    refused("column 1: action 'log' has no yes or no; it may not stand in an expression, only as a step <log/>", "log()");
  }

  void refusesWrongArguments() {
    refused("column 11: 'look' takes at most 1 arguments", "look('a', 'b')");
    CPPUNIT_ASSERT(desk.refusal("look(txt='a')").find("'look' has no parameter 'txt' (did you mean 'text'?)") != std::string::npos);
    CPPUNIT_ASSERT(desk.refusal("typed(4)").find("code of 'typed': '4' is out of range; allowed: from 400 to 699") != std::string::npos);
    CPPUNIT_ASSERT(desk.refusal("typed(404, 5)").find("size of 'typed': '5' is no size (with a unit: B, KiB, MiB, GiB)") !=
                   std::string::npos);
    CPPUNIT_ASSERT(desk.refusal("typed(404, time=5)").find("time of 'typed': '5' is no duration (with a unit: ms, s, min, h, d)") !=
                   std::string::npos);
    CPPUNIT_ASSERT(desk.refusal("typed(404, time=2min)").find("'2min' is out of range; allowed: from 0s to 60s") != std::string::npos);
    CPPUNIT_ASSERT(desk.refusal("typed(verified)").find("'verified' is boolean, but integer is expected") != std::string::npos);
    CPPUNIT_ASSERT(desk.refusal("typed(404, level='loud')").find("'loud' is not allowed; allowed: info, error") != std::string::npos);
    CPPUNIT_ASSERT(desk.refusal("typed(404, fixed=method)").find("must be constant") != std::string::npos);
    CPPUNIT_ASSERT(desk.refusal("typed(404, net='10.0.0.1/8')").find("is no network") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string("r.xml:1: error: 'typed' lacks its code: integer, the code"), desk.refusal("typed()"));
    refused("column 17: an argument by position stands behind a named one", "typed(code=404, 1KiB)");
  }

  void refusesEndlessNesting() {
    CPPUNIT_ASSERT(desk.refusal(std::string(50000, '(')).find("nested deeper than 100") != std::string::npos);
    CPPUNIT_ASSERT(desk.refusal(std::string(50000, '!')).find("nested deeper than 100") != std::string::npos);
  }

  void survivesEveryPrefixOfAnExpression() {
    const std::string whole = "not (method in ('A', 'B') or src.ip in 10.0.0.0/8) and header['X',*] =~ '(?i)x' and typed(code=404, 1KiB)";
    for (size_t length = 0; length < whole.size(); ++length) CPPUNIT_ASSERT(!desk.refusal(whole.substr(0, length)).empty() || length > 6);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ExpressionTest);
