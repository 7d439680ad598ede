#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

namespace Patchbay::Core::Testing {

/// The way of a message, replies and what rules can see and change.
class CoreTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CoreTest);
  CPPUNIT_TEST(answersThroughRulesWithTagServerAndNoBody);
  CPPUNIT_TEST(fillsRportAndReceivedOfTheTopVia);
  CPPUNIT_TEST(repliesToTheViaPortWithoutRport);
  CPPUNIT_TEST(repliesToTheSourcePortWhenForced);
  CPPUNIT_TEST(overwritesForgedReceivedAndRport);
  CPPUNIT_TEST(keepsAToTagThatIsThere);
  CPPUNIT_TEST(gives500WhenTheRulesEndWithoutSettling);
  CPPUNIT_TEST(neverAnswersAnAck);
  CPPUNIT_TEST(answersWhatBreaksTheGrammarWith400);
  CPPUNIT_TEST(dropsStrayAndBrokenReplies);
  CPPUNIT_TEST(dropIsSilent);
  CPPUNIT_TEST(writesWarning392OnlyWhenAsked);
  CPPUNIT_TEST(warning392NeverCostsTheReply);
  CPPUNIT_TEST(serverSignatureIsOffNameOrFull);
  CPPUNIT_TEST(requestsAreReused);
  CPPUNIT_TEST(refusesWhatWouldWaitWhenThereIsNoMemory);
  CPPUNIT_TEST(whatIsAnsweredGetsNoTransactionToWaitIn);
  CPPUNIT_TEST(aKeptRequestIsNotReadIntoAfterAnException);
  CPPUNIT_TEST_SUITE_END();

 public:
  void answersThroughRulesWithTagServerAndNoBody() {
    Stage stage("<reply text='fine'/>");
    CPPUNIT_ASSERT_EQUAL(std::string(), stage.problems);
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 fine"), stage.status());
    CPPUNIT_ASSERT(stage.has("To: <sip:bob@127.0.0.1>;tag="));
    CPPUNIT_ASSERT(stage.has("Server: Patchbay\r\n"));
    CPPUNIT_ASSERT(stage.has("Call-ID: c1\r\nCSeq: 1 OPTIONS\r\n"));
    CPPUNIT_ASSERT(stage.has("Content-Length: 0\r\n\r\n"));
    CPPUNIT_ASSERT(!stage.has("X-Test"));
  }

  void fillsRportAndReceivedOfTheTopVia() {  // B19, RFC 3581
    Stage stage("<reply text='ok'/>");
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1", "SIP/2.0/UDP 10.1.1.1:5062;rport;branch=z9hG4bKx"), 6123);
    CPPUNIT_ASSERT(stage.has("Via: SIP/2.0/UDP 10.1.1.1:5062;rport=6123;received=127.0.0.1;branch=z9hG4bKx\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:6123"), stage.transport.sent[0].to.toString());
  }

  void repliesToTheViaPortWithoutRport() {
    Stage stage("<reply text='ok'/>");
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1", "SIP/2.0/UDP 10.1.1.1:5062;branch=z9hG4bKx"), 6123);
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:5062"), stage.transport.sent[0].to.toString());  // never to the address that the Via claims
    CPPUNIT_ASSERT(stage.has(";branch=z9hG4bKx;received=127.0.0.1\r\n"));
  }

  void repliesToTheSourcePortWhenForced() {
    Stage stage("<force_rport/><reply text='ok'/>");
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1", "SIP/2.0/UDP 10.1.1.1:5062;branch=z9hG4bKx"), 6123);
    CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1:6123"), stage.transport.sent[0].to.toString());
  }

  void overwritesForgedReceivedAndRport() {  // G09
    Stage stage("<reply text='ok'/>");
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1", "SIP/2.0/UDP 127.0.0.1:6001;received=10.9.9.9;rport=9;branch=z9hG4bKx"));
    CPPUNIT_ASSERT(stage.has("Via: SIP/2.0/UDP 127.0.0.1:6001;received=127.0.0.1;rport=6001;branch=z9hG4bKx\r\n"));
  }

  void keepsAToTagThatIsThere() {
    Stage stage("<reply text='ok'/>");
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1", "SIP/2.0/UDP 127.0.0.1:6001;branch=z9hG4bKx", "<sip:bob@127.0.0.1>;tag=mine"));
    CPPUNIT_ASSERT(stage.has("To: <sip:bob@127.0.0.1>;tag=mine\r\n"));
  }

  void gives500WhenTheRulesEndWithoutSettling() {
    Stage stage("<setflag flag='x'/>");
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Server Internal Error"), stage.status());
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("core_unsettled_total"));
    CPPUNIT_ASSERT(stage.has("Warning: 399 127.0.0.1:5060 \"Incident "));
  }

  void neverAnswersAnAck() {
    Stage stage("<reply text='ok'/>");
    stage.receive(Stage::request("ACK", "sip:127.0.0.1"));
    Stage unsettled("<setflag flag='x'/>");
    unsettled.receive(Stage::request("ACK", "sip:127.0.0.1"));
    CPPUNIT_ASSERT(stage.transport.sent.empty() && unsettled.transport.sent.empty());
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("core_dropped_total"));
  }

  void answersWhatBreaksTheGrammarWith400() {
    Stage stage("<reply text='ok'/>");
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1", "SIP/2.0/UDP 127.0.0.1:6001;branch=z9hG4bKx", "<sip:bob@127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 400"), stage.status().substr(0, 11));
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("core_malformed_total"));
  }

  void dropsStrayAndBrokenReplies() {  // C12
    Stage stage("<reply text='ok'/>");
    const std::string headers =
        "\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKy\nVia: SIP/2.0/UDP 10.0.0.1:6001;branch=z9hG4bKx\nFrom: <sip:a@b>;tag=a\nTo: "
        "<sip:a@b>;tag=b\nCall-ID: c\nCSeq: 1 INVITE\nContent-Length: 0\n\n";
    stage.receive("SIP/2.0 200 OK" + headers);
    stage.receive("SIP/2.0 999 OK" + headers);
    CPPUNIT_ASSERT(stage.transport.sent.empty());
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("core_stray_replies_total"));
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("core_malformed_total"));
  }

  void dropIsSilent() {
    Stage stage("<drop/>");
    stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1"));
    CPPUNIT_ASSERT(stage.transport.sent.empty());
  }

  void writesWarning392OnlyWhenAsked() {  // REQ 4, 5
    Stage quiet("<reply text='ok'/>"), noisy("<reply text='ok'/>", {{"sip_warning", "yes"}});
    for (auto* stage : {&quiet, &noisy}) stage->receive(Stage::request("OPTIONS", "sip:127.0.0.1"));
    CPPUNIT_ASSERT(!quiet.has("Warning"));
    CPPUNIT_ASSERT(noisy.has("Warning: 392 127.0.0.1:5060 \"Noisy feedback tells: pid="));
    CPPUNIT_ASSERT(noisy.has(" req_src_ip=127.0.0.1 req_src_port=6001 in_uri=sip:127.0.0.1 out_uri=sip:127.0.0.1 via_cnt==1\"\r\n"));
  }

  void warning392NeverCostsTheReply() {  // REQ 5
    const std::string user(3000, 'u');
    Stage longer("<rewriteuser user='" + user + "'/><reply text='ok'/>", {{"sip_warning", "yes"}}), broken("", {{"sip_warning", "yes"}});
    longer.receive(Stage::request("OPTIONS", "sip:bob@127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 ok"), longer.status());
    CPPUNIT_ASSERT(longer.has(" in_uri=sip:bob@127.0.0.1 out_uri=? via_cnt==1\"\r\n"));
    broken.receive(Stage::request("OPTIONS", "sip:bob\x01@127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 400 malformed Request-URI"), broken.status());
    CPPUNIT_ASSERT(broken.has(" in_uri=? out_uri=? "));
  }

  void serverSignatureIsOffNameOrFull() {  // REQ 6
    Stage off("<reply text='ok'/>", {{"server_signature", "off"}}), full("<reply text='ok'/>", {{"server_signature", "full"}});
    for (auto* stage : {&off, &full}) stage->receive(Stage::request("OPTIONS", "sip:127.0.0.1"));
    CPPUNIT_ASSERT(!off.has("Server:"));
    CPPUNIT_ASSERT(full.has("Server: Patchbay ("));
  }

  void requestsAreReused() {
    Stage stage("<set name='attr.seen' value='${attr.seen}x'/><reply text='${attr.seen}'/>");
    CPPUNIT_ASSERT_EQUAL(std::string(), stage.problems);
    for (int i = 0; i < 3; ++i) {
      stage.transport.sent.clear();
      stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1"));
      CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 x"), stage.status());  // nothing of the one before is left
    }
  }

  // R10, H05
  void refusesWhatWouldWaitWhenThereIsNoMemory() {
    Stage stage("<wait/><reply text='fine'/>", {{"pending_memory", "4MiB"}});
    CPPUNIT_ASSERT_EQUAL(std::string(), stage.problems);
    const auto more = [&](const std::string& to) {
      for (int i = 0; i < 2000 && stage.transport.sent.empty(); ++i) stage.receive(Stage::request("MESSAGE", "sip:127.0.0.1", Via, to));
      const std::string status = stage.status();
      const size_t retry = stage.text().find("Retry-After: ");
      CPPUNIT_ASSERT(retry != std::string::npos);
      const int seconds = std::stoi(stage.text().substr(retry + 13));
      CPPUNIT_ASSERT(seconds >= 5 && seconds <= 15);
      stage.transport.sent.clear();
      return status;
    };
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 503 Service Unavailable"), more("<sip:bob@127.0.0.1>"));
    const size_t waiting = stage.tickets.size() - 1;
    CPPUNIT_ASSERT(waiting > 300 && waiting < 500);  // 3.5 MiB
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("core_refused_total"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 503 Service Unavailable"), more("<sip:bob@127.0.0.1>;tag=dialog"));
    CPPUNIT_ASSERT(stage.tickets.size() > waiting + 40);  // the last eighth
    CPPUNIT_ASSERT(stage.host.value("core_requests_octets") < 4.1 * (1 << 20));
    stage.receive(Stage::request("ACK", "sip:127.0.0.1"));
    CPPUNIT_ASSERT(stage.transport.sent.empty());
    for (auto& ticket : stage.tickets) ticket.resume(Pipeline::Verdict::yes);
    stage.transport.sent.clear();
    const size_t before = stage.tickets.size();
    stage.receive(Stage::request("MESSAGE", "sip:127.0.0.1"));  // one that is free is enough
    stage.tickets.at(before).resume(Pipeline::Verdict::yes);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 fine"), stage.status());
  }
  static constexpr const char* Via = "SIP/2.0/UDP 127.0.0.1:6001;rport;branch=z9hG4bK1";

  struct Maker : TransactionMaker {
    bool adopt(Request&) override { return ++adopted > 0; }
    int adopted = 0;
  };

  void whatIsAnsweredGetsNoTransactionToWaitIn() {
    for (const auto& [rules, adopted] : {std::pair{"<reply text='fine'/><wait/>", 0}, std::pair{"<wait/><reply text='fine'/>", 1}}) {
      Maker maker;
      Stage stage(rules);
      CPPUNIT_ASSERT_EQUAL(std::string(), stage.problems);
      stage.core.use(maker);
      stage.receive(Stage::request("OPTIONS", "sip:127.0.0.1"));
      CPPUNIT_ASSERT_EQUAL(adopted, maker.adopted);
      CPPUNIT_ASSERT_EQUAL(size_t{1}, stage.tickets.size());
      stage.tickets[0].resume(Pipeline::Verdict::yes);
      CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 fine"), stage.status());
    }
  }

  void aKeptRequestIsNotReadIntoAfterAnException() {
    struct Keeper : Claimant {
      bool claimRequest(Request& request) override {
        if (kept) return false;
        request.retain();
        kept = RequestHold(request);
        throw Poco::OutOfMemoryException();
      }
      bool claimReply(Request&) override { return false; }
      RequestHold kept;
    } keeper;
    Stage stage("<reply text='fine'/>");
    stage.core.add(keeper, 1);
    CPPUNIT_ASSERT_THROW(stage.receive(Stage::request("OPTIONS", "sip:first@127.0.0.1")), Poco::OutOfMemoryException);
    stage.receive(Stage::request("OPTIONS", "sip:second@127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 fine"), stage.status());
    CPPUNIT_ASSERT_EQUAL(std::string("sip:first@127.0.0.1"), std::string(keeper.kept->message.requestUriText()));
    CPPUNIT_ASSERT(keeper.kept->onlyHeldOnce());
    keeper.kept.reset();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CoreTest);

}  // namespace Patchbay::Core::Testing
