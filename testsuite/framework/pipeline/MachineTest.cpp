#include <cppunit/extensions/HelperMacros.h>

#include "Bench.h"

using Bench::Desk;
using namespace Patchbay::Pipeline;

class MachineTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MachineTest);
  CPPUNIT_TEST(runsStepsInOrder);
  CPPUNIT_TEST(entersRulesThatHold);
  CPPUNIT_TEST(takesElse);
  CPPUNIT_TEST(takesTheFirstThatMatches);
  CPPUNIT_TEST(callsPipelines);
  CPPUNIT_TEST(asksPipelines);
  CPPUNIT_TEST(returnsThroughDeepCalls);
  CPPUNIT_TEST(stopsEverywhere);
  CPPUNIT_TEST(endsWhenSettled);
  CPPUNIT_TEST(runsWhatIsFitForAfter);
  CPPUNIT_TEST(settlesInExpressions);
  CPPUNIT_TEST(goesOnWhenASettlingActionSaysNo);
  CPPUNIT_TEST(failsWithoutErrorPipeline);
  CPPUNIT_TEST(runsTheErrorPipeline);
  CPPUNIT_TEST(takesTheInnermostErrorPipeline);
  CPPUNIT_TEST(failsWhenTheErrorPipelineFails);
  CPPUNIT_TEST(failsWhenTheErrorPipelineDoesNotSettle);
  CPPUNIT_TEST(catchesStrayExceptions);
  CPPUNIT_TEST(ignoresErrorsAfterSettling);
  CPPUNIT_TEST(setsVariables);
  CPPUNIT_TEST(failsWhenAValueDoesNotFit);
  CPPUNIT_TEST(composesTexts);
  CPPUNIT_TEST(composesLongTexts);
  CPPUNIT_TEST(takesConstantsInTexts);
  CPPUNIT_TEST(countsHits);
  CPPUNIT_TEST(timesOneRunOfMany);
  CPPUNIT_TEST(tellsTheLastRule);
  CPPUNIT_TEST(showsSteps);
  CPPUNIT_TEST(runsAgainFromWithinEnded);
  CPPUNIT_TEST(reportsWhatBindRefuses);
  CPPUNIT_TEST(findsPipelinesForActions);
  CPPUNIT_TEST(refusesTooManyAttributes);
  CPPUNIT_TEST_SUITE_END();

  Desk desk;

  void load(const std::string& steps) { CPPUNIT_ASSERT_EQUAL(std::string(), withoutWarnings(desk.loadBody(steps))); }
  void loadAll(const std::string& pipelines) {
    CPPUNIT_ASSERT_EQUAL(std::string(), withoutWarnings(desk.load("<routing>" + pipelines + "</routing>")));
  }
  static std::string withoutWarnings(const std::string& problems) { return problems.find("error:") == std::string::npos ? "" : problems; }
  void gives(const std::string& expected) { CPPUNIT_ASSERT_EQUAL(expected, desk.run()); }

  void runsStepsInOrder() {
    load("<look text='1'/><miss/><look text='2'/>");
    gives("look:1 miss look:2 completed");
  }

  void entersRulesThatHold() {
    load("<rule if='look()'><log text='a'/></rule><rule if='miss()'><log text='b'/></rule><rule><log text='c'/></rule>");
    gives("look log:a miss log:c completed");
  }

  void takesElse() {
    load(
        "<rule if='look()'><log text='a'/><else><log text='b'/></else></rule><rule if='miss()'><log text='c'/><else><log "
        "text='d'/></else></rule>");
    gives("look log:a miss log:d completed");
  }

  void takesTheFirstThatMatches() {
    load(
        "<first><rule if='miss()'><log text='a'/></rule><rule if='look()'><log text='b'/></rule><rule><log text='c'/></rule></first><log "
        "text='d'/>");
    gives("miss look log:b log:d completed");
    load("<first name='f'><rule if='miss()'><log text='a'/></rule><rule><log text='c'/></rule></first><log text='d'/>");
    gives("miss log:c log:d completed");
  }

  void callsPipelines() {
    loadAll(
        "<pipeline name='request' on='request'><route name='gw'/><log text='back'/></pipeline>"
        "<pipeline name='gw'><log text='in'/><rule if='look()'><return/></rule><log text='never'/></pipeline>");
    gives("log:in look log:back completed");
  }

  void asksPipelines() {
    loadAll(
        "<pipeline name='request' on='request'><rule if=\"route('no') or !route('yes')\"><log text='wrong'/></rule>"
        "<rule if=\"route(name='end')\"><log text='right'/></rule></pipeline>"
        "<pipeline name='no'><return value='false'/></pipeline><pipeline name='yes'><return value='true'/></pipeline><pipeline "
        "name='end'/>");
    gives("log:right completed");
  }

  void returnsThroughDeepCalls() {
    std::string pipelines = "<pipeline name='request' on='request'><route name='p1'/></pipeline>";
    for (int i = 1; i < 31; ++i)
      pipelines += "<pipeline name='p" + std::to_string(i) + "'><route name='p" + std::to_string(i + 1) + "'/></pipeline>";
    loadAll(pipelines + "<pipeline name='p31'><log text='deep'/></pipeline>");
    gives("log:deep completed");
    CPPUNIT_ASSERT(
        desk.load("<routing>" + pipelines + "<pipeline name='p31'><route name='p32'/></pipeline><pipeline name='p32'/></routing>")
            .find("leads to more than 31 calls") != std::string::npos);
  }

  void stopsEverywhere() {
    loadAll(
        "<pipeline name='request' on='request'><rule if=\"!route('gw')\"><look/></rule><look/></pipeline>"
        "<pipeline name='gw'><rule if='look()'><stop/></rule></pipeline>");
    gives("look stopped");
  }

  void endsWhenSettled() {
    load("<rule if='look()'><reply/></rule><look/>");
    gives("look reply settled");
    loadAll(
        "<pipeline name='request' on='request'><route name='gw'/><log text='never'/></pipeline><pipeline name='gw'><rule "
        "if='look()'><reply/></rule></pipeline>");
    gives("look reply settled");
  }

  void runsWhatIsFitForAfter() {
    load("<rule if='look()'><reply/><log text='1'/><log text='2'/></rule><look/>");
    gives("look reply log:1 log:2 settled");
    load("<rule if='look()'><relay/><log text='1'/><else><log text='2'/></else></rule><log text='3'/>");
    gives("look relay log:1 settled");
  }

  /// t_relay: its yes in an expression has sent the request on.
  void settlesInExpressions() {
    load("<rule if='!relay()'><reply/></rule><look/>");
    gives("relay settled");
    load("<rule if='!norelay()'><look/><else><reply/></else></rule>");
    gives("norelay look completed");
    load("<rule if='relay()'><log text='after'/><look/></rule>");
    gives("relay log:after settled");
  }

  void goesOnWhenASettlingActionSaysNo() {
    load("<norelay/>");
    gives("norelay completed");
  }

  void failsWithoutErrorPipeline() {
    load("<fail/><look/>");
    gives("fail failed (fail: because of fail)");
    load("<rule if='!fail()'><look/></rule>");
    gives("fail failed (fail: because of fail)");
  }

  void runsTheErrorPipeline() {
    loadAll(
        "<pipeline name='request' on='request' on-error='trouble'><rule if='look() and fail()'><look/></rule><look/></pipeline>"
        "<pipeline name='trouble'><log text='${error.action}: ${error.text}'/><reply/></pipeline>");
    gives("look fail log:fail: because of fail reply settled");
  }

  void takesTheInnermostErrorPipeline() {
    const std::string top =
        "<pipeline name='request' on='request' on-error='outer'><route name='gw'/></pipeline><pipeline name='outer'><reply "
        "text='outer'/></pipeline>";
    loadAll(top + "<pipeline name='gw' on-error='inner'><fail/></pipeline><pipeline name='inner'><reply text='inner'/></pipeline>");
    gives("fail reply:inner settled");
    loadAll(top + "<pipeline name='gw'><route name='deep'/></pipeline><pipeline name='deep'><fail/></pipeline>");
    gives("fail reply:outer settled");
  }

  void failsWhenTheErrorPipelineFails() {
    loadAll(
        "<pipeline name='request' on='request' on-error='trouble'><fail/></pipeline><pipeline name='trouble' "
        "on-error='trouble'><boom/></pipeline>");
    gives("fail failed (fail: because of fail; then boom: I/O error: disk on fire)");
  }

  void failsWhenTheErrorPipelineDoesNotSettle() {
    loadAll("<pipeline name='request' on='request' on-error='trouble'><fail/></pipeline><pipeline name='trouble'><log/></pipeline>");
    gives("fail log failed (fail: because of fail)");
    loadAll("<pipeline name='request' on='request' on-error='trouble'><fail/></pipeline><pipeline name='trouble'><stop/></pipeline>");
    gives("fail failed (fail: because of fail)");
  }

  void catchesStrayExceptions() {
    load("<boom/>");
    gives("failed (boom: I/O error: disk on fire)");
    load("<oops/>");
    gives("failed (oops: unknown exception)");
    load("<rule if=\"bad == 'x'\"><look/></rule>");
    gives("failed (if: Data error: unreadable)");
    loadAll("<pipeline name='request' on='request' on-error='trouble'><boom/></pipeline><pipeline name='trouble'><reply/></pipeline>");
    gives("reply settled");
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, desk.metrics.counter("pipeline_exceptions_total", "").value());
  }

  void ignoresErrorsAfterSettling() {
    loadAll(
        "<pipeline name='request' on='request' on-error='trouble'><reply/><log text='${bad}'/></pipeline><pipeline "
        "name='trouble'><reply/></pipeline>");
    gives("reply settled");
  }

  void setsVariables() {
    load(
        "<set name='attr.x' value='a ${method}'/><set name='attr.y' value='${attr.x}!'/><set name='count' value='7'/><log text='${attr.y} "
        "${count}'/>"
        "<set name='count' value='${status}'/><set name='count' value='${method}1'/><log text='${count}'/>");
    desk.letter.numbers["status"] = 9;
    desk.letter.texts["method"] = "";
    gives("log:a ! 7 log:1 completed");
  }

  void failsWhenAValueDoesNotFit() {
    load("<set name='count' value='${method}'/>");
    desk.letter.texts["method"] = "many";
    gives("failed (set: the value does not fit count)");
    load("<set name='count' value='1001'/>");
    gives("failed (set: the value does not fit count)");
  }

  void composesTexts() {
    desk.letter.texts = {{"method", "ACK"}, {"src.ip", "2001:db8::1"}};
    desk.letter.numbers = {{"status", -7}, {"msg.size", 2000}, {"age", 90000000000}, {"verified", 1}};
    load("<log text='${method}|${uri}|${status}|${msg.size}|${age}|${verified}|${src.ip}|$${method}|$'/>");
    gives("log:ACK||-7|2000B|90s|true|2001:db8::1|${method}|$ completed");
  }

  void composesLongTexts() {
    desk.letter.texts["method"] = std::string(5000, 'x');
    load("<log text='${method}${method}'/><log text='a${method}'/>");
    CPPUNIT_ASSERT_EQUAL("log:" + std::string(10000, 'x') + " log:a" + std::string(5000, 'x') + " completed", desk.run());
  }

  void takesConstantsInTexts() {
    const std::string rules =
        "<routing><define name='host' value='gw.example'/><define name='gw' value='sip:${host}'/>"
        "<pipeline name='r' on='reply'><log text='to ${gw} ${extra}'/></pipeline></routing>";
    CPPUNIT_ASSERT_EQUAL(std::string(), desk.load(rules, {{"extra", "!"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("log:to sip:gw.example ! completed"), desk.run("reply"));
    CPPUNIT_ASSERT_EQUAL(std::string(), desk.load(rules, {{"extra", "!"}, {"host", "other"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("log:to sip:other ! completed"), desk.run("reply"));
  }

  uint64_t hits(const std::string& rule) {
    const auto& rules = desk.program->rules();
    for (uint32_t i = 0; i < rules.size(); ++i) {
      if (rules[i].name == rule) return desk.program->hits(i);
    }
    return 999;
  }

  void countsHits() {
    load("<rule name='a' if=\"method == 'A'\"><look/><rule name='b'><look/></rule></rule><rule name='c' if='look()'><look/></rule>");
    desk.run();
    desk.letter.texts["method"] = "A";
    desk.run();
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, hits("a"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, hits("b"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, hits("c"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, hits(""));
    CPPUNIT_ASSERT_EQUAL(std::string("request"), desk.program->rules()[1].pipeline);
    CPPUNIT_ASSERT_EQUAL(3, desk.program->rules()[1].location.line);
  }

  RuleTime time(const std::string& rule) {
    const auto& rules = desk.program->rules();
    for (uint32_t i = 0; i < rules.size(); ++i)
      if (rules[i].name == rule) return desk.program->time(i);
    return {999, {}};
  }

  void timesOneRunOfMany() {
    load("<rule name='a' if=\"method == 'A'\"><look/><rule name='b'><look/></rule></rule><rule name='c' if='look()'><look/></rule>");
    desk.run();
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, time("").runs);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, time("a").runs);  // its condition
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, time("b").runs);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, time("c").runs);  // its condition and its action: one run
    CPPUNIT_ASSERT(time("c").spent.count() > 0);
    CPPUNIT_ASSERT(time("").spent == time("a").spent + time("c").spent);
    desk.letter.texts["method"] = "A";
    for (int i = 1; i < 127; ++i) desk.run();
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, time("b").runs);
    desk.run();
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, time("").runs);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, time("b").runs);
    const auto before = std::move(desk.program);
    load("<rule name='c' if='look()'><look/></rule>");
    desk.program->carryHits(*before);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, time("c").runs);
    CPPUNIT_ASSERT_EQUAL(uint64_t{128}, hits("c"));
  }

  void tellsTheLastRule() {
    load("<rule name='a' if='look()'><look/></rule><rule name='b' if=\"method == 'A'\"><look/></rule>");
    desk.run();
    CPPUNIT_ASSERT_EQUAL(std::string("a"), desk.machine.program().rules()[desk.machine.rule()].name);
  }

  void showsSteps() {
    desk.observed = true;
    loadAll(
        "<pipeline name='request' on='request'><rule if=\"!method and route('gw')\"><set name='attr.x' "
        "value='1'/><reply/><log/></rule></pipeline>"
        "<pipeline name='gw'><miss/></pipeline>");
    desk.run();
    CPPUNIT_ASSERT_EQUAL(std::string("if=no call=yes miss=no return=yes set=yes reply=settled log=yes"), desk.trail);
  }

  void runsAgainFromWithinEnded() {
    load("<look/>");
    int left = 3;
    desk.whenEnded = [&] {
      if (--left > 0) desk.machine.start(desk.engine, *desk.program, 0, desk.letter, desk);
    };
    gives("look look look completed");
    CPPUNIT_ASSERT(!desk.machine.running());
  }

  void reportsWhatBindRefuses() {
    CPPUNIT_ASSERT_EQUAL(
        std::string("r.xml:4: error: 'refuses': not with this text\nr.xml:5: error: 'refuses': not with this text\n"),
        desk.load("<routing>\n<pipeline name='r' on='request'>\n<look/>\n<refuses/>\n<refuses/><reply/></pipeline></routing>"));
  }

  void findsPipelinesForActions() {
    const std::string armed = "<pipeline name='request' on='request'><on_failure/></pipeline>";
    loadAll(armed + "<pipeline name='gw' on='failure'/>");
    gives("armed:1 completed");
    CPPUNIT_ASSERT(desk.load("<routing>" + armed + "</routing>").find("unknown pipeline 'gw' with on=\"failure\"") != std::string::npos);
    CPPUNIT_ASSERT(desk.load("<routing>" + armed + "<pipeline name='gw' on='reply'/></routing>")
                       .find("pipeline 'gw' has on=\"reply\", but on=\"failure\" is needed here") != std::string::npos);
  }

  void refusesTooManyAttributes() {
    std::string steps;
    for (int i = 0; i < 256; ++i) steps += "<set name='attr.a" + std::to_string(i) + "' value=''/>";
    load(steps);
    CPPUNIT_ASSERT_EQUAL(size_t{256}, desk.program->attributes().size());
    CPPUNIT_ASSERT(desk.loadBody(steps + "<set name='attr.more' value=''/>").find("more than 256 different attributes") !=
                   std::string::npos);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MachineTest);
