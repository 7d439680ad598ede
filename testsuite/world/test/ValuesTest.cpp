#include <algorithm>
#include <set>

#include "Callers.h"
#include "Traffic.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// What clients write stays what it is, a value, wherever the rules put it: headers, replies, Request-URIs, the log, tables.
class ValuesTest : public Callers {
  CPPUNIT_TEST_SUITE(ValuesTest);
  CPPUNIT_TEST(breakOutOfNoLine);
  CPPUNIT_TEST(areRemovedInEverySpelling);
  CPPUNIT_TEST(becomeNoHeadersFromElsewhere);
  CPPUNIT_TEST(belongToTheirMessageOfAStream);
  CPPUNIT_TEST(areOneLineOfTheLog);
  CPPUNIT_TEST(areNoFormatsCommandsOrPaths);
  CPPUNIT_TEST(areKeptInTablesAsTheyAre);
  CPPUNIT_TEST_SUITE_END();

  const std::string rules = "testsuite/world/test/values.xml";
  const Runtime::Endpoint eve = at("192.0.2.66:5060"), phone = at("192.0.2.20:5060");
  const std::string self = "<sip:eve@example.org>";

  /// The names of a message's header lines, as anybody would read them who takes a lone CR or LF for the end of a line too.
  static std::set<std::string> names(const std::string& octets) {
    std::set<std::string> found;
    std::string line;
    for (const char c : octets.substr(0, octets.find("\r\n\r\n")) + "\n") {
      if (c != '\r' && c != '\n') {
        line += c;
        continue;
      }
      found.insert(line.substr(0, line.find(':')));
      line.clear();
    }
    return found;
  }
  static std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
      char hex[4];
      std::snprintf(hex, sizeof hex, "%%%02x", static_cast<unsigned char>(c));
      out += std::isalnum(static_cast<unsigned char>(c)) ? std::string(1, c) : std::string(hex);
    }
    return out;
  }
  void assertClean(const World::Sent& sent, const std::string& what) {
    const std::string& text = sent.packet.octets;
    CPPUNIT_ASSERT_MESSAGE(what + "\n" + text, !names(text).count("Evil") && !names(text).count(" Evil"));
    CPPUNIT_ASSERT_MESSAGE(what + "\n" + text, text.find("\r\n\r\n") != text.npos && text.find('\0') == text.npos);
    CPPUNIT_ASSERT_MESSAGE(what, sent.packet.to == eve || sent.packet.to == phone);
  }

 public:
  // G12: raw (folded), escaped, as two characters, and in letters that become line ends when somebody cuts them to octets
  void breakOutOfNoLine() {
    start(rules);
    const Texts breaks{"\r\n", "\r",   "\n",       "\n\r",         "\r\n\r\n",         "\r\n ",  "\0\r\n"s, "\x0b",
                       "\x0c", "\x85", "\xc2\x85", "\xe2\x80\xa8", "\xc4\x8d\xc4\x8a", "\\r\\n", "%0d%0a",  "%250d%250a"};
    const Texts places{"sl_send_reply", "t_reply",         "www_challenge", "proxy_challenge", "redirect",     "redirect_uri",
                       "redirect_user", "append_branch",   "append_hf",     "append_whole",    "append_urihf", "rewriteuri",
                       "rewriteuser",   "rewriteuserpass", "rewritehost",   "rewritehostport", "prefix",       "next_hop"};
    size_t reached = 0, refused = 0;
    for (const auto& place : places)
      for (const auto& end : breaks)
        for (const std::string from : {"user", "caller", "subject", "body"}) {
          const std::string value = "a" + end + "Evil: b";
          Message message{"MESSAGE", "sip:x@example.org", self, "<sip:x@example.org>", {"X-To: " + place, "X-From: " + from}};
          if (from == "user") message.uri = "sip:" + escaped(value) + "@example.org";
          if (from == "caller") message.from = "<sip:" + escaped(value) + "@example.org>";
          if (from == "subject") message.more.push_back("Subject: a" + end + " Evil: b");  // a folded line, where it is one
          if (from == "body") message.body = value;
          const auto sent = send(octets(message), eve, 1ms);
          for (const auto& one : sent) {
            assertClean(one, place + " " + from + " " + escaped(end));
            ++(one.packet.to == phone ? reached : refused);
            if (one.packet.to == phone) send(answerTo(one.packet.octets, "200 OK"), phone, 1ms);
          }
        }
    CPPUNIT_ASSERT(reached > 50 && refused > 500);  // of 1152; what is harmless goes through
  }
  // G10: what the rules take away does not reach the next hop in any spelling
  void areRemovedInEverySpelling() {
    start(rules);
    size_t reached = 0, refused = 0;
    const auto tried = [&](const std::string& lines) {
      const auto sent = send(octets({"MESSAGE", "sip:x@example.org", self, "<sip:x@example.org>", {"X-To: remove", lines}}), eve, 1ms);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(lines, size_t{1}, sent.size());
      const std::string& text = sent[0].packet.octets;
      if (sent[0].packet.to == eve) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(lines, 400, statusOf(text));
        CPPUNIT_ASSERT(text.find("<sip:boss") == text.npos);
        ++refused;
      } else {
        CPPUNIT_ASSERT_MESSAGE(text, text.find("sip:boss") == text.npos);
        ++reached;
        send(answerTo(text, "200 OK"), phone, 1ms);
      }
    };
    for (const std::string name :
         {"P-Asserted-Identity", "p-asserted-identity", "P-ASSERTED-IDENTITY", "p-aSsErTeD-iDeNtItY", "Subject", "s", "S"})
      for (const std::string& colon :
           {":"s, " :"s, "\t:"s, " \t :"s, "\r\n :"s, "\x0b:"s, "\x0c:"s, "\xa0:"s, "\xc2\xa0:"s, "\0:"s, "\x7f:"s, "\r:"s, "\n:"s, "::"s})
        for (const std::string& value : {"<sip:boss@h>"s, " <sip:boss@h>"s, "\r\n <sip:boss@h>"s, "\r\n\t<sip:boss@h>\r\n ,<sip:boss@h>"s,
                                         " <sip:boss@h>\r\n" + name + ": <sip:boss@h>", "x\r\nX: y\r\n" + name + " : <sip:boss@h>"}) {
          if (colon == "::" && name.size() == 1) continue;
          tried(name + colon + value);
        }
    tried("x: y\r\nP-Asserted-Identity: <sip:boss@h>");
    CPPUNIT_ASSERT(reached > 100 && refused > 100);
  }
  // G11: URI parameters, URI headers, bodies, parts of bodies, what stands behind something like an empty line
  void becomeNoHeadersFromElsewhere() {
    start(rules);
    const std::string evil = "P-Asserted-Identity: <sip:boss@h>", inUri = "P-Asserted-Identity=%3Csip:boss@h%3E";
    const auto relayed = [&](const Message& message) {
      const auto sent = send(octets(message), eve, 1ms);
      for (const auto& one : sent) {
        if (one.packet.to == phone) send(answerTo(one.packet.octets, "200 OK"), phone, 1ms);
        CPPUNIT_ASSERT_MESSAGE(one.packet.octets, !names(one.packet.octets).count("P-Asserted-Identity"));
      }
      return !sent.empty() && sent[0].packet.to == phone;
    };
    const Texts more{"X-To: none"};
    CPPUNIT_ASSERT(relayed({"MESSAGE", "sip:x@example.org", self, "<sip:x@example.org>", more, evil + "\r\n"}));
    CPPUNIT_ASSERT(relayed({"MESSAGE",
                            "sip:x@example.org",
                            self,
                            "<sip:x@example.org>",
                            {"X-To: none", "Content-Type: multipart/mixed;boundary=b"},
                            "--b\r\n" + evil + "\r\n\r\nx\r\n--b--\r\n"}));
    for (const auto& uri : {"sip:x@example.org?" + inUri, "sip:x@example.org;a=b?" + inUri, "sip:x@example.org;" + inUri})
      relayed({"MESSAGE", uri, self, "<sip:x@example.org>", more});
    for (const auto& address :
         {"<sip:x@example.org?" + inUri + ">", "<sip:x@example.org>;" + inUri, "\"" + evil + "\" <sip:x@example.org>"}) {
      relayed({"MESSAGE", "sip:x@example.org", address, "<sip:x@example.org>", more});
      relayed({"MESSAGE", "sip:x@example.org", self, address, {"X-To: none", "Contact: " + address}});
    }
    for (const auto& between : {"\r\r\n", "\n\r\n", "\n\n", "\r\n \r\n ", "\r\r", "\r\n\r\n", "\r\n\t\r\n "})
      relayed({"MESSAGE", "sip:x@example.org", self, "<sip:x@example.org>", {"X-To: none", std::string("Y: z") + between + evil}});
  }
  // G11: credentials in the message behind it, or in what would be one for who counts otherwise
  void belongToTheirMessageOfAStream() {
    start("testsuite/scenarios/config/auth-rules.xml", {{"algorithms", "MD5"}});
    add("eve@example.org", "secret");
    CPPUNIT_ASSERT_EQUAL(401, status({"REGISTER", "sip:example.org", self, self}, eve));
    const auto byStream = [&](std::string text) {
      for (auto at = text.find("SIP/2.0/UDP"); at != text.npos; at = text.find("SIP/2.0/UDP")) text.replace(at, 11, "SIP/2.0/TCP");
      world->take();
      world->sendByStream(eve, world->listener(true), text);
      world->runUntil(world->time() + 100ms);
      std::string codes;
      for (const auto& one : world->take()) codes += std::to_string(statusOf(one.packet.octets)) + " ";
      return codes;
    };
    const std::string proved = proof("Authorization", "eve", "example.org", "secret", "sip:example.org");
    const std::string header = withDigests({"REGISTER", proved}, captures)[1];
    const Message naked{"REGISTER", "sip:example.org", self, self};
    CPPUNIT_ASSERT_EQUAL("401 200 "s, byStream(octets(naked) + octets({"OPTIONS", "sip:192.0.2.1", self, self, {header}})));
    CPPUNIT_ASSERT_EQUAL("200 401 "s, byStream(octets({"OPTIONS", "sip:192.0.2.1", self, self, {header}}) + octets(naked)));
    Message body = naked;
    body.body = octets({"REGISTER", "sip:example.org", self, self, {header}});
    CPPUNIT_ASSERT_EQUAL("401 "s, byStream(octets(body)));
    CPPUNIT_ASSERT_EQUAL(0.0, world->metric("auth_accepted_total"));
    CPPUNIT_ASSERT_EQUAL(0.0, world->metric("usrloc_contacts"));
    CPPUNIT_ASSERT_EQUAL("200 "s, byStream(octets({"REGISTER", "sip:example.org", self, self, {header}})));
  }
  // G22: line ends, escape sequences, NUL, marks of direction, 60 kB
  void areOneLineOfTheLog() {
    Logged logged;
    start(rules);
    const Texts values{"a\r\n2026-01-01T00:00:00.000Z error forged: line",
                       "a\nb",
                       "a\rb",
                       "\x1b[2J\x1b]0;title\x07",
                       "a\0b"s,
                       "gnp.\xe2\x80\xae"
                       "exe",
                       "\xe2\x81\xa6x\xe2\x81\xa9",
                       "\xe2\x80\xa8z",
                       "\xc2\x9b"
                       "31m",
                       "\xff\xfe",
                       "\" level=error \"",
                       "a=b c=\"d\"",
                       std::string(60000, 'y')};
    size_t said = 0;
    for (const auto& value : values)
      for (const std::string from : {"user", "body"}) {
        if (from == "user" && value.size() > 600) continue;
        Message message{"MESSAGE", "sip:x@example.org", self, "<sip:x@example.org>", {"X-To: log", "X-From: " + from}};
        if (from == "user") message.uri = "sip:MARK" + escaped(value) + "@example.org";
        if (from == "body") message.body = "MARK" + value;
        const auto sent = send(octets(message), eve, 1ms);
        said += sent.size() == 1 && statusOf(sent[0].packet.octets) == 200;
      }
    CPPUNIT_ASSERT_EQUAL(values.size() * 2 - 1, said);
    const std::string log = logged.text();
    size_t lines = 0;
    for (size_t at = 0, end; at < log.size(); at = end + 1) {
      end = log.find('\n', at);
      CPPUNIT_ASSERT(end != log.npos);
      const std::string line = log.substr(at, end - at);
      CPPUNIT_ASSERT_MESSAGE(line, line.size() > 24 && line[10] == 'T' && line[23] == 'Z');
      CPPUNIT_ASSERT_MESSAGE(line, line.find(" forged: ") == line.npos || line.find("rules: ") < line.find(" forged: "));
      CPPUNIT_ASSERT_MESSAGE(line, std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < '\x7f'; }));
      CPPUNIT_ASSERT(line.size() < 4096);
      lines += count(line, "MARK") ? 1 : 0;
    }
    CPPUNIT_ASSERT_EQUAL(said, lines);
    CPPUNIT_ASSERT(log.find("yyy...") != log.npos);
  }
  // G23
  void areNoFormatsCommandsOrPaths() {
    Logged logged;
    start(rules);
    for (const std::string value : {"%s%n%x%p", "%1$s%n", "$(reboot)", "`reboot`", "; rm -rf /", "| sh", "../../etc/passwd", "/dev/full",
                                    "${data}", "${uri.host}", "{0}", "\\1\\2"}) {
      for (const char* place : {"log", "append_hf", "sl_send_reply"}) {
        const auto sent = send(octets({"MESSAGE",
                                       "sip:" + escaped(value) + "@example.org",
                                       self,
                                       "<sip:x@example.org>",
                                       {std::string("X-To: ") + place, "X-From: user"}}),
                               eve, 1ms);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(value, size_t{1}, sent.size());
        const std::string& text = sent[0].packet.octets;
        if (std::string(place) == "append_hf") CPPUNIT_ASSERT_MESSAGE(text, text.find("\r\nX-Is: " + value + "\r\n") != text.npos);
        if (std::string(place) == "sl_send_reply") CPPUNIT_ASSERT_MESSAGE(text, text.rfind("SIP/2.0 404 No " + value + "\r\n", 0) == 0);
      }
      std::string logical = value;
      for (size_t at = 0; (at = logical.find('\\', at)) != logical.npos; at += 2) logical.insert(at, 1, '\\');
      CPPUNIT_ASSERT_MESSAGE(value, logged.text().find("rules: " + logical + " ") != std::string::npos);
    }
  }
  // G20: in user, Call-ID, tag, Contact, User-Agent, method and Reason; the domain cannot hold any
  void areKeptInTablesAsTheyAre() {
    start(rules, {{"db_mode", "1"}});
    const std::string sql = "x');DROP TABLE location;--", inUri = escaped(sql), inId = "'(SELECT/1)'", agent = sql + " \"' OR '1'='1";
    const auto registers = [&](const std::string& user, const std::string& domain, const std::string& method) {
      const std::string number = std::to_string(++serial), to = "<sip:" + user + "@" + domain + ">";
      const auto sent = send(method + " sip:example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.66;rport;branch=z9hG4bK" + number +
                                 "\r\nFrom: " + to + ";tag=1'or'1\r\nTo: " + to + "\r\nCall-ID: " + inId + number + "\r\nCSeq: 1 " +
                                 method + "\r\nContact: <sip:" + inUri + "@192.0.2.66;p='OR'1'>\r\nUser-Agent: " + agent +
                                 "\r\nReason: Q.850;cause=16;text=\"" + sql + "\"\r\nContent-Length: 0\r\n\r\n",
                             eve);
      CPPUNIT_ASSERT(!sent.empty());
      return sent[0].packet.to == phone ? 0 : statusOf(sent[0].packet.octets);
    };
    CPPUNIT_ASSERT_EQUAL(200, registers(inUri, "example.org", "REGISTER"));
    CPPUNIT_ASSERT_EQUAL(200, registers("joe", "example.org", "REGISTER"));
    registers("joe", "example.org", "DROP'TABLE");  // is relayed as any other method
    CPPUNIT_ASSERT_EQUAL(400, registers("joe", "exam'ple.org", "REGISTER"));
    world->stop();
    world->start();
    CPPUNIT_ASSERT_EQUAL(2.0, world->metric("usrloc_contacts", {{"table", "location"}}));
    std::string shown;
    for (const auto& bundle : world->server().bundles())
      for (const auto& operation : bundle.declaration.operations)
        if (operation.name == "ul.show") shown = tell(operation, {{"user", "sip:" + inUri + "@example.org"}});
    CPPUNIT_ASSERT_MESSAGE(shown, shown.find("sip:" + inUri + "@192.0.2.66;p='OR'1'") != shown.npos);
    CPPUNIT_ASSERT_MESSAGE(shown, shown.find("SELECT\\/1") != shown.npos || shown.find("DROP TABLE") != shown.npos);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ValuesTest);

}  // namespace Patchbay::Testsuite
