#include <cppunit/extensions/HelperMacros.h>

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include <Poco/TemporaryFile.h>

#include "DigestAnswer.h"
#include "Patterns.h"
#include "TestPaths.h"
#include "World.h"
#include "patchbay/log/Setup.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

namespace {

/// What is logged while it lives, everything, by a file.
class Logged {
 public:
  Logged() : _before(::dup(STDERR_FILENO)) {
    const int file = ::open(_file.path().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
    Log::Settings all;
    all.level = Log::Level::trace;
    Log::apply(all);
  }
  ~Logged() {
    Log::flush(10s);
    ::dup2(_before, STDERR_FILENO);
    ::close(_before);
    Log::apply(Log::Settings());
  }
  std::string text() {
    CPPUNIT_ASSERT(Log::flush(10s));
    std::ostringstream text;
    text << std::ifstream(_file.path(), std::ios::binary).rdbuf();
    return text.str();
  }

 private:
  Poco::TemporaryFile _file;
  int _before;
};

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

}  // namespace

/// What hostile clients try, against the whole server.
class AbuseTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AbuseTest);
  CPPUNIT_TEST(keepsSecretsOutOfTheLog);
  CPPUNIT_TEST(writesOneLineAMinuteAboutScanners);
  CPPUNIT_TEST(looksTheSameWhoeverIsAskedFor);
  CPPUNIT_TEST(survivesCredentialsCutAtEveryOctet);
  CPPUNIT_TEST(livesThroughMalformedScans);
  CPPUNIT_TEST(takesNoCredentialsFromWhereNoneBelong);
  CPPUNIT_TEST(takesOddNamesForNames);
  CPPUNIT_TEST(logsOneLineAnEvent);
  CPPUNIT_TEST(keepsItsTables);
  CPPUNIT_TEST_SUITE_END();

  const Runtime::Endpoint client = *Runtime::Endpoint::parse("192.0.2.10:5060");
  std::unique_ptr<World> world;
  Captures captures;
  int serial = 0;

  void start(std::map<std::string, std::string> defines = {}) {
    World::Settings settings;
    settings.configuration = sourceFolder() + "/testsuite/world/test/abuse.xml";
    settings.defines = std::move(defines);
    settings.database = true;
    world = std::make_unique<World>(settings);
    world->start();
    add("joe", "quite-secret");
  }
  int run(const std::string& name, const std::map<std::string, std::string>& arguments) {
    int status = 0;
    for (const auto& bundle : world->server().bundles())
      for (const auto& operation : bundle.declaration.operations)
        if (operation.name == name) std::thread([&] { status = operation.run(arguments).status; }).join();
    return status;
  }
  void add(const std::string& user, const std::string& password) {
    CPPUNIT_ASSERT_EQUAL(201, run("add", {{"user", user + "@example.org"}, {"password", password}}));
  }
  /// Sends it, and gives what has come back within 100 ms; notes the nonce.
  std::string exchange(const std::string& octets, const Runtime::Endpoint& from) {
    world->take();
    world->send(from, world->listener(), octets);
    world->runUntil(world->time() + 100ms);
    const auto sent = world->take();
    if (sent.empty()) return {};
    const std::string& text = sent.front().packet.octets;
    const auto at = text.find("nonce=\"");
    if (at != std::string::npos) captures["n"] = text.substr(at + 7, text.find('"', at + 7) - at - 7);
    return text;
  }
  std::string exchange(const std::string& octets) { return exchange(octets, client); }
  std::string request(const std::string& user, const std::vector<std::string>& more = {}, const std::string& body = {}) {
    const std::string number = std::to_string(++serial);
    std::vector<std::string> lines{"REGISTER sip:example.org SIP/2.0",
                                   "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK" + number,
                                   "From: <sip:" + user + "@example.org>;tag=" + number,
                                   "To: <sip:" + user + "@example.org>",
                                   "Call-ID: c" + number,
                                   "CSeq: " + number + " REGISTER",
                                   "Contact: <sip:" + user + "@192.0.2.10>"};
    lines.insert(lines.end(), more.begin(), more.end());
    lines.push_back("Content-Length: " + std::to_string(body.size()));
    std::string text;
    for (const auto& line : withDigests(lines, captures)) text += line + "\r\n";
    return text + "\r\n" + body;
  }
  static std::string credentials(const std::string& user, const std::string& password) {
    return "{digest user=" + user + " password=" + password + " nonce=n uri=sip:example.org}";
  }
  static int statusOf(const std::string& reply) { return reply.size() < 11 ? 0 : std::stoi(reply.substr(8, 3)); }
  int registers(const std::string& user, const std::string& password) {
    CPPUNIT_ASSERT_EQUAL(401, statusOf(exchange(request(user))));
    return statusOf(exchange(request(user, {"Authorization: " + credentials(user, password)})));
  }
  bool alive() { return registers("joe", "quite-secret") == 200; }

 public:
  void tearDown() override { world.reset(); }

  // F25
  void keepsSecretsOutOfTheLog() {
    Logged logged;
    start();
    CPPUNIT_ASSERT(alive());
    CPPUNIT_ASSERT_EQUAL(401, registers("joe", "also-secret"));
    CPPUNIT_ASSERT_EQUAL(200, run("passwd", {{"user", "joe@example.org"}, {"password", "changed-secret"}}));
    world->database().set(VirtualDatabase::Mode::fails);
    CPPUNIT_ASSERT_EQUAL(503, registers("ann", "more-secret"));
    const std::string text = logged.text();
    CPPUNIT_ASSERT(text.find("the scenario says so") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, count(text, "-secret"));
    CPPUNIT_ASSERT(!hasPattern(text, "[0-9a-f]{32}"));
  }
  // G30
  void writesOneLineAMinuteAboutScanners() {
    Logged logged;
    start();
    for (int i = 0; i < 300; ++i) {
      const auto from = Runtime::Endpoint::parse("198.51.100." + std::to_string(i % 100) + ":5060");
      exchange(request("100", {"User-Agent: friendly-scanner"}), *from);
      world->runUntil(world->time() + 300ms);
    }
    world->runUntil(world->time() + 3min);
    CPPUNIT_ASSERT_EQUAL(300.0, world->metric("guard_dropped_total"));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, count(logged.text(), "scans, guesses and floods in the last minute"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, count(logged.text(), "friendly-scanner"));
  }
  // F04, G31: status, header names, sizes, time
  void looksTheSameWhoeverIsAskedFor() {
    start();
    const auto reaction = [&](const std::string& user, const std::string& password) {
      registers(user, password);
      world->take();
      const auto began = world->time();
      world->send(client, world->listener(), request(user, {"Authorization: " + credentials(user, password)}));
      world->runUntil(world->time() + 5s);
      const auto sent = world->take();
      CPPUNIT_ASSERT_EQUAL(size_t{1}, sent.size());
      std::string text = replaced(sent[0].packet.octets, "nonce=\"[^\"]*\"|tag=[0-9a-f]+|Incident [0-9a-f]+", "#");
      text = replaced(text, "(branch=z9hG4bK|Call-ID: c|CSeq: )[0-9]+", "$1");
      return replaced(text, "sip:(joe|bob)", "sip:user") + std::to_string(sent[0].packet.octets.size()) + " " +
             std::to_string((sent[0].at - began).count());
    };
    serial = 100;  // numbers of one length
    const std::string known = reaction("joe", "wrong"), unknown = reaction("bob", "wrong");
    CPPUNIT_ASSERT_EQUAL(known, unknown);
    CPPUNIT_ASSERT(known.find("401 Unauthorized") != std::string::npos);
  }
  // F21, A33
  void survivesCredentialsCutAtEveryOctet() {
    start({{"failures", "100000"}});
    exchange(request("joe"));
    const std::string whole = withDigests({"REGISTER", credentials("joe", "quite-secret")}, captures)[1];
    for (size_t length = 0; length < whole.size(); ++length) {
      const int status = statusOf(exchange(request("joe", {"Authorization: " + whole.substr(0, length)})));
      const bool older =
          whole.substr(0, length).ends_with('"') || whole.substr(0, length).ends_with("MD5");  // whole without qop, but wrong
      CPPUNIT_ASSERT_MESSAGE(whole.substr(0, length), status == 401 || status == 400 || (older && status == 403));
    }
    const auto elsewhere = *Runtime::Endpoint::parse("192.0.2.11:5060");
    CPPUNIT_ASSERT_EQUAL(401, statusOf(exchange(request("joe"), elsewhere)));
    CPPUNIT_ASSERT_EQUAL(200, statusOf(exchange(request("joe", {"Authorization: " + credentials("joe", "quite-secret")}), elsewhere)));
  }
  // G33
  void livesThroughMalformedScans() {
    start();
    const std::string good = request("100", {"User-Agent: friendly-scanner", "Authorization: Digest username=\"100\""});
    for (size_t at = 0; at < good.size(); ++at)
      for (const char octet : {'\0', '\r', '\n', '"', '\xff', ':', '%'}) {
        std::string bad = good;
        bad[at] = octet;
        exchange(bad, *Runtime::Endpoint::parse("198.51.100.66:5060"));
      }
    for (size_t length = 0; length < good.size(); ++length)
      exchange(good.substr(0, length), *Runtime::Endpoint::parse("198.51.100.67:5060"));
    CPPUNIT_ASSERT(alive());
  }
  // G11, G10
  void takesNoCredentialsFromWhereNoneBelong() {
    start();
    exchange(request("joe"));
    const std::string header = "Authorization: " + withDigests({"REGISTER", credentials("joe", "quite-secret")}, captures)[1];
    const auto hidden = [&](const std::vector<std::string>& lines, const std::string& body = {}) {
      return statusOf(exchange(request("joe", lines, body)));
    };
    CPPUNIT_ASSERT_EQUAL(401, hidden({}, header + "\r\n"));
    CPPUNIT_ASSERT_EQUAL(401, hidden({"Content-Type: multipart/mixed;boundary=b"}, "--b\r\n" + header + "\r\n\r\nx\r\n--b--\r\n"));
    CPPUNIT_ASSERT_EQUAL(401, hidden({"Content-Type: message/sip"}, "REGISTER sip:example.org SIP/2.0\r\n" + header + "\r\n\r\n"));
    CPPUNIT_ASSERT(hidden({"X: y\r\r\n" + header}) != 200);
    CPPUNIT_ASSERT(hidden({"X-" + header}) == 401);
    CPPUNIT_ASSERT(hidden({"Proxy-" + header}) == 401);
    CPPUNIT_ASSERT(hidden({"Subject: x\n " + header}) != 200);
    CPPUNIT_ASSERT_EQUAL(200, hidden({"aUtHoRiZaTiOn :" + header.substr(14)}));
  }
  // G23, G20
  void takesOddNamesForNames() {
    start();
    for (const char* name : {"..", "../../etc/passwd", "%25s%25n%25x", "$(reboot)", "a&b=c", "x;y", "it's", "DROP/*TABLE*/"}) {
      std::string plain;
      CPPUNIT_ASSERT(Parser::unescape(name, plain));
      if (plain.find_first_of(":\" ") != std::string::npos) continue;
      add(plain, "quite-secret");
      exchange(request(name));
      const int status = statusOf(exchange(request(name, {"Authorization: " + credentials(plain, "quite-secret")})));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 200, status);
    }
    CPPUNIT_ASSERT_EQUAL(8.0, world->metric("usrloc_contacts"));
    CPPUNIT_ASSERT(alive());
  }
  // G22
  void logsOneLineAnEvent() {
    Logged logged;
    start();
    const std::string hostile = "a\x1b[2J\x07\\r\\n%0d%0ab\xe2\x80\xae";
    exchange(request("joe", {"User-Agent: " + hostile}));
    exchange(request("joe", {"Subject: " + std::string("x\0y", 3)}));
    exchange("REGISTER sip:example.org SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: x\x1b\r\n\r\n");
    world->database().set(VirtualDatabase::Mode::fails);
    exchange(request("joe"));
    std::string text = withDigests({"REGISTER", credentials("joe", "x")}, captures)[1];
    exchange(request("joe", {"Authorization: " + text, "Call-ID: " + std::string(100, 'y')}));
    exchange(request("joe", {"Authorization: " + text}));
    const std::string log = logged.text();
    CPPUNIT_ASSERT(!log.empty());
    for (const char octet : log) CPPUNIT_ASSERT(octet == '\n' || octet == '\t' || static_cast<unsigned char>(octet) >= 0x20);
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
      CPPUNIT_ASSERT_MESSAGE(line, hasPattern(line, "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T"));
      CPPUNIT_ASSERT(line.size() < 16384);
    }
  }
  // G20, F13
  void keepsItsTables() {
    start({{"failures", "100000"}});
    for (const char* name : {"x'; DROP TABLE subscriber; --", "' OR '1'='1", "joe' --", "joe\\\\", "%", "_oe", "joe\";x=\"", "j%6fe"}) {
      exchange(request("joe"));
      const std::string answer = "Digest username=\"" + std::string(name) + "\", realm=\"example.org\", nonce=\"" + captures["n"] +
                                 "\", uri=\"sip:example.org\", response=\"" + std::string(32, '0') + "\"";
      const int status = statusOf(exchange(request("joe", {"Authorization: " + answer})));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 401, status);
    }
    CPPUNIT_ASSERT_EQUAL(200, run("user.list", {}));
    CPPUNIT_ASSERT_EQUAL(200, run("user.show", {{"user", "joe@example.org"}}));
    CPPUNIT_ASSERT(alive());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AbuseTest);

}  // namespace Patchbay::Testsuite
