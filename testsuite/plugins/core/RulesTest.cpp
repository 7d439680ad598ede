#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

namespace Patchbay::Core::Testing {

/// Variables, memberships and actions of core, as rules use them.
class RulesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RulesTest);
  CPPUNIT_TEST(showsPartsOfTheRequest);
  CPPUNIT_TEST(showsHeaders);
  CPPUNIT_TEST(decodesEscapesOnce);
  CPPUNIT_TEST(absentPartsAreFalse);
  CPPUNIT_TEST(rewritesPartsOfTheUri);
  CPPUNIT_TEST(stripsAnEscapeAsOneCharacter);
  CPPUNIT_TEST(refusesToRewriteAUriWithoutParts);
  CPPUNIT_TEST(keepsFlagsAndAttributes);
  CPPUNIT_TEST(knowsDomainsByHostOnly);
  CPPUNIT_TEST(knowsItselfByHostAndPort);
  CPPUNIT_TEST(knowsItsAdvertisedNameInAnySpelling);
  CPPUNIT_TEST(everyAddressOfAWildcardListenerIsServed);
  CPPUNIT_TEST(domainsChangeWhileItRuns);
  CPPUNIT_TEST(servedNamesReplaceListenerAddresses);
  CPPUNIT_TEST_SUITE_END();

  /// What the server answers as the reason when the rules are these.
  static std::string answer(const std::string& rules, const std::string& uri = "sip:bob@127.0.0.1:5070",
                            const Testsuite::FakeHost::SettingsMap& settings = {}) {
    Stage stage(rules, settings);
    if (!stage.problems.empty()) return stage.problems;
    stage.receive(Stage::request("INVITE", uri));
    const auto status = stage.status();
    return status.size() > 12 ? status.substr(8) : status;
  }
  static std::string yesOrNo(const std::string& condition, const std::string& uri = "sip:bob@127.0.0.1:5070",
                             const Testsuite::FakeHost::SettingsMap& settings = {}) {
    return answer("<rule if=\"" + condition + "\"><reply text='yes'/></rule><reply text='no'/>", uri, settings);
  }

 public:
  void showsPartsOfTheRequest() {
    CPPUNIT_ASSERT_EQUAL(std::string("200 INVITE bob 127.0.0.1 5070"),
                         answer("<reply text='${method} ${uri.user} ${uri.host} ${uri.port}'/>"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 alice a bob c1 1"),
                         answer("<reply text='${from.user} ${from.tag} ${to.user} ${call_id} ${cseq}'/>"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 127.0.0.1 6001 udp udp:127.0.0.1:5060"),
                         answer("<reply text='${src.ip} ${src.port} ${src.protocol} ${listener}'/>"));
  }
  void showsHeaders() {
    CPPUNIT_ASSERT_EQUAL(std::string("200 one"), answer("<reply text=\"${header['x-test']}\"/>"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 one, two"), answer("<reply text=\"${header['X-Test',*]}\"/>"));
  }
  void decodesEscapesOnce() {  // A18
    CPPUNIT_ASSERT_EQUAL(std::string("200 0%41"), answer("<reply text='${uri.user}'/>", "sip:%30%2541@127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:%30%2541@127.0.0.1"), answer("<reply text='${uri}'/>", "sip:%30%2541@127.0.0.1"));
  }
  void absentPartsAreFalse() {
    CPPUNIT_ASSERT_EQUAL(std::string("200 no"), yesOrNo("uri.user", "sip:127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 no"), yesOrNo("to.tag"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 yes"), yesOrNo("to.tag != 'x'"));
  }
  void rewritesPartsOfTheUri() {
    const std::string show = "<reply text='${uri}'/>";
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:carol@127.0.0.1:5070"), answer("<rewriteuser user='carol'/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:bob@gw.example:5070"), answer("<rewritehost host='gw.example'/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:bob@gw.example:5099"), answer("<rewritehostport hostport='gw.example:5099'/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:bob@127.0.0.1"), answer("<rewriteport port=''/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:00bob@127.0.0.1:5070"), answer("<prefix text='00'/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:ob@127.0.0.1:5070"), answer("<strip count='1'/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:bo@127.0.0.1:5070"), answer("<strip_tail count='1'/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:x@y"), answer("<rewriteuri uri='sip:x@y'/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:bob@127.0.0.1:5070"), answer("<rewriteuri uri='sip:x@y'/><revert_uri/>" + show));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:bob@127.0.0.1:5070"), answer("<rewriteuri uri='sip:x@y'/><reply text='${uri.original}'/>"));
  }
  void stripsAnEscapeAsOneCharacter() {  // A18: what the rules saw as '0' is what goes
    const std::string show = "<reply text='${uri}'/>";
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:123@h"), answer("<strip count='1'/>" + show, "sip:%30123@h"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:3@h"), answer("<strip count='3'/>" + show, "sip:0%31%323@h"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:12@h"), answer("<strip_tail count='1'/>" + show, "sip:12%23@h"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:1@h"), answer("<strip_tail count='2'/>" + show, "sip:1%302@h"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 sip:h"), answer("<strip count='9'/>" + show, "sip:%30%31@h"));
  }
  void refusesToRewriteAUriWithoutParts() {  // A35
    CPPUNIT_ASSERT_EQUAL(std::string("503 Service Unavailable"), answer("<rewritehost host='x'/><reply text='ok'/>", "tel:+4912345"));
    CPPUNIT_ASSERT_EQUAL(std::string("503 Service Unavailable"), answer("<rewriteuser user='a b'/><reply text='ok'/>"));
  }
  void keepsFlagsAndAttributes() {  // REQ 59
    CPPUNIT_ASSERT_EQUAL(
        std::string("200 yes"),
        answer("<setflag flag='3'/><rule if=\"isflagset('3') and flag.3 and !flag.4\"><reply text='yes'/></rule><reply text='no'/>"));
    CPPUNIT_ASSERT_EQUAL(
        std::string("200 no"),
        answer("<setflag flag='3'/><resetflag flag='3'/><rule if=\"flag.3\"><reply text='yes'/></rule><reply text='no'/>"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 gw-bob"), answer("<set name='attr.x' value='gw-${uri.user}'/><reply text='${attr.x}'/>"));
  }
  void knowsDomainsByHostOnly() {
    CPPUNIT_ASSERT_EQUAL(std::string("200 yes"), yesOrNo("uri.host in domains"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 no"), yesOrNo("uri.host in domains", "sip:bob@example.org"));
  }
  void knowsItselfByHostAndPort() {  // REQ 43, D12
    CPPUNIT_ASSERT_EQUAL(std::string("200 no"), yesOrNo("uri == myself"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 yes"), yesOrNo("uri == myself", "sip:bob@127.0.0.1:5060"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 yes"), yesOrNo("uri == myself", "sip:bob@127.0.0.1"));
    CPPUNIT_ASSERT_EQUAL(std::string("200 yes"), yesOrNo("uri != myself", "tel:1234"));
  }
  void knowsItsAdvertisedNameInAnySpelling() {  // D21
    struct Named : FakeTransport {
      Transport::Listener named;
      Transport::ListenerList listeners() const override { return listing.of({&named, 1}); }
    } transport;
    transport.named.host = "sip.example.net";
    transport.named.port = 5060;
    Domains domains;
    domains.add("example.org");
    domains.settle(transport);
    for (const char* text : {"sip:bob@sip.example.net", "sip:bob@SIP.Example.NET.", "sip:sip.example.net.:5060"})
      CPPUNIT_ASSERT_MESSAGE(text, domains.isMyself(*Parser::Uri::parse(text)));
    for (const char* text : {"sip:bob@sip.example.net.:5070", "sip:bob@sip.example.net.org"})
      CPPUNIT_ASSERT_MESSAGE(text, !domains.isMyself(*Parser::Uri::parse(text)));
  }
  void domainsChangeWhileItRuns() {
    Stage stage("<reply text='x'/>", {{"domains", "example.org, old.example.org"}});
    Testsuite::FakeHost next(stage.core, {{"domains", "example.org, new.example.org"}});
    CPPUNIT_ASSERT(stage.core.isDomain("old.example.org") && !stage.core.isDomain("new.example.org"));
    stage.core.prepare(next);
    CPPUNIT_ASSERT(!next.problems.hasErrors() && !stage.core.isDomain("new.example.org"));
    stage.core.commit();
    stage.host.environment_.turn();
    CPPUNIT_ASSERT(!stage.core.isDomain("old.example.org") && stage.core.isDomain("new.example.org"));
    CPPUNIT_ASSERT(stage.core.isMyself(*Parser::Uri::parse("sip:joe@new.example.org:5060")));
    CPPUNIT_ASSERT(stage.core.isMyself(*Parser::Uri::parse("sip:127.0.0.1")));
    for (const char* wrong : {"new.example.org, example.org", "example.org, a/b", ""}) {
      Testsuite::FakeHost refused(stage.core, {{"domains", wrong}});
      stage.core.prepare(refused);
      CPPUNIT_ASSERT_MESSAGE(wrong, refused.problems.hasErrors());
      stage.core.discard();
    }
    CPPUNIT_ASSERT(stage.core.isDomain("new.example.org"));
  }
  void everyAddressOfAWildcardListenerIsServed() {
    struct Everywhere : FakeTransport {
      Transport::Listener listener;
      Transport::ListenerList listeners() const override { return listing.of({&listener, 1}); }
      bool isOurs(const Runtime::Endpoint& endpoint) const override { return endpoint.toString() == "198.51.100.7:5060"; }
    } transport;
    transport.listener.host = "192.0.2.1";
    transport.listener.port = 5060;
    Domains domains;
    domains.settle(transport);
    CPPUNIT_ASSERT(domains.contains("192.0.2.1") && domains.contains("198.51.100.7"));
    CPPUNIT_ASSERT(!domains.contains("198.51.100.8") && !domains.contains("example.org"));
    Domains named;
    named.add("example.org");
    named.settle(transport);
    CPPUNIT_ASSERT(!named.contains("198.51.100.7"));
  }
  void servedNamesReplaceListenerAddresses() {
    const Testsuite::FakeHost::SettingsMap settings{{"domains", "example.org, sip.example.org"}};
    CPPUNIT_ASSERT_EQUAL(std::string("200 yes"), yesOrNo("uri.host in domains", "sip:bob@EXAMPLE.org.", settings));
    CPPUNIT_ASSERT_EQUAL(std::string("200 no"), yesOrNo("uri.host in domains", "sip:bob@127.0.0.1", settings));
    CPPUNIT_ASSERT_EQUAL(std::string("200 yes"), yesOrNo("uri == myself", "sip:bob@127.0.0.1:5060", settings));
    CPPUNIT_ASSERT_EQUAL(std::string("200 no"), yesOrNo("uri == myself", "sip:bob@example.org:5099", settings));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RulesTest);

}  // namespace Patchbay::Core::Testing
