#include <cppunit/extensions/HelperMacros.h>

#include "HttpUpgrade.h"
#include "StreamServer.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Settings = Testsuite::FakeHost::SettingsMap;
using Testsuite::StreamServer;

namespace {

constexpr unsigned char Text = 1, Binary = 2, Continuation = 0, CloseFrame = 8, Ping = 9;

/// A client's frame, masked.
std::string frame(unsigned char opcode, const std::string& payload, bool fin = true, bool masked = true) {
  std::string octets(1, static_cast<char>((fin ? 0x80 : 0) | opcode));
  const size_t bit = masked ? 0x80 : 0;
  if (payload.size() < 126) {
    octets += static_cast<char>(bit | payload.size());
  } else {
    octets += static_cast<char>(bit | 126);
    octets += static_cast<char>(payload.size() >> 8);
    octets += static_cast<char>(payload.size());
  }
  const std::string mask = masked ? "mask" : std::string(4, '\0');
  if (masked) octets += mask;
  for (size_t i = 0; i < payload.size(); ++i) octets += static_cast<char>(payload[i] ^ mask[i % 4]);
  return octets;
}

std::string closeOf(int code) {
  return {static_cast<char>(0x88), 2, static_cast<char>(code >> 8), static_cast<char>(code)};
}

/// The example of RFC 6455, 1.3, for SIP; `without` leaves a line out, `with` puts one in.
std::string upgrade(const std::string& without = "", const std::string& with = "") {
  std::string head = "GET /sip HTTP/1.1\r\n";
  for (const std::string line : {"Host: 127.0.0.1", "Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13",
                                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: chat, sip"})
    if (without.empty() || !line.starts_with(without)) head += line + "\r\n";
  return head + with + "\r\n";
}

Settings listening(Settings more = {}) {
  more.emplace("listen", "ws:127.0.0.1:8080");
  return more;
}

struct Client {
  explicit Client(StreamServer& server) : server(server), peer(server.connect("192.0.2.1:40001", "127.0.0.1:8080")) {
    const auto answer = server.exchange(peer, upgrade());
    CPPUNIT_ASSERT(answer.starts_with("HTTP/1.1 101 "));
  }
  std::string exchange(const std::string& octets) { return server.exchange(peer, octets); }
  StreamServer& server;
  StreamServer::Peer peer;
};

}  // namespace

class WebSocketTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(WebSocketTest);
  CPPUNIT_TEST(upgradesAndTalks);
  CPPUNIT_TEST(talksWhateverThePieces);
  CPPUNIT_TEST(refusesBadUpgrades);
  CPPUNIT_TEST(refusesForeignOrigins);
  CPPUNIT_TEST(closesASlowUpgrade);
  CPPUNIT_TEST(closesUnmaskedFrames);
  CPPUNIT_TEST(closesBrokenFrames);
  CPPUNIT_TEST(putsFragmentsTogether);
  CPPUNIT_TEST(closesFragmentsForEver);
  CPPUNIT_TEST(closesHugeMessagesWithoutMemory);
  CPPUNIT_TEST(answersPingsAndClosesFloods);
  CPPUNIT_TEST(answersKeepAlives);
  CPPUNIT_TEST(closesWithTheClient);
  CPPUNIT_TEST(closesAMessageThatIsNeverWhole);
  CPPUNIT_TEST(sendsOctetsThatAreNoTextAsBinary);
  CPPUNIT_TEST(opensNoConnections);
  CPPUNIT_TEST_SUITE_END();

 public:
  void upgradesAndTalks() {
    StreamServer server(listening());
    server.answerAll();
    const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:8080");
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"),
                         server.exchange(peer, upgrade()));
    const auto reply = server.reply(200);
    CPPUNIT_ASSERT_EQUAL(std::string("\x81") + static_cast<char>(reply.size()) + reply,
                         server.exchange(peer, frame(Text, server.request("hello"))));
    CPPUNIT_ASSERT_EQUAL(server.request("hello"), server.heard.at(0).octets);
    CPPUNIT_ASSERT(server.heard[0].flow.protocol() == Transport::Protocol::ws);
    // RFC 7118, 5.3: Content-Length may be missing
    server.exchange(peer, frame(Binary, "OPTIONS sip:x SIP/2.0\r\n\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("OPTIONS sip:x SIP/2.0\r\n\r\n"), server.heard.at(1).octets);
  }
  void talksWhateverThePieces() {
    StreamServer server(listening());
    const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:8080");
    for (const char c : upgrade()) server.exchange(peer, std::string(1, c));
    for (const char c : frame(Text, server.request(std::string(200, 'x')))) server.exchange(peer, std::string(1, c));
    CPPUNIT_ASSERT_EQUAL(server.request(std::string(200, 'x')), server.heard.at(0).octets);
    server.exchange(peer, frame(Text, server.request("1")) + frame(Text, server.request("2")));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, server.heard.size());
  }
  // B33
  void refusesBadUpgrades() {
    const auto status = [](const std::string& octets) {
      StreamServer server(listening());
      const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:8080");
      const auto answer = server.exchange(peer, octets);
      CPPUNIT_ASSERT_MESSAGE(octets, peer->isEnded());
      CPPUNIT_ASSERT(server.heard.empty());
      return answer.substr(0, 12);
    };
    for (const char* line : {"Host", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, std::string("HTTP/1.1 400"), status(upgrade(line)));
    for (const char* line : {"Upgrade", "Connection", "Sec-WebSocket-Version"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(line, std::string("HTTP/1.1 426"), status(upgrade(line)));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 426"), status(upgrade("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8\r\n")));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 400"), status(upgrade("Sec-WebSocket-Key", "Sec-WebSocket-Key: short==\r\n")));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 400"), status(upgrade("", "Host: another\r\n")));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 400"), status(upgrade("Sec-WebSocket-Protocol", "Sec-WebSocket-Protocol: sipp\r\n")));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 405"), status("POST /sip HTTP/1.1\r\n\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 505"), status("GET /sip HTTP/1.0\r\n\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 505"), status(StreamServer::request()));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 505"), status(upgrade() + frame(Text, "too early")));
    CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 505"), status(std::string(9000, 'x')));
  }
  // B33
  void refusesForeignOrigins() {
    StreamServer server(listening({{"ws_origins", "https://phone.example.org"}}));
    const auto answer = [&](const std::string& line) {
      return server.exchange(server.connect("192.0.2.1:40001", "127.0.0.1:8080"), upgrade("", line)).substr(9, 3);
    };
    CPPUNIT_ASSERT_EQUAL(std::string("101"), answer("Origin: https://phone.example.org\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("403"), answer("Origin: https://evil.example\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("403"), answer(""));
  }
  void closesASlowUpgrade() {
    StreamServer server(listening());
    const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:8080");
    server.exchange(peer, "GET / HTTP/1.1\r\n");
    server.pass(4s);
    CPPUNIT_ASSERT(peer->isClosed());
  }
  // B33
  void closesUnmaskedFrames() {
    StreamServer server(listening());
    Client client(server);
    CPPUNIT_ASSERT_EQUAL(closeOf(1002), client.exchange(frame(Text, server.request(), true, false)));
    CPPUNIT_ASSERT(server.heard.empty());
    CPPUNIT_ASSERT(client.peer->isEnded());
  }
  // B33
  void closesBrokenFrames() {
    for (const std::string& octets :
         {std::string("\xf1\x80mask", 6), std::string("\x83\x80mask", 6), frame(Continuation, "x")}) {
      StreamServer server(listening());
      Client client(server);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(octets, closeOf(1002), client.exchange(octets).substr(0, 4));
      CPPUNIT_ASSERT(client.peer->isEnded());
    }
    StreamServer lengthy(listening());
    Client teller(lengthy);
    CPPUNIT_ASSERT(teller.exchange(frame(Ping, std::string(126, 'x'))).starts_with("\x88"));  // wslay names no code here
    CPPUNIT_ASSERT(teller.peer->isEnded());
    StreamServer halved(listening());
    Client half(halved);
    CPPUNIT_ASSERT(half.exchange(frame(Ping, "x", false)).starts_with("\x88"));
    CPPUNIT_ASSERT(half.peer->isEnded());
    StreamServer server(listening());
    Client client(server);
    CPPUNIT_ASSERT_EQUAL(closeOf(1007), client.exchange(frame(Text, "\xff\xfe")));
  }
  void putsFragmentsTogether() {
    StreamServer server(listening());
    Client client(server);
    const auto whole = server.request("hello");
    client.exchange(frame(Text, whole.substr(0, 10), false) + frame(Continuation, whole.substr(10, 20), false));
    CPPUNIT_ASSERT(server.heard.empty());
    client.exchange(frame(Ping, "x") + frame(Continuation, whole.substr(30)));
    CPPUNIT_ASSERT_EQUAL(whole, server.heard.at(0).octets);
  }
  // B33
  void closesFragmentsForEver() {
    StreamServer server(listening());
    Client client(server);
    std::string got = client.exchange(frame(Text, "x", false));
    for (int i = 0; i < 1000 && !client.peer->isEnded(); ++i) got += client.exchange(frame(Continuation, "", false));
    CPPUNIT_ASSERT(client.peer->isEnded());
    CPPUNIT_ASSERT_EQUAL(closeOf(1008), got);
  }
  // B33
  void closesHugeMessagesWithoutMemory() {
    StreamServer server(listening());
    Client client(server);
    CPPUNIT_ASSERT_EQUAL(closeOf(1009), client.exchange(std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask", 14) + "begin"));
    Client other(server);
    std::string got = other.exchange(frame(Text, std::string(60000, 'x'), false));
    got += other.exchange(frame(Continuation, std::string(60000, 'x'), false));
    CPPUNIT_ASSERT_EQUAL(closeOf(1009), got);
  }
  // B33
  void answersPingsAndClosesFloods() {
    StreamServer server(listening());
    Client client(server);
    CPPUNIT_ASSERT_EQUAL(std::string("\x8a\x05hello"), client.exchange(frame(Ping, "hello")));
    for (int i = 0; i < 1000; ++i) {
      server.pass(20s);
      CPPUNIT_ASSERT_EQUAL(std::string("\x8a\x01x"), client.exchange(frame(Ping, "x")));
    }
    std::string flood, got;
    for (int i = 0; i < 1000; ++i) flood += frame(Ping, "x");
    got = client.exchange(flood);
    CPPUNIT_ASSERT(got.ends_with(closeOf(1008)) && got.size() < 1000);
    CPPUNIT_ASSERT(client.peer->isEnded());
  }
  void answersKeepAlives() {
    StreamServer server(listening());
    Client client(server);
    CPPUNIT_ASSERT_EQUAL(std::string("\x81\x02\r\n"), client.exchange(frame(Text, "\r\n\r\n")));
    CPPUNIT_ASSERT_EQUAL(std::string(), client.exchange(frame(Text, "\r\n")));
    CPPUNIT_ASSERT(server.heard.empty());
  }
  void closesWithTheClient() {
    StreamServer server(listening());
    Client client(server);
    CPPUNIT_ASSERT_EQUAL(closeOf(1001), client.exchange(frame(CloseFrame, std::string("\x03\xe9", 2)) + frame(Text, server.request())));
    CPPUNIT_ASSERT(server.heard.empty());
    CPPUNIT_ASSERT(client.peer->isEnded());
    server.pass(1s);
    CPPUNIT_ASSERT(client.peer->isClosed());
  }
  // B10
  void closesAMessageThatIsNeverWhole() {
    StreamServer server(listening());
    Client client(server);
    client.exchange(frame(Text, server.request()).substr(0, 20));
    server.pass(4s);
    CPPUNIT_ASSERT(client.peer->isClosed());
  }
  void sendsOctetsThatAreNoTextAsBinary() {
    StreamServer server(listening());
    Client client(server);
    client.exchange(frame(Text, server.request()));
    server.plugin.send(server.heard.at(0).flow, "SIP/2.0 200 \xff\r\n\r\n");
    server.turn();
    CPPUNIT_ASSERT(client.peer->take().starts_with("\x82"));
    server.plugin.send(server.heard.at(0).flow, std::string(300, 'x'));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(std::string("\x81\x7e\x01\x2c") + std::string(300, 'x'), client.peer->take());
  }
  // RFC 7118: a browser cannot be connected to
  void opensNoConnections() {
    StreamServer server(listening());
    CPPUNIT_ASSERT(!server.plugin.send(server.flow("127.0.0.9:80"), server.request()));
    CPPUNIT_ASSERT(server.streams().opened.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketTest);
