#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using namespace std::chrono_literals;
using Pipeline::Verdict;
using Resolver::Outcome;
using Testing::FakeResolver;
using Testing::Stage;

class RelayTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RelayTest);
  CPPUNIT_TEST(trying100LeavesBeforeTheRequest);
  CPPUNIT_TEST(putsOurViaOnTop);
  CPPUNIT_TEST(appliesEditsOfRequestAndLeg);
  CPPUNIT_TEST(sendsToTheNextHop);
  CPPUNIT_TEST(sendsOnAKnownFlow);
  CPPUNIT_TEST(sendsToTheFirstRoute);
  CPPUNIT_TEST(rewritesForAStrictRouter);
  CPPUNIT_TEST(cutsOneOfSeveralRoutes);
  CPPUNIT_TEST(cutsTheLineWithItsLastRoute);
  CPPUNIT_TEST(pathBecomesRoute);
  CPPUNIT_TEST(followsMaddr);
  CPPUNIT_TEST(goesWhereTheRequestUriSays);
  CPPUNIT_TEST(refusesALoop);
  CPPUNIT_TEST(ownRequestComesBackAsAnother);
  CPPUNIT_TEST(letsASpiralPass);
  CPPUNIT_TEST(unknownExtensionOfAProxyIs420);
  CPPUNIT_TEST(whatTheCalleeMustSupportIsNotOurs);
  CPPUNIT_TEST(ourselvesAsTargetIsALoop);
  CPPUNIT_TEST(unknownNameIs478);
  CPPUNIT_TEST(brokenNameServerIs500);
  CPPUNIT_TEST(noSipUriIs416);
  CPPUNIT_TEST(conditionIsFalseWhenNothingIsSent);
  CPPUNIT_TEST(waitsForTheNameServer);
  CPPUNIT_TEST(answersWhenTheNameServerSaysNo);
  CPPUNIT_TEST(answersWhenTheNameIsOurs);
  CPPUNIT_TEST(cancelWhileNamesAreLookedUp);
  CPPUNIT_TEST(twiceIsAnError);
  CPPUNIT_TEST(usesTheTransactionThatIsThere);
  CPPUNIT_TEST(adoptedRequestGets100And);
  CPPUNIT_TEST(adoptedCopiesAreAbsorbed);
  CPPUNIT_TEST(abandonedRequestIsForgotten);
  CPPUNIT_TEST(answersInTheTransaction);
  CPPUNIT_TEST(refusesOverTheCap);
  CPPUNIT_TEST(ackHasNoTransaction);
  CPPUNIT_TEST(ackCopiesHaveOneBranch);
  CPPUNIT_TEST(ackToNowhereIsSilent);
  CPPUNIT_TEST(ackWaitsForTheNameServer);
  CPPUNIT_TEST(sendsACopyOfARegistration);
  CPPUNIT_TEST(sendsOwnRequests);
  CPPUNIT_TEST(ownRequestTimesOut);
  CPPUNIT_TEST(anExceptionOfWhoIsToldPassesByTheOthers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { _stage.enter(); }
  /// The callee's answer may come by another worker, and would overtake a 100 that leaves behind the request.
  void trying100LeavesBeforeTheRequest() {
    _stage.call("INVITE", {"sip:robert@10.0.0.3"});
    CPPUNIT_ASSERT(_stage.tryingFirst);
  }
  void putsOurViaOnTop() {
    _stage.call("INVITE", {"sip:robert@10.0.0.3:5070;x=1"});
    const auto& sent = _stage.sent()[0];
    CPPUNIT_ASSERT_EQUAL(std::string("INVITE sip:robert@10.0.0.3:5070;x=1 SIP/2.0"), sent.line());
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.3:5070"), sent.to());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, sent.headers("Via").size());
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/UDP 10.0.0.100:5060;branch=z9hG4bK77aa.t"), sent.header("Via").substr(0, 48));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKcaller1"), sent.headers("Via")[1]);
  }
  void appliesEditsOfRequestAndLeg() {
    _stage.receive(Stage::request("INVITE"));
    _stage.current->edits.appendHeader(_stage.current->message, "P-All", "1");
    Parser::Edits own;
    own.appendHeader(_stage.current->message, "P-Leg", "2");
    _stage.current->destinations.main().edits = &own;
    _stage.relay({"sip:a@10.0.0.2", "sip:a@10.0.0.3"});
    CPPUNIT_ASSERT_EQUAL(std::string("1"), _stage.last("INVITE sip:a@10.0.0.2").header("P-All"));
    CPPUNIT_ASSERT_EQUAL(std::string("2"), _stage.last("INVITE sip:a@10.0.0.2").header("P-Leg"));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), _stage.last("INVITE sip:a@10.0.0.3").header("P-All"));
    CPPUNIT_ASSERT_EQUAL(std::string(""), _stage.last("INVITE sip:a@10.0.0.3").header("P-Leg"));
  }
  void sendsToTheNextHop() {
    _stage.receive(Stage::request("INVITE", "z9hG4bKn", "Route: <sip:10.0.0.7;lr>\r\n"));
    _stage.current->destinations.main().nextHop = "sip:10.0.0.9:5080";
    _stage.relay();
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.9:5080"), _stage.last("INVITE").to());
    CPPUNIT_ASSERT_EQUAL(std::string("INVITE sip:bob@10.0.0.2 SIP/2.0"), _stage.last("INVITE").line());
  }
  void sendsOnAKnownFlow() {
    _stage.receive(Stage::request("INVITE"));
    const Transport::Flow flow{&_stage.transport.listeners()[1], *Runtime::Endpoint::parse("10.0.0.20:33000"), 5};
    _stage.current->destinations.main().flow = flow;
    _stage.relay();
    CPPUNIT_ASSERT(_stage.last("INVITE").flow == flow);
  }
  void sendsToTheFirstRoute() {
    _stage.receive(Stage::request("INVITE", "z9hG4bKn", "Route: <sip:10.0.0.7:5071;lr>\r\nRoute: <sip:10.0.0.8;lr>\r\n"));
    _stage.relay();
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.7:5071"), _stage.last("INVITE").to());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.last("INVITE").headers("Route").size());
  }
  // D11; RFC 3261, 16.6 step 6
  void rewritesForAStrictRouter() {
    _stage.receive(Stage::request("INVITE", "z9hG4bKn", "Route: <sip:10.0.0.7:5071>\r\nRoute: <sip:10.0.0.8;lr>\r\n"));
    _stage.relay();
    CPPUNIT_ASSERT_EQUAL(std::string("INVITE sip:10.0.0.7:5071 SIP/2.0"), _stage.last("INVITE").line());
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.7:5071"), _stage.last("INVITE").to());
    CPPUNIT_ASSERT((std::vector<std::string>{"<sip:10.0.0.8;lr>", "<sip:bob@10.0.0.2>"}) == _stage.last("INVITE").headers("Route"));
  }
  void cutsOneOfSeveralRoutes() {
    _stage.receive(Stage::request("INVITE", "z9hG4bKn", "Route: <sip:10.0.0.7>, <sip:10.0.0.8;lr>\r\n"));
    _stage.relay();
    CPPUNIT_ASSERT((std::vector<std::string>{"<sip:10.0.0.8;lr>", "<sip:bob@10.0.0.2>"}) == _stage.last("INVITE").headers("Route"));
  }
  // what loose_route took away before it, or behind it, is gone with the line
  void cutsTheLineWithItsLastRoute() {
    const std::string first = "<sip:10.0.0.100;lr>, ", strict = "<sip:10.0.0.7>", last = ", <sip:target@10.0.0.9>";
    _stage.receive(Stage::request("INVITE", "z9hG4bKn", "Route: " + first + strict + last + "\r\n"));
    auto& request = *_stage.current;
    const auto slice = [&](const std::string& text) {
      return Parser::Slice{static_cast<uint32_t>(request.message.octets().find(text)), static_cast<uint32_t>(text.size())};
    };
    request.edits.remove(slice(first));
    request.edits.remove(slice(last));
    request.route.next = request.message.text(slice("sip:10.0.0.7"));
    request.route.nextKnown = true;
    _stage.relay();
    CPPUNIT_ASSERT_EQUAL(std::string("INVITE sip:10.0.0.7 SIP/2.0"), _stage.last("INVITE").line());
    CPPUNIT_ASSERT((std::vector<std::string>{"<sip:bob@10.0.0.2>"}) == _stage.last("INVITE").headers("Route"));
    CPPUNIT_ASSERT(_stage.last("INVITE").text.find("Route: \r\n") == std::string::npos);
  }
  // RFC 3327, 5.2
  void pathBecomesRoute() {
    _stage.receive(Stage::request("INVITE"));
    _stage.current->destinations.main().path = "<sip:10.0.0.6;lr>,<sip:10.0.0.5;lr>";
    _stage.relay();
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.6:5060"), _stage.last("INVITE").to());
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:10.0.0.6;lr>,<sip:10.0.0.5;lr>"), _stage.last("INVITE").header("Route"));
    CPPUNIT_ASSERT_EQUAL(std::string("INVITE sip:bob@10.0.0.2 SIP/2.0"), _stage.last("INVITE").line());
  }
  // D12
  void followsMaddr() {
    _stage.call("INVITE", {"sip:bob@b.test:5090;maddr=10.0.0.4"});
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.4:5090"), _stage.last("INVITE").to());
  }
  // D12
  void goesWhereTheRequestUriSays() {
    const std::pair<const char*, const char*> table[] = {
        {"sip:bob@10.0.0.2", "UDP 10.0.0.2:5060"},
        {"sip:10.0.0.2", "UDP 10.0.0.2:5060"},
        {"SIP:bob@10.0.0.2", "UDP 10.0.0.2:5060"},
        {"sip:bob@10.0.0.2:5070", "UDP 10.0.0.2:5070"},
        {"sip:bob@10.0.0.2;transport=udp", "UDP 10.0.0.2:5060"},
        {"sip:bob@10.0.0.2;transport=tcp", "TCP 10.0.0.2:5060"},
        {"sip:bob@10.0.0.2:5070;transport=TCP", "TCP 10.0.0.2:5070"},
        {"sip:bob@10.0.0.2;Transport=tcp", "TCP 10.0.0.2:5060"},
        {"sip:bob@10.0.0.2;maddr=10.0.0.4", "UDP 10.0.0.4:5060"},
        {"sip:bob@10.0.0.2:5070;maddr=10.0.0.4", "UDP 10.0.0.4:5070"},
        {"sip:bob@10.0.0.2;maddr=10.0.0.4;transport=tcp", "TCP 10.0.0.4:5060"},
        {"sip:bob@10.0.0.2;user=phone;lr", "UDP 10.0.0.2:5060"},
        {"sip:bob@10.0.0.2?Subject=x", "UDP 10.0.0.2:5060"},
        {"sip:bob@10.0.0.100:5070", "UDP 10.0.0.100:5070"},
        {"sip:bob@10.0.0.100", "482"},
        {"sip:bob@10.0.0.100:5060;transport=udp", "482"},
        {"sip:bob@10.0.0.2;maddr=10.0.0.100", "482"},
        {"sip:bob@nowhere.test", "478"},
        {"tel:+123", "416"},
        {"mailto:bob@b.test", "416"},
    };
    for (const auto& [uri, expected] : table) {
      Stage stage;
      stage.call("MESSAGE", {uri});
      const Testing::Sent& sent = stage.sent().at(0);
      const std::string line = sent.line(), via = sent.header("Via");
      const std::string got = line.starts_with("SIP/2.0") ? line.substr(8, 3) : via.substr(8, 3) + " " + sent.to();
      CPPUNIT_ASSERT_EQUAL_MESSAGE(uri, std::string(expected), got);
    }
    _stage.enter();
  }
  // D15, C27
  void refusesALoop() {
    _stage.call();
    const auto returned = _stage.sent()[0].text;
    CPPUNIT_ASSERT(!_stage.receive(returned, Stage::Callee));
    CPPUNIT_ASSERT(_stage.relay() == Verdict::settled);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 482 Ours"), _stage.last("SIP/2.0").line());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());
  }
  // C27
  void ownRequestComesBackAsAnother() {
    _stage.call();
    const auto sent = _stage.sent()[0].text;
    for (const std::string_view method : {"ACK", "MESSAGE", "CANCEL"}) {
      auto returned = sent;
      returned.replace(returned.find("1 INVITE"), 8, "1 " + std::string(method)).replace(0, 6, method);
      _stage.take();
      if (!_stage.receive(returned, Stage::Callee)) CPPUNIT_ASSERT(_stage.relay() == Verdict::settled);
      const auto lines = _stage.take();
      CPPUNIT_ASSERT(lines.size() <= 1);
      for (const auto& line : lines) CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 482 Ours > 10.0.0.2:5060"), line);
    }
  }
  // D13
  void unknownExtensionOfAProxyIs420() {
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("INVITE", "z9hG4bKcaller1", "Proxy-Require: teleport, foo\r\nProxy-Require: bar\r\n")));
    CPPUNIT_ASSERT(_stage.relay({}, true) == Verdict::settled);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 420 Ours"), _stage.last("SIP/2.0").line());
    CPPUNIT_ASSERT((std::vector<std::string>{"teleport, foo", "bar"}) == _stage.last("SIP/2.0").headers("Unsupported"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("INVITE"));
  }
  // D13
  void whatTheCalleeMustSupportIsNotOurs() {
    CPPUNIT_ASSERT(!_stage.receive(Stage::request("INVITE", "z9hG4bKcaller1", "Require: teleport\r\n")));
    _stage.relay();
    CPPUNIT_ASSERT_EQUAL(std::string("teleport"), _stage.last("INVITE").header("Require"));
  }
  // D14
  void letsASpiralPass() {
    _stage.call("INVITE", {"sip:robert@10.0.0.2"});
    const auto returned = _stage.sent()[0].text;
    CPPUNIT_ASSERT(!_stage.receive(returned, Stage::Callee));
    CPPUNIT_ASSERT(_stage.relay() == Verdict::settled);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("INVITE"));
  }
  // D21
  void ourselvesAsTargetIsALoop() {
    _stage.call("INVITE", {"sip:bob@10.0.0.100"});
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 482 Ours"), _stage.last("SIP/2.0").line());
  }
  void unknownNameIs478() {
    _stage.call("INVITE", {"sip:bob@nowhere.test"});
    CPPUNIT_ASSERT((std::vector<std::string>{"SIP/2.0 478 Ours > 10.0.0.1:5060"}) == _stage.take());
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE")));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _stage.count("SIP/2.0 478"));
  }
  void brokenNameServerIs500() {
    _stage.resolver.pending["slow.test"];
    _stage.call("INVITE", {"sip:bob@slow.test"});
    _stage.resolver.tell("slow.test", Outcome::failed);
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 500 Ours"), _stage.last("SIP/2.0").line());
  }
  void noSipUriIs416() {
    _stage.call("INVITE", {"tel:+4930123"});
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 416 Ours"), _stage.last("SIP/2.0").line());
  }
  void conditionIsFalseWhenNothingIsSent() {
    _stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(_stage.relay({"sip:bob@nowhere.test"}, true) == Verdict::no);
    CPPUNIT_ASSERT(_stage.take().empty());
    CPPUNIT_ASSERT(!_stage.current->transaction);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
    CPPUNIT_ASSERT(_stage.relay({"sip:bob@10.0.0.2"}, true) == Verdict::settled);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
  }
  void waitsForTheNameServer() {
    _stage.resolver.pending["slow.test"];
    _stage.call("INVITE", {"sip:bob@slow.test"});
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("INVITE"));
    _stage.advance(1s);
    CPPUNIT_ASSERT(_stage.receive(Stage::request("INVITE")));
    _stage.resolver.tell("slow.test", Outcome::found, FakeResolver::at("10.0.0.8:5060"));
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.8:5060"), _stage.last("INVITE").to());
    _stage.receiveReply(Stage::replyTo(_stage.last("INVITE"), 200));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 200"));
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // Z01
  void answersWhenTheNameIsOurs() {
    _stage.resolver.pending["slow.test"];
    _stage.call("MESSAGE", {"sip:bob@slow.test"});
    _stage.resolver.tell("slow.test", Outcome::found, FakeResolver::at("10.0.0.100:5060"));
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 482 Ours"), _stage.last("SIP/2.0").line());
    _stage.advance(33s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void answersWhenTheNameServerSaysNo() {
    _stage.resolver.pending["slow.test"];
    _stage.call("INVITE", {"sip:bob@slow.test", "sip:bob@10.0.0.2"});
    _stage.receiveReply(Stage::replyTo(_stage.last("INVITE"), 486));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("SIP/2.0 486"));
    _stage.resolver.tell("slow.test", Outcome::notFound);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 486"));
  }
  void cancelWhileNamesAreLookedUp() {
    _stage.resolver.pending["slow.test"];
    _stage.call("INVITE", {"sip:bob@slow.test"});
    CPPUNIT_ASSERT(_stage.receive(Stage::request("CANCEL")));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 487"));
    _stage.receive(Stage::request("ACK"));
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());  // the question is open
    _stage.resolver.tell("slow.test", Outcome::found, FakeResolver::at("10.0.0.8:5060"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  // REQ 83
  void twiceIsAnError() {
    _stage.call();
    CPPUNIT_ASSERT(_stage.relay() == Verdict::error);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
    Stage other;
    other.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(other.tm.newTransaction(*other.current));
    CPPUNIT_ASSERT(!other.tm.newTransaction(*other.current));
  }
  void usesTheTransactionThatIsThere() {
    _stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(_stage.tm.adopt(*_stage.current));
    CPPUNIT_ASSERT(_stage.tm.newTransaction(*_stage.current));
    CPPUNIT_ASSERT(_stage.relay() == Verdict::settled);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.tm.transactions());
  }
  // C06
  void adoptedRequestGets100And() {
    _stage.receive(Stage::request("INVITE"));
    _stage.tm.adopt(*_stage.current);
    _stage.advance(5s);
    CPPUNIT_ASSERT(std::vector<long>{200} == _stage.times("SIP/2.0 100"));
    CPPUNIT_ASSERT(_stage.core.answer(*_stage.current, {.code = 404}));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.count("SIP/2.0 404"));
  }
  void adoptedCopiesAreAbsorbed() {
    _stage.receive(Stage::request("MESSAGE"));
    _stage.tm.adopt(*_stage.current);
    for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT(_stage.receive(Stage::request("MESSAGE")));
    CPPUNIT_ASSERT(_stage.take().empty());
  }
  void abandonedRequestIsForgotten() {
    _stage.receive(Stage::request("INVITE"));
    _stage.tm.adopt(*_stage.current);
    _stage.tm.abandon(*_stage.current);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
    _stage.advance(1s);
    CPPUNIT_ASSERT(_stage.take().empty());
  }
  // REQ 57
  void answersInTheTransaction() {
    _stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(_stage.tm.newTransaction(*_stage.current));
    CPPUNIT_ASSERT(_stage.core.answer(*_stage.current, {.code = 404, .reason = "Not Found"}));
    CPPUNIT_ASSERT(!_stage.core.answer(*_stage.current, {.code = 500}));
    _stage.advance(1600ms);
    CPPUNIT_ASSERT((std::vector<long>{0, 500, 1500}) == _stage.times("SIP/2.0 404 Not Found"));
    CPPUNIT_ASSERT(_stage.receive(Stage::request("ACK")));
  }
  void refusesOverTheCap() {
    Timing timing;
    timing.most = Shards::Count;  // one in each shard
    Stage stage(timing);
    for (int i = 0; i < 1000; ++i) {
      stage.receive(Stage::request("OPTIONS", "z9hG4bKcap" + std::to_string(i)));
      CPPUNIT_ASSERT(stage.relay() == Verdict::settled);
    }
    CPPUNIT_ASSERT(stage.tm.transactions() <= Shards::Count);
    CPPUNIT_ASSERT_EQUAL(1000 - stage.tm.transactions(), stage.count("SIP/2.0 503"));
    const int retry = std::stoi(stage.last("SIP/2.0 503").header("Retry-After"));
    CPPUNIT_ASSERT(retry >= 5 && retry <= 15);
  }
  // C09
  void ackHasNoTransaction() {
    _stage.receive(Stage::request("ACK", "z9hG4bKack", "Route: <sip:10.0.0.7;lr>\r\n"));
    CPPUNIT_ASSERT(_stage.relay() == Verdict::settled);
    CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.7:5060"), _stage.last("ACK").to());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
    _stage.advance(40s);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _stage.take().size());
  }
  // RFC 3261, 16.11
  void ackCopiesHaveOneBranch() {
    for (int i = 0; i < 2; ++i) {
      _stage.receive(Stage::request("ACK", "z9hG4bKack"));
      _stage.relay();
    }
    CPPUNIT_ASSERT_EQUAL(_stage.sent()[0].text, _stage.sent()[1].text);
    _stage.receive(Stage::request("ACK", "z9hG4bKanother"));
    _stage.relay();
    CPPUNIT_ASSERT(_stage.sent()[0].header("Via") != _stage.sent()[2].header("Via"));
  }
  // C09
  void ackToNowhereIsSilent() {
    for (const char* uri : {"sip:bob@nowhere.test", "tel:1", "sip:bob@10.0.0.100"}) {
      _stage.receive(Stage::request("ACK"));
      CPPUNIT_ASSERT(_stage.relay({uri}) == Verdict::settled);
    }
    CPPUNIT_ASSERT(_stage.take().empty());
  }
  void ackWaitsForTheNameServer() {
    _stage.resolver.pending["slow.test"];
    _stage.receive(Stage::request("ACK"));
    _stage.relay({"sip:bob@slow.test"});
    _stage.resolver.tell("slow.test", Outcome::found, FakeResolver::at("10.0.0.8:5060"));
    _stage.environment.turn();
    CPPUNIT_ASSERT((std::vector<std::string>{"ACK sip:bob@slow.test SIP/2.0 > 10.0.0.8:5060"}) == _stage.take());
  }
  // REQ 63
  void sendsACopyOfARegistration() {
    Heard heard;
    auto copy = own();
    copy.method = "REGISTER";
    copy.callId = "registration@phone";
    copy.fromTag = "fromphone";
    copy.cseq = 4711;
    copy.lines = "Contact: <sip:joe@192.0.2.7>;q=0.5\r\nExpires: 600\r\nPath: <sip:edge;lr>\r\n";
    copy.contentType = "application/octet-stream";
    const std::string body(30, '\0');
    copy.body = body;
    CPPUNIT_ASSERT(_stage.tm.send(copy, heard));
    const auto& sent = _stage.sent()[0];
    CPPUNIT_ASSERT_EQUAL(std::string("registration@phone"), sent.header("Call-ID"));
    CPPUNIT_ASSERT_EQUAL(std::string("4711 REGISTER"), sent.header("CSeq"));
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:ping@here>;tag=fromphone"), sent.header("From"));
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:edge;lr>"), sent.header("Path"));
    CPPUNIT_ASSERT_EQUAL(std::string("30"), sent.header("Content-Length"));
    CPPUNIT_ASSERT(sent.text.ends_with("\r\n\r\n" + body));
    _stage.answer(0, 200);
    CPPUNIT_ASSERT_EQUAL(std::string("200+"), heard.text);
  }
  void sendsOwnRequests() {
    Heard heard;
    CPPUNIT_ASSERT(_stage.tm.send(own(), heard));
    CPPUNIT_ASSERT_EQUAL(std::string("OPTIONS sip:10.0.0.2 SIP/2.0"), _stage.sent()[0].line());
    CPPUNIT_ASSERT_EQUAL(std::string("1 OPTIONS"), _stage.sent()[0].header("CSeq"));
    _stage.answer(0, 200);
    _stage.answer(0, 200);
    CPPUNIT_ASSERT_EQUAL(std::string("200+"), heard.text);
    _stage.advance(10s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void ownRequestTimesOut() {
    Heard heard;
    auto request = own();
    request.timeout = 3s;
    CPPUNIT_ASSERT(_stage.tm.send(request, heard));
    _stage.advance(10s);
    CPPUNIT_ASSERT_EQUAL(std::string("408-"), heard.text);
    CPPUNIT_ASSERT((std::vector<long>{0, 500, 1500}) == _stage.times("OPTIONS"));
    request.requestUri = "sip:nowhere.test";
    CPPUNIT_ASSERT(!_stage.tm.send(request, heard));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }
  void anExceptionOfWhoIsToldPassesByTheOthers() {
    struct Broken : Answers {
      void answer(int, Core::Received*) override { throw Poco::OutOfMemoryException(); }
    } broken;
    CPPUNIT_ASSERT(_stage.tm.send(own(), broken));
    CPPUNIT_ASSERT(_stage.answer(0, 200));
    CPPUNIT_ASSERT_THROW(_stage.environment.turn(), Poco::OutOfMemoryException);  // the worker logs it
    _stage.advance(10s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _stage.tm.transactions());
  }

 private:
  struct Heard : Answers {
    std::string text;
    void answer(int code, Core::Received* reply) override { text += std::to_string(code) + (reply ? "+" : "-"); }
  };
  static Outgoing own() {
    Outgoing request;
    request.method = "OPTIONS";
    request.requestUri = "sip:10.0.0.2";
    request.from = "<sip:ping@here>";
    request.to = "<sip:10.0.0.2>";
    return request;
  }
  Stage _stage;
};
CPPUNIT_TEST_SUITE_REGISTRATION(RelayTest);
