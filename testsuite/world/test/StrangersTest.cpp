
#include "Callers.h"
#include "Patterns.h"
#include "Traffic.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// What those try who are nobody's users, against the configurations as they are shipped.
class StrangersTest : public Callers {
  CPPUNIT_TEST_SUITE(StrangersTest);
  CPPUNIT_TEST(getNothingByAnyMethod);
  CPPUNIT_TEST(getNothingByATagOfTheirOwn);
  CPPUNIT_TEST(getNothingOut);
  CPPUNIT_TEST(areAnsweredOnceAndInNoMoreOctets);
  CPPUNIT_TEST(seeNoDifferenceBetweenUsersAndOthers);
  CPPUNIT_TEST(areDroppedWhenTheyScan);
  CPPUNIT_TEST(guessNoPasswordAndLockNobodyOut);
  CPPUNIT_TEST(changeNothingInAnothersCall);
  CPPUNIT_TEST(steerNoAnswerByTheirVia);
  CPPUNIT_TEST_SUITE_END();

  const Runtime::Endpoint ann = at("192.0.2.20:5060"), joe = at("192.0.2.10:5060");
  const Texts methods{"REGISTER", "INVITE", "MESSAGE", "SUBSCRIBE", "PUBLISH", "NOTIFY", "REFER",
                      "UPDATE",   "INFO",   "PRACK",   "BYE",       "OPTIONS", "FOOBAR", "!interesting-Method0123456789_*+`.%~"};

  /// With a user who is at home.
  void begin(const Shipped& configuration) {
    start(configuration);
    add("ann@" + configuration.domain, "secret");
    CPPUNIT_ASSERT_EQUAL(200, registers("ann", configuration.domain, "secret", ann));
  }
  void refused(const Message& message) {
    const int code = status(message, stranger());
    CPPUNIT_ASSERT_MESSAGE(message.method + " " + message.uri + " " + std::to_string(code), code >= 400 && code < 500);
  }

 public:
  // F01
  void getNothingByAnyMethod() {
    for (const auto& configuration : shipped()) {
      begin(configuration);
      const std::string& domain = configuration.domain;
      const double before = world->metric("tm_transactions_total");
      for (const auto& method : methods)
        for (const auto& uri : Texts{"sip:ann@" + domain, "sip:nobody@" + domain, "sip:0015551234@" + domain, "sip:+15551234@203.0.113.9"})
          for (const auto& from : Texts{"<sip:ann@" + domain + ">", "<sip:eve@evil.example>", "<tel:+15551234>"})
            refused({method, uri, from, "<" + uri + ">"});
      refused({"CANCEL", "sip:ann@" + domain, "<sip:ann@" + domain + ">", "<sip:ann@" + domain + ">"});
      CPPUNIT_ASSERT_EQUAL(1.0, world->metric("usrloc_contacts", {{"table", "location"}}));
      CPPUNIT_ASSERT_EQUAL(before, world->metric("tm_transactions_total"));
    }
  }
  // F02: with and without a Route to us, also one that is signed by nobody
  void getNothingByATagOfTheirOwn() {
    const std::vector<std::vector<std::string>> routes{{},
                                                       {"Route: <sip:192.0.2.1;lr>"},
                                                       {"Route: <sip:192.0.2.1:5060;lr;sig=0123456789abcdefghijklmnopqrst>"},
                                                       {"Route: <sip:192.0.2.1;lr>, <sip:203.0.113.9;lr>"},
                                                       {"Route: <sip:203.0.113.9;lr>"}};
    for (const auto& configuration : shipped()) {
      begin(configuration);
      for (const auto& method : methods)
        for (const auto& uri : Texts{"sip:ann@" + configuration.domain, "sip:ann@192.0.2.20", "sip:+15551234@203.0.113.9"})
          for (const auto& route : routes)
            refused({method, uri, "<sip:ann@" + configuration.domain + ">", "<sip:ann@" + configuration.domain + ">;tag=forged", route});
      for (const auto& route : routes)
        CPPUNIT_ASSERT(send(octets({"ACK", "sip:ann@192.0.2.20", "<sip:x@y>", "<sip:ann@h>;tag=forged", route}), stranger()).empty());
      CPPUNIT_ASSERT_EQUAL(0.0, world->metric("rr_verified_total"));
    }
  }
  // G01, G02
  void getNothingOut() {
    for (const auto& configuration : shipped()) {
      begin(configuration);
      const std::string& domain = configuration.domain;
      const std::string foreign = "<sip:x@203.0.113.9>", user = "<sip:ann@" + domain + ">";
      for (const char* method : {"INVITE", "MESSAGE", "SUBSCRIBE"})
        for (const auto& from : Texts{user, "<sip:eve@evil.example>"}) {
          for (const auto& uri : Texts{"sip:x@203.0.113.9", "sip:x@far.example", "sip:15551234@203.0.113.9;user=phone", "tel:+15551234",
                                       "sip:+15551234@" + domain, "sip:ann@" + domain + ";maddr=203.0.113.9", "sip:ann@" + domain + ":5070",
                                       "sips:ann@" + domain + ";maddr=203.0.113.9", "sip:203.0.113.9"})
            refused({method, uri, from, foreign});
          refused({method, "sip:ann@" + domain, from, foreign});
          for (const char* route : {"<sip:203.0.113.9;lr>", "<sip:203.0.113.9>", "<sip:192.0.2.1;lr>, <sip:203.0.113.9;lr>",
                                    "<sip:192.0.2.1;lr;maddr=203.0.113.9>", "<sip:192.0.2.1;lr>,<sip:192.0.2.20;lr>"})
            refused({method, "sip:ann@" + domain, from, user, {std::string("Route: ") + route}});
        }
    }
  }
  // F14: one datagram for a request, however long nobody says a word to it, and of at most 1.5 times its octets for what telephones send
  void areAnsweredOnceAndInNoMoreOctets() {
    for (const auto& configuration : shipped()) {
      begin(configuration);
      const std::string self = "<sip:ann@" + configuration.domain + ">";
      const std::vector<std::string> usual{"Contact: <sip:ann@192.0.2.10:5060>",
                                           "Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,SUBSCRIBE,INFO,MESSAGE", "Expires: 3600",
                                           "User-Agent: telephone 1.0 (x86_64/linux)", "Supported: gruu,outbound,path"};
      for (const auto& [method, uri] :
           {std::pair{"REGISTER", "sip:" + configuration.domain}, std::pair{"INVITE", "sip:ann@" + configuration.domain},
            std::pair{"SUBSCRIBE", "sip:ann@" + configuration.domain}}) {
        const std::string request = octets({method, uri, self, self, usual});
        const auto sent = send(request, stranger(), 70s);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, sent.size());
        const int code = statusOf(sent[0].packet.octets);
        CPPUNIT_ASSERT(code == 401 || code == 407);
        CPPUNIT_ASSERT_MESSAGE(sent[0].packet.octets, sent[0].packet.octets.size() * 2 <= request.size() * 3);
      }
      CPPUNIT_ASSERT_EQUAL(0.0, world->metric("tm_transactions_total", {{"kind", "invite"}}));
    }
  }
  // G31: svwar asks by REGISTER, INVITE and OPTIONS whether there is a user
  void seeNoDifferenceBetweenUsersAndOthers() {
    for (const auto& configuration : shipped()) {
      begin(configuration);
      const auto reaction = [&](const std::string& method, const std::string& user, const std::string& from) {
        const std::string self = "<sip:" + user + "@" + configuration.domain + ">";
        const std::string uri = "sip:" + (method == "REGISTER" ? "" : user + "@") + configuration.domain;
        const auto began = world->time();
        const auto sent = send(octets({method, uri, from.empty() ? self : from, self}), stranger());
        CPPUNIT_ASSERT_EQUAL(size_t{1}, sent.size());
        std::string text = sent[0].packet.octets;
        const std::string figures = std::to_string(text.size()) + " " + std::to_string((sent[0].at - began).count());
        text = replaced(text, "nonce=\"[^\"]*\"|tag=[0-9a-f]+|Incident [0-9a-f]+|received=[0-9.]+", "#");
        text = replaced(text, "(branch=z9hG4bK|Call-ID: c|CSeq: )[0-9]+", "$1");
        return replaced(text, "sip:(ann|bob)", "sip:user") + figures;
      };
      for (const char* method : {"REGISTER", "INVITE", "OPTIONS", "MESSAGE", "SUBSCRIBE"})
        for (const char* from : {"", "<sip:eve@evil.example>"}) {
          serial = 49600;  // addresses and numbers of one length
          const std::string known = reaction(method, "ann", from);
          serial = 49620;
          CPPUNIT_ASSERT_EQUAL(known, reaction(method, "bob", from));
        }
    }
  }
  // G30: as it is shipped; the figures are those of guard
  void areDroppedWhenTheyScan() {
    for (const auto& configuration : shipped()) {
      begin(configuration);
      const auto eve = stranger(), sweeper = stranger();
      const auto asks = [&](const Runtime::Endpoint& from, const Texts& more) {
        return send(octets({"OPTIONS", "sip:192.0.2.1", "<sip:x@y>", "<sip:192.0.2.1>", more}), from, 1ms).size();
      };
      for (const char* agent : {"friendly-scanner", "sipvicious", "SIPVicious/0.3.3", "sipcli/v1.8", "VaxSIPUserAgent/3.5"}) {
        const auto from = stranger();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(agent, size_t{0}, asks(from, {std::string("User-Agent: ") + agent}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(agent, size_t{0}, asks(from, {}));  // nor its address, for a while
      }
      size_t answered = 0;
      for (int i = 0; i < 1500; ++i) answered += asks(sweeper, {});
      CPPUNIT_ASSERT(answered >= 900 && answered <= 1100);
      CPPUNIT_ASSERT_EQUAL(size_t{1}, asks(eve, {}));
    }
  }
  // G32: as it is shipped; more than ten wrong passwords in five minutes
  void guessNoPasswordAndLockNobodyOut() {
    for (const auto& configuration : shipped()) {
      begin(configuration);
      const std::string& domain = configuration.domain;
      const std::string user = "<sip:ann@" + domain + ">";
      const auto eve = stranger();
      const auto tries = [&](const std::string& password) {
        send(octets({"REGISTER", "sip:" + domain, user, user}), eve, 10ms);
        const auto began = world->time();
        const auto sent = send(
            octets({"REGISTER", "sip:" + domain, user, user, {proof("Authorization", "ann", domain, password, "sip:" + domain)}}), eve, 3s);
        CPPUNIT_ASSERT(sent.size() <= 1);
        return std::pair{sent.empty() ? 0 : statusOf(sent[0].packet.octets), sent.empty() ? Runtime::Duration{} : sent[0].at - began};
      };
      CPPUNIT_ASSERT_EQUAL(401, tries("guess").first);
      Runtime::Duration slowest{};
      for (int i = 0; i < 12; ++i) slowest = std::max(slowest, tries("guess" + std::to_string(i)).second);
      CPPUNIT_ASSERT(slowest >= 1s);
      const int code = tries("secret").first;
      CPPUNIT_ASSERT_MESSAGE(configuration.file + std::to_string(code), code == 403 || code == 0);
      CPPUNIT_ASSERT_EQUAL(200, registers("ann", domain, "secret", stranger()));
    }
  }
  // G07: Call-ID and CSeq are guessed, but neither branch nor tags; or the tags, but not our signature; or that of another dialog
  void changeNothingInAnothersCall() {
    begin(shipped().front());
    add("joe@192.0.2.1", "secret");
    const std::string self = "<sip:joe@192.0.2.1>", to = "<sip:ann@192.0.2.1>", uri = "sip:ann@192.0.2.1";
    CPPUNIT_ASSERT_EQUAL(407, status({"INVITE", uri, self, to}, joe));
    const auto ringing = send(octets({"INVITE", uri, self, to, {proof("Proxy-Authorization", "joe", "192.0.2.1", "secret", uri)}}), joe);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, ringing.size());  // 100, and the INVITE to ann
    const std::string invite = ringing[1].packet.octets;
    const auto inDialog = [&](const std::string& method, const std::string& fromTag, const std::string& toTag, const std::string& route) {
      const std::string number = std::to_string(++serial);
      return method + " sip:ann@192.0.2.20 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.66;rport;branch=z9hG4bK" + number + "\r\n" +
             headersOf(invite, {"Call-ID"}) + "CSeq: " + number + " " + method + "\r\nFrom: " + self + ";tag=" + fromTag + "\r\nTo: " + to +
             (toTag.empty() ? "" : ";tag=" + toTag) + "\r\n" + route + "Content-Length: 0\r\n\r\n";
    };
    const std::string from = headersOf(invite, {"From"}),
                      right = from.substr(from.find("tag=") + 4, from.find("\r\n") - from.find("tag=") - 4);
    CPPUNIT_ASSERT_EQUAL(481, statusOf(answer(inDialog("CANCEL", right, "", ""), stranger())));  // and ann's telephone rings on
    CPPUNIT_ASSERT_EQUAL(size_t{1}, send(answerTo(invite, "200 OK"), ann).size());
    const std::string route = "Route" + headersOf(invite, {"Record-Route"}).substr(12);
    std::string broken = route;
    broken[broken.find("sig=") + 9] ^= 1;
    for (const char* method : {"BYE", "INVITE", "UPDATE", "INFO", "CANCEL"})
      for (const auto& tag : Texts{right, "wrong"})
        for (const auto& by : Texts{"", "Route: <sip:192.0.2.1;lr>\r\n", broken, tag == right ? broken : route}) {
          const int code = statusOf(answer(inDialog(method, tag, "phone", by), stranger()));
          CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(method) + by, std::string(method) == "CANCEL" ? 481 : 404, code);
        }
    const auto bye = send(inDialog("BYE", right, "phone", route), joe);  // the call is still there for who is in it
    CPPUNIT_ASSERT_EQUAL(size_t{1}, bye.size());
    CPPUNIT_ASSERT_EQUAL(ann.toString(), bye[0].packet.to.toString());
  }
  // G09
  void steerNoAnswerByTheirVia() {
    begin(shipped().front());
    for (const char* forged :
         {";received=203.0.113.9", ";rport=9", ";received=203.0.113.9;rport=9", ";maddr=239.1.1.1;ttl=255", ";alias", ";maddr=203.0.113.9",
          ";ttl=255", ";received=\"203.0.113.9\"", ";received=203.0.113.9;received=203.0.113.10", ";keep;alias;rport=1;ttl=1"}) {
      std::string request = octets({"OPTIONS", "sip:192.0.2.1", "<sip:x@y>", "<sip:192.0.2.1>"});
      request.replace(request.find(";rport"), 6, forged);
      const auto from = at("192.0.2.10:5060");
      const std::string reply = answer(request, from);
      const int code = statusOf(reply);
      CPPUNIT_ASSERT_MESSAGE(forged, code == 200 || code == 400);
      CPPUNIT_ASSERT_MESSAGE(reply, code == 400 || reply.find("received=203") == reply.npos);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StrangersTest);

}  // namespace Patchbay::Testsuite
