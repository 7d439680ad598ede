
#include "Callers.h"
#include "Patterns.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// Who proves who he is, who only says so, and under which names he may go.
class IdentityTest : public Callers {
  CPPUNIT_TEST_SUITE(IdentityTest);
  CPPUNIT_TEST(isProvedByEachAlgorithmWithAndWithoutQop);
  CPPUNIT_TEST(isProvedOnceByOneResponse);
  CPPUNIT_TEST(isNotProvedByANonceThatIsNotOurs);
  CPPUNIT_TEST(isProvedForOneUri);
  CPPUNIT_TEST(isProvedForOurRealmOnly);
  CPPUNIT_TEST(isNobodysByAnOddName);
  CPPUNIT_TEST(isOnesOwnInWhateverOneSends);
  CPPUNIT_TEST(isAnothersWhenTheTableSaysSo);
  CPPUNIT_TEST(isTheUrisNotTheDisplayNames);
  CPPUNIT_TEST(survivesWhateverCredentialsLookLike);
  CPPUNIT_TEST(isToldToNobody);
  CPPUNIT_TEST(isKnownForAWhileWithoutTheDatabase);
  CPPUNIT_TEST(belongsToADomainOfOurs);
  CPPUNIT_TEST_SUITE_END();

  const std::string rules = "testsuite/scenarios/config/auth-rules.xml";
  const Runtime::Endpoint joe = at("192.0.2.10:5060");
  const std::string self = "<sip:joe@example.org>", uri = "sip:example.org";

  void begin(std::map<std::string, std::string> defines = {}) {
    defines.emplace("algorithms", "MD5");
    defines.emplace("failures", "100000");
    defines.emplace("source_failures", "100000");
    start(rules, defines, {}, true);
    add("joe@example.org", "secret");
  }
  /// A new nonce.
  void challenge(const Runtime::Endpoint& from) { CPPUNIT_ASSERT_EQUAL(401, status({"REGISTER", uri, self, self}, from)); }
  std::string reply(const std::string& credentials, const Runtime::Endpoint& from) {
    return answer(octets({"REGISTER", uri, self, self, {credentials}}), from);
  }
  /// The header as it goes out.
  std::string header(const std::string& more = "") {
    return withDigests({"REGISTER", proof("Authorization", "joe", "example.org", "secret", uri, more)}, captures)[1];
  }
  bool alive() {
    const auto from = stranger();
    challenge(from);
    return statusOf(reply(header(), from)) == 200;
  }

 public:
  // F03
  void isProvedByEachAlgorithmWithAndWithoutQop() {
    begin({{"algorithms", "MD5, SHA-256, SHA-512-256"}});
    for (const char* algorithm : {"MD5", "SHA-256", "SHA-512-256"})
      for (const char* qop : {"", " qop=no"}) {
        const auto from = stranger();
        const std::string offer = answer(octets({"REGISTER", uri, self, self}), from);
        const auto strongest = offer.find("algorithm=SHA-512-256"), middle = offer.find("algorithm=SHA-256"),
                   weakest = offer.find("algorithm=MD5");
        CPPUNIT_ASSERT(strongest < middle && middle < weakest && weakest != offer.npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(algorithm, 200, statusOf(reply(header(std::string(" algorithm=") + algorithm + qop), from)));
      }
  }
  // F06: used once it is of no use for another request, from the same address or another one, for another method or URI
  void isProvedOnceByOneResponse() {
    for (const char* bound : {"yes", "no"}) {
      begin({{"nonce_source", bound}});
      challenge(joe);
      const std::string used = header();
      CPPUNIT_ASSERT_EQUAL(200, statusOf(reply(used, joe)));
      for (const auto& from : {joe, stranger()}) {
        const std::string text = reply(used, from);
        CPPUNIT_ASSERT_MESSAGE(text, statusOf(text) == 401 && text.find("stale=true") != text.npos);
        CPPUNIT_ASSERT_EQUAL(407, status({"MESSAGE", uri, self, self, {"Proxy-" + used}}, from));
        CPPUNIT_ASSERT_EQUAL(407, status({"OPTIONS", "sip:joe@example.org", self, self, {"Proxy-" + used}}, from));
        CPPUNIT_ASSERT_EQUAL(401, status({"REGISTER", "sip:example.org;x=y", self, self, {used}}, from));
      }
      CPPUNIT_ASSERT_EQUAL(1.0, world->metric("auth_accepted_total"));
    }
  }
  // F08: altered in any octet; of another realm
  void isNotProvedByANonceThatIsNotOurs() {
    begin({{"domains", "example.org, example.net"}});
    add("joe@example.net", "secret");
    challenge(joe);
    const std::string good = captures["n"];
    for (size_t at = 0; at < good.size(); ++at) {
      captures["n"] = good;
      captures["n"][at] = good[at] == 'A' ? 'B' : 'A';
      const std::string text = reply(header(), joe);
      CPPUNIT_ASSERT_MESSAGE(text, statusOf(text) == 401 && text.find("stale") == text.npos);
    }
    captures["n"] = good;
    const std::string other = "<sip:joe@example.net>";
    CPPUNIT_ASSERT_EQUAL(
        401,
        status({"REGISTER", "sip:example.net", other, other, {proof("Authorization", "joe", "example.net", "secret", "sip:example.net")}},
               joe));
    CPPUNIT_ASSERT_EQUAL(0.0, world->metric("auth_accepted_total"));
    captures["n"] = good;
    CPPUNIT_ASSERT_EQUAL(200, statusOf(reply(header(), joe)));
  }
  // F11
  void isProvedForOneUri() {
    begin();
    const auto invites = [&](const std::string& proved) {
      const auto from = stranger();
      CPPUNIT_ASSERT_EQUAL(407, status({"MESSAGE", "sip:ann@example.org", self, self}, from));
      std::string credentials = withDigests(
          {"MESSAGE", proof("Proxy-Authorization", "joe", "example.org", "secret", proved.empty() ? "x" : proved)}, captures)[1];
      if (proved.empty()) credentials.replace(credentials.find("uri=\"x\""), 7, "uri=\"\"");
      return status({"MESSAGE", "sip:ann@example.org", self, self, {credentials}}, from);
    };
    for (const char* same : {"sip:ann@example.org", "sip:ann@EXAMPLE.ORG", "sip:%61nn@example.org", "SIP:ann@example.org"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(same, 404, invites(same));  // authenticated; she is not at home
    for (const char* other :
         {"", "*", "ann", "/", "tel:1", "sip:Ann@example.org", "sip:bob@example.org", "sip:example.org", "sips:ann@example.org",
          "sip:ann@example.org:5070", "sip:ann@example.org;maddr=192.0.2.9", "sip:ann@example.net"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(other, 407, invites(other));
  }
  // F12, F22: a realm in other letters, foreign, empty or missing; several headers; credentials that no challenge of ours was for
  void isProvedForOurRealmOnly() {
    begin();
    challenge(joe);
    const std::string good = header();
    const auto with = [&](const std::string& realm) { return replaced(good, "realm=\"example.org\"", realm); };
    for (const char* realm :
         {"realm=\"Example.org\"", "realm=\"elsewhere\"", "realm=\"\"", "x=\"\"", "realm=\"example.org.\"", "realm=example.org"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(realm, 401, statusOf(reply(with(realm), joe)));
    const std::string foreign =
        "Authorization: Digest username=\"joe\", realm=\"elsewhere\", nonce=\"never\", uri=\"sip:example.org\", response=\"" +
        std::string(32, '0') + "\"";
    std::string never = good;
    never.replace(never.find("nonce=\"") + 7, captures["n"].size(), "0123456789abcdef");
    for (const auto& text : {foreign, never}) {
      const std::string answered = reply(text, joe);
      CPPUNIT_ASSERT(statusOf(answered) == 401 && answered.find("stale") == answered.npos);
    }
    CPPUNIT_ASSERT_EQUAL(0.0, world->metric("auth_failed_total"));  // no password was wrong
    challenge(joe);
    CPPUNIT_ASSERT_EQUAL(200, statusOf(reply(foreign + "\r\n" + header() + "\r\n" + foreign, joe)));
  }
  // F13
  void isNobodysByAnOddName() {
    begin();
    using namespace std::string_literals;
    for (const std::string& name : {"username=\"\""s,
                                    "username=\"j\roe\""s,
                                    "username=\"j\noe\""s,
                                    "username=\"j\r\n oe\""s,
                                    "username=\"joe\r\n\""s,
                                    "username=\"j\0oe\""s,
                                    "username=\"joe\0\""s,
                                    "username=\"j\"oe\""s,
                                    "username=\"j\\\"oe\""s,
                                    "username=\"" + std::string(255, 'x') + "\"",
                                    "username=\"" + std::string(1800, 'x') + "\"",
                                    "username=\"" + std::string(6000, 'x') + "\"",
                                    "username=\"j\xc3\xb6rg\""s,
                                    "username=\"\xff\xfe\""s,
                                    "username*=UTF-8''joe"s,
                                    "username=\"joe@elsewhere\""s,
                                    "username=\"joe@\""s,
                                    "username=\"@example.org\""s,
                                    "username=\"joe@example.org@example.org\""s,
                                    "username=\"JOE\""s,
                                    "username=\" joe\""s,
                                    "username=\"joe'--\""s}) {
      const auto from = stranger();
      challenge(from);
      std::string text = header();
      text.replace(text.find("username=\"joe\""), 14, name);
      const auto sent = send(octets({"REGISTER", uri, self, self, {text}}), from);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, size_t{1}, sent.size());
      const int code = statusOf(sent[0].packet.octets);
      CPPUNIT_ASSERT_MESSAGE(name + std::to_string(code), code == 400 || code == 401 || code == 513);
    }
    CPPUNIT_ASSERT_EQUAL(0.0, world->metric("auth_accepted_total"));
    CPPUNIT_ASSERT(alive());
  }
  // F15: From, and what asks whom we trust to show another name (RFC 3325)
  void isOnesOwnInWhateverOneSends() {
    for (const auto& configuration : shipped()) {
      start(configuration);
      const std::string& domain = configuration.domain;
      const std::string own = "<sip:joe@" + domain + ">", another = "<sip:ann@" + domain + ">";
      for (const char* user : {"joe", "ann"}) add(user + ("@" + domain), "secret");
      const auto sends = [&](const std::string& method, const std::string& from, const Texts& more) {
        const auto source = stranger();
        const bool registers = method == "REGISTER";
        const std::string target = "sip:" + std::string(registers ? "" : "ann@") + domain;
        const std::string to = registers ? own : another;
        status({method, target, from, to, more}, source);
        Texts lines = more;
        lines.push_back(proof(registers ? "Authorization" : "Proxy-Authorization", "joe", domain, "secret", target));
        return status({method, target, from, to, lines}, source);
      };
      for (const char* method : {"INVITE", "MESSAGE", "SUBSCRIBE", "REGISTER"}) {
        const int good = std::string(method) == "REGISTER" ? 200 : 404;  // nobody is at home
        CPPUNIT_ASSERT_EQUAL_MESSAGE(configuration.file, good, sends(method, own, {}));
        CPPUNIT_ASSERT_EQUAL(good, sends(method, own, {"P-Preferred-Identity: \"Joe\" " + own}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(configuration.file + method, 403, sends(method, another, {}));
        for (const auto& preferred :
             Texts{another, "\"x\" " + another, "<sip:ann@elsewhere.example>", "<tel:+15551234>", own + ", " + another, own + ", <tel:+1>",
                   "", "<sip:" + domain + ">", own + ",", "<sip:joe@" + domain + ">, <sip:joe@elsewhere>"})
          CPPUNIT_ASSERT_EQUAL_MESSAGE(configuration.file + method + preferred, 403,
                                       sends(method, own, {"P-Preferred-Identity: " + preferred}));
        CPPUNIT_ASSERT_EQUAL(403, sends(method, own, {"P-Preferred-Identity: " + own, "p-preferred-identity : " + another}));
      }
    }
  }
  // F15: permitted
  void isAnothersWhenTheTableSaysSo() {
    start("testsuite/scenarios/config/gateway-rules.xml", {{"use_table", "yes"}});
    add("joe@example.org", "secret");
    const auto writes = [&](const std::string& from, const Texts& more) {
      const auto source = stranger();
      status({"MESSAGE", "sip:joe@example.org", from, self}, source);
      Texts lines = more;
      lines.push_back(proof("Proxy-Authorization", "joe", "example.org", "secret", "sip:joe@example.org"));
      return status({"MESSAGE", "sip:joe@example.org", from, self, lines}, source);
    };
    const std::string number = "<sip:4711@example.org>";
    CPPUNIT_ASSERT_EQUAL(403, writes(number, {}));
    CPPUNIT_ASSERT_EQUAL(200, run("uri.add", {{"user", "joe@example.org"}, {"name", "4711"}}));
    CPPUNIT_ASSERT_EQUAL(480, writes(number, {}));
    CPPUNIT_ASSERT_EQUAL(480, writes(number, {"P-Preferred-Identity: " + number}));
    CPPUNIT_ASSERT_EQUAL(480, writes(number, {"P-Preferred-Identity: " + self}));
    CPPUNIT_ASSERT_EQUAL(403, writes(number, {"P-Preferred-Identity: <sip:4712@example.org>"}));
  }
  // F16
  void isTheUrisNotTheDisplayNames() {
    using namespace std::string_literals;
    start("conf/patchbay.xml");
    add("joe@192.0.2.1", "secret");
    const auto writes = [&](const std::string& from) {
      const auto source = stranger();
      status({"MESSAGE", "sip:ann@192.0.2.1", "<sip:joe@192.0.2.1>", "<sip:ann@192.0.2.1>"}, source);
      const auto sent = send(octets({"MESSAGE",
                                     "sip:ann@192.0.2.1",
                                     from,
                                     "<sip:ann@192.0.2.1>",
                                     {proof("Proxy-Authorization", "joe", "192.0.2.1", "secret", "sip:ann@192.0.2.1")}}),
                             source);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(from, size_t{1}, sent.size());
      return statusOf(sent[0].packet.octets);
    };
    for (const char* mine : {"\"Ann <sip:ann@192.0.2.1>\" <sip:joe@192.0.2.1>", "\"a;b\\\"<sip:ann@192.0.2.1>\" <sip:joe@192.0.2.1>",
                             "\"<>\" <sip:joe@192.0.2.1>", "<sip:%6Aoe@192.0.2.1>"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(mine, 404, writes(mine));  // joe's; ann is not at home
    for (const std::string& another :
         {"\"joe <sip:joe@192.0.2.1>\" <sip:ann@192.0.2.1>"s, "\"\\\"<sip:joe@192.0.2.1>\" <sip:ann@192.0.2.1>"s,
          "<sip:ann@192.0.2.1>;x=\"<sip:joe@192.0.2.1>\""s, "<sip:ann;joe@192.0.2.1>"s, "<sip:ann:joe@192.0.2.1>"s,
          "<sip:joe%00ann@192.0.2.1>"s, "<sip:joe;ann@192.0.2.1>"s, "<sip:joe%3Bann@192.0.2.1>"s, "sip:ann@192.0.2.1"s})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(another, 403, writes(another));
    for (const std::string& none :
         {"\"A\0\" <sip:joe@192.0.2.1>"s, "<sip:joe\0@192.0.2.1>"s, "A <sip:ann@192.0.2.1> <sip:joe@192.0.2.1>"s, "\"A\" <>"s, "<>"s,
          "\"A <sip:joe@192.0.2.1>"s, "<<sip:joe@192.0.2.1>>"s, "<sip:joe@192.0.2.1><sip:ann@192.0.2.1>"s})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(none, 400, writes(none));
  }
  // F20, F21, F23: at the server what DigestTest shows of the reader; F21 at every octet is AbuseTest's
  void survivesWhateverCredentialsLookLike() {
    begin();
    challenge(joe);
    const std::string good = header();
    const std::string response = good.substr(good.find("response=\"") + 10, 32);
    const auto with = [&](const std::string& part, const std::string& by) {
      std::string text = good;
      return text.replace(text.find(part), part.size(), by);
    };
    std::string upper = response;
    for (auto& c : upper) c = static_cast<char>(std::toupper(c));
    Texts all{"Authorization: Digest",
              "Authorization:",
              "Authorization: ,",
              "Authorization: Digest ,",
              "Authorization: Bearer abc",
              "Authorization: Basic am9lOng=",
              "Authorization: NTLM",
              "Authorization: Digestusername=\"joe\"",
              good + ", username=\"joe\"",
              good + ", response=\"" + response + "\"",
              good + "\r\n" + good,
              with("username=\"joe\"", "username"),
              with("username=\"joe\"", "username=")};
    for (const auto& wrong :
         {std::string(), response.substr(1), response + "0", response + response, upper, std::string(32, 'g'), std::string(4000, 'a')})
      all.push_back(with(response, wrong));
    std::string many = good;
    for (int i = 0; i < 1000; ++i) many += ",x=1";
    all.push_back(many);
    for (const auto& text : all) {
      const auto sent = send(octets({"REGISTER", uri, self, self, {text}}), stranger());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, size_t{1}, sent.size());
      const int code = statusOf(sent[0].packet.octets);
      CPPUNIT_ASSERT_MESSAGE(text + "\n" + std::to_string(code), code == 400 || code == 401 || code == 513);
      CPPUNIT_ASSERT(code != 401 || sent[0].packet.octets.find("WWW-Authenticate: Digest") != std::string::npos);
      const auto called = send(octets({"MESSAGE", "sip:ann@example.org", self, self, {"Proxy-" + text}}), stranger());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, size_t{1}, called.size());
      CPPUNIT_ASSERT(statusOf(called[0].packet.octets) == 400 || statusOf(called[0].packet.octets) == 407 ||
                     statusOf(called[0].packet.octets) == 513);
    }
    challenge(joe);
    std::string folded = header();
    folded.replace(folded.find(", realm"), 2, ",\r\n\t");
    CPPUNIT_ASSERT_EQUAL(200, statusOf(reply(folded, joe)));
  }
  // F25: whatever an operator may ask for
  void isToldToNobody() {
    begin({{"store_passwords", "yes"}});
    CPPUNIT_ASSERT(alive());
    size_t asked = 0;
    std::string all;
    for (const auto& bundle : world->server().bundles())
      for (const auto& operation : bundle.declaration.operations) {
        if (operation.method != "GET" || operation.name == "transactions") continue;  // that one asks a worker: here nobody would answer
        ++asked;
        all += tell(operation, {{"user", "joe@example.org"}, {"alias", "joe"}, {"id", "1"}, {"name", "x"}, {"incident", "1"}});
      }
    CPPUNIT_ASSERT(asked > 5 && all.find("joe") != all.npos);
    CPPUNIT_ASSERT_MESSAGE(all, all.find("secret") == all.npos);
    CPPUNIT_ASSERT_MESSAGE(all, !hasPattern(all, "[0-9a-f]{32}"));
  }
  // J05, J06, for users: who was seen lately goes on, others are told in time, nobody else waits, and it ends by itself
  void isKnownForAWhileWithoutTheDatabase() {
    for (const auto mode : {VirtualDatabase::Mode::fails, VirtualDatabase::Mode::silent}) {
      begin();
      add("ann@example.org", "secret");
      CPPUNIT_ASSERT_EQUAL(200, registers("joe", "example.org", "secret", joe));
      world->database().set(mode);
      CPPUNIT_ASSERT_EQUAL(200, registers("joe", "example.org", "secret", joe));
      const auto from = stranger();
      const std::string her = "<sip:ann@example.org>";
      CPPUNIT_ASSERT_EQUAL(401, status({"REGISTER", uri, her, her}, from));
      const std::string request = octets({"REGISTER", uri, her, her, {proof("Authorization", "ann", "example.org", "secret", uri)}});
      auto sent = send(request, from, 1ms);
      CPPUNIT_ASSERT_EQUAL(mode == VirtualDatabase::Mode::fails ? size_t{1} : size_t{0}, sent.size());
      CPPUNIT_ASSERT_EQUAL(200, status({"OPTIONS", "sip:192.0.2.1", self, self}, stranger()));  // while she waits
      if (sent.empty()) {
        world->runUntil(world->time() + 5s);
        sent = world->take();
      }
      CPPUNIT_ASSERT_EQUAL(size_t{1}, sent.size());
      CPPUNIT_ASSERT_EQUAL(503, statusOf(sent[0].packet.octets));
      world->database().set(VirtualDatabase::Mode::answers);
      CPPUNIT_ASSERT_EQUAL(200, registers("ann", "example.org", "secret", stranger()));
    }
  }
  // E08
  void belongsToADomainOfOurs() {
    for (const auto& configuration : shipped()) {
      start(configuration);
      add("joe@" + configuration.domain, "secret");
      const std::string target = "sip:" + configuration.domain, own = "<sip:joe@" + configuration.domain + ">";
      for (const char* to :
           {"<sip:joe@elsewhere.example>", "<sip:elsewhere.example>", "<tel:+15551234>", "<mailto:joe@example.org>", "<urn:service:sos>"}) {
        const int code = status({"REGISTER", target, own, to, {"Contact: <sip:joe@192.0.2.10>"}}, stranger());
        CPPUNIT_ASSERT_MESSAGE(configuration.file + to + std::to_string(code), code == 404 || code == 400);
      }
      CPPUNIT_ASSERT_EQUAL(404, status({"REGISTER", target, own, "<sip:" + configuration.domain + ">"}, stranger()));
      const auto registers = [&](const std::string& to) {
        const auto source = stranger();
        CPPUNIT_ASSERT_EQUAL(401, status({"REGISTER", target, own, to}, source));
        return status({"REGISTER",
                       target,
                       own,
                       to,
                       {proof("Authorization", "joe", configuration.domain, "secret", target), "Contact: <sip:joe@198.51.100.1>"}},
                      source);
      };
      CPPUNIT_ASSERT_EQUAL(403, registers("<sip:ann@" + configuration.domain + ">"));
      CPPUNIT_ASSERT_EQUAL(0.0, world->metric("usrloc_contacts", {{"table", "location"}}));
      CPPUNIT_ASSERT_EQUAL(200, registers(own));
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdentityTest);

}  // namespace Patchbay::Testsuite
