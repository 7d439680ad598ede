#include "Callers.h"
#include "Traffic.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// Where users get the server to send, by what they register and what they call.
class TargetsTest : public Callers {
  CPPUNIT_TEST_SUITE(TargetsTest);
  CPPUNIT_TEST(contactsAtTheGatewayAreRefusedPerBranch);
  CPPUNIT_TEST(requestsInDialogsReachNoOtherNumberOfTheGateway);
  CPPUNIT_TEST(thisMachineIsNoTarget);
  CPPUNIT_TEST_SUITE_END();

  const Runtime::Endpoint joe = at("192.0.2.10:5060"), ann = at("192.0.2.20:5060"), gateway = at("192.0.2.99:5060");

  static Scenario::Name name(const std::string& name, const std::string& address) {
    Scenario::Name made;
    made.name = name;
    made.record.address = *Runtime::IpAddress::parse(address);
    made.type = made.record.address.isV6() ? Resolver::NameServer::Type::aaaa : Resolver::NameServer::Type::a;
    return made;
  }
  /// A request of joe's with a nonce of its own; all that is sent for it.
  std::vector<World::Sent> proved(const std::string& method, const std::string& uri, const std::string& domain, const Texts& more = {}) {
    const std::string self = "<sip:joe@" + domain + ">", to = "<sip:ann@" + domain + ">";
    const auto from = stranger();
    CPPUNIT_ASSERT_EQUAL(407, status({method, "sip:ann@" + domain, self, to, more}, from));
    Texts lines = more;
    lines.push_back(proof("Proxy-Authorization", "joe", domain, "secret", uri));
    return send(octets({method, uri, self, to, lines}), from);
  }
  int registersAnn(const std::string& contact) {
    const std::string self = "<sip:ann@example.org>";
    CPPUNIT_ASSERT_EQUAL(401, status({"REGISTER", "sip:example.org", self, self}, ann));
    return status({"REGISTER",
                   "sip:example.org",
                   self,
                   self,
                   {"Contact: " + contact, proof("Authorization", "ann", "example.org", "secret", "sip:example.org")}},
                  ann);
  }
  void startGateway() {
    start("conf/examples/gateway-access.xml", {}, {name("trick.example.com", "192.0.2.99")});
    for (const char* user : {"joe", "ann"}) add(std::string(user) + "@example.org", "secret");
  }
  static size_t sentTo(const std::vector<World::Sent>& sent, const Runtime::IpAddress& address) {
    size_t count = 0;
    for (const auto& one : sent) count += one.packet.to.address == address ? 1 : 0;
    return count;
  }

 public:
  // REQ 48, G04: "a user who registers a contact at the gateway is refused per branch", and is called at his telephone all the same
  void contactsAtTheGatewayAreRefusedPerBranch() {
    size_t kept = 0;
    for (const std::string contact :
         {"<sip:00015551234@192.0.2.99>", "<sip:00015551234@192.0.2.99:5060>", "<sip:%30001@192.0.2.99>", "<sip:192.0.2.99>",
          "<sip:0@192.0.2.99:5070>", "<sip:ann@192.0.2.99;user=phone>", "<sip:+1555@192.0.2.99;transport=tcp>", "<sip:0@trick.example.com>",
          "<sip:0@192.0.2.20;maddr=192.0.2.99>", "<sip:0@[::ffff:192.0.2.99]>", "<sip:0@[::ffff:c000:263]>", "<sips:0@192.0.2.99>",
          "<sip:0@3221226083>", "<sip:0@192.0.2.99.>"}) {
      startGateway();
      if (registersAnn(contact) == 200) ++kept;
      const auto alone = proved("INVITE", "sip:ann@example.org", "example.org");
      CPPUNIT_ASSERT_EQUAL_MESSAGE(contact, size_t{0}, sentTo(alone, gateway.address));
      CPPUNIT_ASSERT(!alone.empty() && statusOf(alone.back().packet.octets) >= 403);
      CPPUNIT_ASSERT_EQUAL(200, registersAnn("<sip:ann@192.0.2.20>"));
      const auto both = proved("INVITE", "sip:ann@example.org", "example.org");
      CPPUNIT_ASSERT_EQUAL_MESSAGE(contact, size_t{0}, sentTo(both, gateway.address));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(contact, size_t{1}, sentTo(both, ann.address));
    }
    CPPUNIT_ASSERT(kept > 5);  // the branch is where most of them fail
  }
  // REQ 50, G04: "an in-dialog request whose Request-URI was swapped for a guarded number is refused"
  void requestsInDialogsReachNoOtherNumberOfTheGateway() {
    startGateway();
    CPPUNIT_ASSERT_EQUAL(200, registersAnn("<sip:ann@192.0.2.20>"));
    CPPUNIT_ASSERT_EQUAL(200, run("acl.grant", {{"user", "joe@example.org"}, {"groups", "local"}}));
    for (const auto& [uri, callee] : {std::pair{"sip:ann@example.org", ann}, std::pair{"sip:05551234@example.org", gateway}}) {
      const auto ringing = proved("INVITE", uri, "example.org");
      CPPUNIT_ASSERT_EQUAL(size_t{2}, ringing.size());
      CPPUNIT_ASSERT_EQUAL(callee.toString(), ringing[1].packet.to.toString());
      const std::string invite = ringing[1].packet.octets;
      send(answerTo(invite, "200 OK"), callee);
      const auto inDialog = [&](const std::string& method, const std::string& target, bool back) {
        const std::string number = std::to_string(++serial);
        std::string here = headersOf(invite, {"From"}).substr(6), there = headersOf(answerTo(invite, "200 OK"), {"To"}).substr(4);
        if (back) std::swap(here, there);
        return method + " " + target + " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;rport;branch=z9hG4bK" + number + "\r\n" +
               headersOf(invite, {"Call-ID"}) + "CSeq: " + number + " " + method + "\r\nFrom: " + here + "To: " + there + "Route" +
               headersOf(invite, {"Record-Route"}).substr(12) + "Content-Length: 0\r\n\r\n";
      };
      for (const char* method : {"INVITE", "REFER"})
        for (const bool back : {false, true})  // by the callee too
          for (const char* target : {"sip:00015551234@192.0.2.99", "sip:00715551234@192.0.2.99", "sip:+15551234@192.0.2.99:5060",
                                     "sip:%30%30015551234@192.0.2.99", "sip:0001@trick.example.com", "sip:0001@192.0.2.20;maddr=192.0.2.99",
                                     "sip:0001@[::ffff:192.0.2.99]", "sips:0001@192.0.2.99", "sip:0001@192.0.2.99;transport=tcp"}) {
            const auto from = stranger();
            const auto sent = send(inDialog(method, target, back), from);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, size_t{1}, sent.size());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, from.toString(), sent[0].packet.to.toString());
            const int code = statusOf(sent[0].packet.octets);
            CPPUNIT_ASSERT_MESSAGE(target + std::to_string(code), code == 403 || code == 416);
          }
      const auto honest = send(inDialog("INVITE", callee == ann ? "sip:ann@192.0.2.20" : "sip:05551234@192.0.2.99", false), stranger());
      CPPUNIT_ASSERT_EQUAL(size_t{2}, honest.size());
      CPPUNIT_ASSERT_EQUAL(size_t{1}, sentTo(honest, callee.address));
      send(answerTo(honest[1].packet.octets, "200 OK"), callee);
    }
  }
  // G06: by an address in any spelling, or by a name
  void thisMachineIsNoTarget() {
    Texts hosts{"0.0.0.0",
                "[::]",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "127.0.0.1",
                "127.1.2.3",
                "127.1",
                "127.0.0.1.",
                "localhost",
                "LOCALHOST.",
                "x.localhost",
                "2130706433",
                "0x7f000001",
                "0x7f.0.0.1",
                "0177.0.0.1",
                "017700000001",
                "127.0.0.1:5088",
                "224.0.0.1",
                "255.255.255.255",
                "[ff02::1]",
                "0.0.0.1",
                "169.254.169.254",
                "[fe80::1]",
                "[fe80::1%25eth0]",
                "10.1.1.7",
                "192.168.1.7:5060",
                "172.16.0.1",
                "[fd00::1]",
                "[::ffff:10.1.1.7]"};
    std::vector<Scenario::Name> names;
    for (const char* address : {"127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "224.0.0.1", "255.255.255.255",
                                "10.1.1.7", "192.168.1.7", "fd00::1", "169.254.169.254", "fe80::1"}) {
      names.push_back(name("n" + std::to_string(names.size()) + ".evil.example", address));
      hosts.push_back(names.back().name);
    }
    for (const char* configuration : {"conf/patchbay.xml", "conf/examples/open-network.xml"}) {
      const std::string domain = std::string(configuration) == "conf/patchbay.xml" ? "192.0.2.1" : "example.org";
      start(configuration, {}, names);
      add("joe@" + domain, "secret");
      for (const auto& host : hosts)
        for (const auto& uri : Texts{"sip:x@" + host, "sip:" + host}) {
          const auto sent = proved("MESSAGE", uri, domain);
          for (const auto& one : sent)
            CPPUNIT_ASSERT_MESSAGE(configuration + (" " + uri) + "\n" + one.packet.to.toString() + " " + one.packet.octets,
                                   one.packet.to.address.toString().rfind("198.51.", 0) == 0);
          CPPUNIT_ASSERT_MESSAGE(uri, !sent.empty() && statusOf(sent.back().packet.octets) >= 400);
        }
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TargetsTest);

}  // namespace Patchbay::Testsuite
