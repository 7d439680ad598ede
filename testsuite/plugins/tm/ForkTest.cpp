#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Testing::Sent;
using Testing::Stage;

class ForkTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ForkTest);
  CPPUNIT_TEST(firstAnswerCancelsTheRest);
  CPPUNIT_TEST(declineCancelsButWaits);
  CPPUNIT_TEST(answerBeatsADecline);
  CPPUNIT_TEST(second2xxGoesThrough);
  CPPUNIT_TEST(lowestClassWins);
  CPPUNIT_TEST(lone503Becomes500);
  CPPUNIT_TEST(other503StaysOut);
  CPPUNIT_TEST(challengesAreGathered);
  CPPUNIT_TEST(firstOfAClassWins);
  CPPUNIT_TEST(nobodyAnswersIs408);
  CPPUNIT_TEST(realFailureBeatsATimeout);
  CPPUNIT_TEST(identicalTargetsAreOneLeg);
  CPPUNIT_TEST(ringingOfAllLegsGoesThrough);
  CPPUNIT_TEST(unsendableLegDoesNotHurtOthers);
  CPPUNIT_TEST(otherMethodsForkToo);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { _stage.enter(); }
  // D01
  void firstAnswerCancelsTheRest() {
    fork(3);
    for (size_t leg : {0u, 1u, 2u}) answer(leg, 180);
    answer(1, 200);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("CANCEL"));
    answer(0, 487);
    answer(2, 487);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("ACK"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 200"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 487"));
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // D02
  void declineCancelsButWaits() {
    fork(3);
    answer(2, 180);
    answer(0, 486);
    answer(1, 603);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("CANCEL"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 603"));
    answer(2, 487);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 603"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 603 Theirs"), _stage.last("SIP/2.0").line());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.last("SIP/2.0 603").headers("Via").size());
  }
  // D02
  void answerBeatsADecline() {
    fork(2);
    answer(1, 180);
    answer(0, 603);
    answer(1, 200);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 200"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 603"));
  }
  // C11
  void second2xxGoesThrough() {
    fork(2);
    answer(0, 200, "one");
    answer(1, 200, "two");
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 200"));
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:bob@b.test>;tag=two"), _stage.last("SIP/2.0 200").header("To"));
  }
  // D03
  void lowestClassWins() {
    fork(3);
    answer(1, 503);
    answer(0, 486);
    answer(2, 500);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 486 Theirs"), _stage.last("SIP/2.0").line());
    Stage redirected;
    _used = &redirected;
    fork(2);
    answer(0, 404);
    answer(1, 302);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 302 Theirs"), redirected.last("SIP/2.0").line());
  }
  // D03
  void lone503Becomes500() {
    _stage.call();
    _stage.answer(0, 503, "callee", "Retry-After: 30\r\n");
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Server Internal Error"), _stage.last("SIP/2.0").line());
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:bob@b.test>;tag=callee"), _stage.last("SIP/2.0").header("To"));
    Stage forked;
    _used = &forked;
    fork(2);
    answer(0, 503);
    answer(1, 503);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Server Internal Error"), forked.last("SIP/2.0").line());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, forked.count("SIP/2.0 5"));
  }
  void other503StaysOut() {
    fork(2);
    answer(0, 503);
    answer(1, 501);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 501 Theirs"), _stage.last("SIP/2.0").line());
  }
  // D04
  void challengesAreGathered() {
    fork(4);
    answer(0, 404);
    answer(1, 401, "a", "WWW-Authenticate: Digest realm=\"one\"\r\n");
    answer(2, 407, "b", "Proxy-Authenticate: Digest realm=\"two\"\r\nWWW-Authenticate: Digest realm=\"three\"\r\n");
    answer(3, 407, "c", "Proxy-Authenticate: Digest realm=\"four\"\r\n");
    const Sent& reply = _stage.last("SIP/2.0");
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 401 Theirs"), reply.line());
    CPPUNIT_ASSERT((std::vector<std::string>{"Digest realm=\"one\"", "Digest realm=\"three\""}) == reply.headers("WWW-Authenticate"));
    CPPUNIT_ASSERT((std::vector<std::string>{"Digest realm=\"two\"", "Digest realm=\"four\""}) == reply.headers("Proxy-Authenticate"));
    CPPUNIT_ASSERT(reply.text.ends_with("\r\n\r\n"));
  }
  // D05
  void firstOfAClassWins() {
    fork(3);
    answer(2, 480);
    answer(0, 404);
    answer(1, 486);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 480 Theirs"), _stage.last("SIP/2.0").line());
  }
  // D05
  void nobodyAnswersIs408() {
    fork(3);
    _stage.advance(33s);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 408 Ours"), _stage.last("SIP/2.0").line());
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
    _stage.advance(10s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // D03
  void realFailureBeatsATimeout() {
    fork(2);
    answer(1, 486);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 486"));
    _stage.advance(33s);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 486 Theirs"), _stage.last("SIP/2.0").line());
  }
  // D07
  void identicalTargetsAreOneLeg() {
    _stage.receive(Stage::request("INVITE"));
    _stage.relay({"sip:bob@10.0.0.2", "sip:bob@10.0.0.3", "sip:bob@10.0.0.2"});
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("INVITE"));
  }
  // C31
  void ringingOfAllLegsGoesThrough() {
    fork(2);
    answer(0, 180, "one");
    answer(1, 183, "two");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 180"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 183"));
  }
  void unsendableLegDoesNotHurtOthers() {
    _stage.receive(Stage::request("INVITE"));
    _stage.relay({"sip:bob@nowhere.test", "sip:bob@10.0.0.3", "tel:123"});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
    _stage.receiveReply(Stage::replyTo(_stage.last("INVITE"), 180));
    _stage.receiveReply(Stage::replyTo(_stage.last("INVITE"), 500));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 478 Ours"), _stage.last("SIP/2.0").line());
  }
  void otherMethodsForkToo() {
    _stage.receive(Stage::request("MESSAGE"));
    _stage.relay({"sip:bob@10.0.0.2", "sip:bob@10.0.0.3"});
    answer(0, 200, "one", "", "MESSAGE");
    answer(1, 200, "two", "", "MESSAGE");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 200"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("CANCEL"));
  }

 private:
  /// Legs at 10.0.0.2, 10.0.0.3, ...
  void fork(size_t legs) {
    std::vector<std::string> uris;
    for (size_t i = 0; i < legs; ++i) uris.push_back("sip:bob@10.0.0." + std::to_string(i + 2));
    _used->receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(_used->relay(uris) == Pipeline::Verdict::settled);
    CPPUNIT_ASSERT_EQUAL(legs, _used->count("INVITE"));
  }
  void answer(size_t leg, int code, std::string_view tag = "callee", std::string_view extra = {}, std::string_view method = "INVITE") {
    const std::string begin = std::string(method) + " sip:bob@10.0.0." + std::to_string(leg + 2);
    _used->receiveReply(Stage::replyTo(_used->last(begin), code, tag, extra));
  }
  Stage _stage;
  Stage* _used = &_stage;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ForkTest);
