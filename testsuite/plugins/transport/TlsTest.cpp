#include <cppunit/extensions/HelperMacros.h>

#include "StreamServer.h"
#include "TestCertificates.h"
#include "TlsCodec.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Settings = Testsuite::FakeHost::SettingsMap;
using State = Transport::Codec::State;
using Side = Transport::TlsContexts::Side;
using Testsuite::StreamServer;
using Testsuite::TestCertificates;

namespace {

TestCertificates& certificates() {
  static TestCertificates made;
  return made;
}

std::string ours() {
  static const auto file = certificates().issue("server.pem", {.names = "DNS:sip.example.org"});
  return file;
}

Settings secure(Settings more = {}) {
  more.emplace("listen", "tls:127.0.0.1:5061");
  more.emplace("tls_certificate", ours());
  more.emplace("tls_ca", certificates().authority());
  return more;
}

/// The other end of a virtual connection: a client or a server of TLS.
struct TlsPeer {
  struct Wish {
    Side side = Side::client;
    std::string certificate = {};
    std::string authority = certificates().authority();
    std::string name = "sip.example.org";
    bool verify = true;
  };
  TlsPeer(StreamServer& server, StreamServer::Peer peer, const Wish& wish) : server(server), peer(std::move(peer)) {
    Transport::TlsOptions options;
    options.own = {wish.certificate, wish.certificate};
    options.authorities = wish.authority;
    options.verifyServers = wish.verify;
    codec = std::make_unique<Transport::TlsCodec>(std::make_shared<Transport::TlsContexts>(options), wish.side,
                                                  wish.side == Side::client ? &wish.name : nullptr);
    std::string wire;
    if (wish.side == Side::client) codec->begin(wire);
    talk(wire);
  }
  /// Until nobody has anything more to say.
  void talk(std::string wire) {
    for (int i = 0; i < 20; ++i) {
      peer->send(std::exchange(wire, {}));
      server.turn();
      const auto got = peer->take();
      if (got.empty()) return;
      state = codec->decode(got, heard, wire);
    }
  }
  std::string exchange(std::string_view plain) {
    std::string wire;
    heard.clear();
    codec->encode(plain, wire);
    talk(wire);
    return heard;
  }
  StreamServer& server;
  StreamServer::Peer peer;
  std::unique_ptr<Transport::TlsCodec> codec;
  State state = State::opening;
  std::string heard;
};

TlsPeer client(StreamServer& server, const TlsPeer::Wish& wish = {}) {
  return {server, server.connect("192.0.2.1:40001", "127.0.0.1:5061"), wish};
}

double failures(StreamServer& server, const char* why) {
  return server.host.value("transport_handshake_failures_total", {{"reason", why}});
}

}  // namespace

class TlsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TlsTest);
  CPPUNIT_TEST(talksToAClient);
  CPPUNIT_TEST(talksWhateverThePieces);
  CPPUNIT_TEST(closesWhoSaysNothing);
  CPPUNIT_TEST(closesWhoSaysLittle);
  CPPUNIT_TEST(makesFloodsOfHandshakesWait);
  CPPUNIT_TEST(refusesGarbage);
  CPPUNIT_TEST(refusesOldVersionsAndWeakCiphers);
  CPPUNIT_TEST(showsTheCertificateOfTheNameAskedFor);
  CPPUNIT_TEST(takesOnlyClientsThatProveThemselves);
  CPPUNIT_TEST(takesTheNameFromTheAlternativeNames);
  CPPUNIT_TEST(connectsToAServerThatProvesItsName);
  CPPUNIT_TEST(refusesServersThatDoNotProveTheirName);
  CPPUNIT_TEST(connectsToNobodyWithoutAName);
  CPPUNIT_TEST(keepsConnectionsOfNamesApart);
  CPPUNIT_TEST(tellsRequestsThatWaitForAHandshakeThatBreaks);
  CPPUNIT_TEST(takesNewCertificatesWithoutLosingConnections);
  CPPUNIT_TEST(refusesRenegotiationAndKeyUpdateStorms);
  CPPUNIT_TEST(saysWhatIsWrongWithACertificate);
  CPPUNIT_TEST_SUITE_END();

 public:
  void talksToAClient() {
    StreamServer server(secure());
    server.answerAll();
    auto peer = client(server);
    CPPUNIT_ASSERT(peer.state == State::open);
    CPPUNIT_ASSERT_EQUAL(server.reply(200), peer.exchange(server.request("hello")));
    CPPUNIT_ASSERT_EQUAL(server.request("hello"), server.heard.at(0).octets);
    CPPUNIT_ASSERT(server.heard[0].flow.protocol() == Transport::Protocol::tls);
    std::string wire;
    peer.codec->end(wire);
    peer.talk(wire);
    CPPUNIT_ASSERT(peer.peer->isClosed());
    CPPUNIT_ASSERT_EQUAL(0.0, server.open());
  }
  // A06, B02
  void talksWhateverThePieces() {
    StreamServer server(secure());
    server.answerAll();
    auto peer = client(server);
    std::string wire;
    peer.codec->encode(server.request(std::string(30000, 'x')) + server.request("two"), wire);
    for (size_t at = 0; at < wire.size(); at += 997) {
      peer.peer->send(wire.substr(at, 997));
      server.turn();
    }
    peer.talk({});
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.heard.size());
    CPPUNIT_ASSERT_EQUAL(server.request("two"), server.heard[1].octets);
  }
  // B23
  void closesWhoSaysNothing() {
    StreamServer server(secure());
    const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:5061");
    server.turn();
    server.pass(9999ms);
    CPPUNIT_ASSERT(!peer->isClosed());
    server.pass(1ms);
    CPPUNIT_ASSERT(peer->isClosed());
    CPPUNIT_ASSERT_EQUAL(1.0, failures(server, "time"));
  }
  // B23
  void closesWhoSaysLittle() {
    StreamServer server(secure());
    const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:5061");
    const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    for (size_t i = 0; i < 10; ++i) {
      CPPUNIT_ASSERT(!peer->isClosed());
      peer->send(hello.substr(i, 1));
      server.turn();
      server.pass(1s);
    }
    CPPUNIT_ASSERT(peer->isClosed());
  }
  // B24
  void makesFloodsOfHandshakesWait() {
    StreamServer server(secure({{"handshake_rate", "10"}}));
    std::vector<StreamServer::Peer> peers;
    for (int i = 0; i < 30; ++i) peers.push_back(server.connect(("192.0.2.1:" + std::to_string(1000 + i)).c_str(), "127.0.0.1:5061"));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(2.0, server.open());
    for (int i = 0; i < 100; ++i) server.turn();
    CPPUNIT_ASSERT_EQUAL(1.0, server.refused("rate"));  // it is not asked in every turn
    server.pass(1s);
    CPPUNIT_ASSERT(server.open() >= 9 && server.open() <= 13);
  }
  // B25
  void refusesGarbage() {
    for (const std::string& octets :
         {StreamServer::request(), std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", 11) + std::string(37, 'x'),
          std::string(100, '\0'), std::string("\x16\x03\x01\xff\xff") + std::string(100, 'x')}) {
      StreamServer server(secure());
      const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:5061");
      server.exchange(peer, octets);
      CPPUNIT_ASSERT_MESSAGE(octets, peer->isClosed());
      CPPUNIT_ASSERT(server.heard.empty());
      CPPUNIT_ASSERT_EQUAL(1.0, server.ended("handshake"));
    }
    StreamServer server(secure());
    server.exchange(server.connect("192.0.2.1:40001", "127.0.0.1:5061"), StreamServer::request());
    CPPUNIT_ASSERT_EQUAL(1.0, failures(server, "garbage"));
  }
  // B25
  void refusesOldVersionsAndWeakCiphers() {
    for (const bool old : {true, false}) {
      StreamServer server(secure());
      const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
      SSL_CTX_set_max_proto_version(context.get(), old ? TLS1_1_VERSION : TLS1_2_VERSION);
      SSL_CTX_set_min_proto_version(context.get(), 0);
      SSL_CTX_set_security_level(context.get(), 0);
      CPPUNIT_ASSERT_EQUAL(1, SSL_CTX_set_cipher_list(context.get(), old ? "ALL:@SECLEVEL=0" : "NULL:AES128-SHA:@SECLEVEL=0"));
      SSL* connection = SSL_new(context.get());
      SSL_set_bio(connection, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
      SSL_set_connect_state(connection);
      SSL_do_handshake(connection);
      char* octets = nullptr;
      const long length = BIO_get_mem_data(SSL_get_wbio(connection), &octets);
      const auto peer = server.connect("192.0.2.1:40001", "127.0.0.1:5061");
      const auto answer = server.exchange(peer, std::string(octets, static_cast<size_t>(length)));
      SSL_free(connection);
      CPPUNIT_ASSERT(peer->isClosed());
      CPPUNIT_ASSERT(answer.starts_with("\x15\x03"));  // an alert
      CPPUNIT_ASSERT_EQUAL(1.0, failures(server, old ? "version" : "cipher"));
    }
  }
  void showsTheCertificateOfTheNameAskedFor() {
    const auto other = certificates().issue("other.pem", {.names = "DNS:other.example.net"});
    StreamServer server(secure({{"tls_domains", "Other.example.net=" + other}}));
    CPPUNIT_ASSERT(client(server, {.name = "other.example.net"}).state == State::open);
    CPPUNIT_ASSERT(client(server, {.name = "sip.example.org"}).state == State::open);
    CPPUNIT_ASSERT(client(server, {.name = "unknown.example.com"}).state == State::failed);
  }
  // B26
  void takesOnlyClientsThatProveThemselves() {
    auto& issuer = certificates();
    TestCertificates stranger;
    const auto good = issuer.issue("good.pem", {.names = "DNS:trunk.example.com"});
    const auto revoked = issuer.issue("revoked.pem", {.names = "DNS:trunk.example.com"});
    const auto list = issuer.revokeLast();
    const auto settings = secure({{"tls_mutual", "tls:127.0.0.1:5061"}, {"tls_clients", "trunk.example.com"}, {"tls_crl", list}});
    const auto talks = [&](const std::string& certificate) {
      StreamServer server(settings);
      server.answerAll();
      auto peer = client(server, {.certificate = certificate});
      const bool answered = peer.exchange(server.request()) == server.reply(200);
      CPPUNIT_ASSERT_EQUAL(answered ? 0.0 : 1.0, server.ended("handshake"));
      CPPUNIT_ASSERT_EQUAL(answered ? size_t{1} : size_t{0}, server.heard.size());
      return answered;
    };
    CPPUNIT_ASSERT(talks(good));
    CPPUNIT_ASSERT_MESSAGE("none", !talks(""));
    CPPUNIT_ASSERT_MESSAGE("revoked", !talks(revoked));
    CPPUNIT_ASSERT_MESSAGE("expired",
                           !talks(issuer.issue("expired.pem", {.names = "DNS:trunk.example.com", .from = -7200, .until = -3600})));
    CPPUNIT_ASSERT_MESSAGE("not yet", !talks(issuer.issue("early.pem", {.names = "DNS:trunk.example.com", .from = 3600, .until = 7200})));
    CPPUNIT_ASSERT_MESSAGE("other name", !talks(issuer.issue("wrong.pem", {.names = "DNS:other.example.com"})));
    CPPUNIT_ASSERT_MESSAGE("other authority", !talks(stranger.issue("stranger.pem", {.names = "DNS:trunk.example.com"})));
    CPPUNIT_ASSERT_MESSAGE("by itself", !talks(issuer.issue("self.pem", {.names = "DNS:trunk.example.com", .selfSigned = true})));
  }
  // B26: RFC 5922, 7.1
  void takesTheNameFromTheAlternativeNames() {
    const auto settings = secure({{"tls_mutual", "tls:127.0.0.1:5061"}, {"tls_clients", "trunk.example.com"}});
    const auto talks = [&](const TestCertificates::Wish& wish) {
      StreamServer server(settings);
      server.answerAll();
      return client(server, {.certificate = certificates().issue("named.pem", wish)}).exchange(server.request()) == server.reply(200);
    };
    CPPUNIT_ASSERT(!talks({.names = "DNS:other.example.com", .commonName = "trunk.example.com"}));
    CPPUNIT_ASSERT(talks({.names = "", .commonName = "trunk.example.com"}));
    CPPUNIT_ASSERT(talks({.names = "DNS:other.example.com,URI:sip:trunk.example.com"}));
    CPPUNIT_ASSERT(talks({.names = "DNS:Trunk.Example.COM"}));
    CPPUNIT_ASSERT(!talks({.names = "URI:sip:joe@trunk.example.com"}));
    CPPUNIT_ASSERT(!talks({.names = "DNS:*.example.com"}));
    CPPUNIT_ASSERT(!talks({.names = "DNS:trunk.example.com.evil.example"}));
  }
  // B27
  void connectsToAServerThatProvesItsName() {
    StreamServer server(secure());
    auto flow = server.flow("127.0.0.9:5061");
    flow.connection = server.plugin.wayTo("GW.example.net.");
    CPPUNIT_ASSERT(server.plugin.send(flow, server.request("hello")));
    server.turn();
    TlsPeer peer(server, server.streams().opened.at(0),
                 {.side = Side::server, .certificate = certificates().issue("gw.pem", {.names = "DNS:gw.example.net"})});
    CPPUNIT_ASSERT(peer.state == State::open);
    CPPUNIT_ASSERT_EQUAL(server.request("hello"), peer.heard);
    peer.exchange(server.reply(200));
    CPPUNIT_ASSERT_EQUAL(server.reply(200), server.heard.at(0).octets);
    CPPUNIT_ASSERT(server.failures.empty());
    auto literal = server.flow("127.0.0.8:5061");
    literal.connection = server.plugin.wayTo("127.0.0.8");
    server.plugin.send(literal, server.request("hello"));
    server.turn();
    TlsPeer other(server, server.streams().opened.at(1),
                  {.side = Side::server, .certificate = certificates().issue("ip.pem", {.names = "IP:127.0.0.8"})});
    CPPUNIT_ASSERT_EQUAL(server.request("hello"), other.heard);
  }
  // B27: and nothing goes in the clear
  void refusesServersThatDoNotProveTheirName() {
    auto& issuer = certificates();
    TestCertificates stranger;
    for (const auto& certificate :
         {issuer.issue("mismatch.pem", {.names = "DNS:other.example.net"}), issuer.issue("wild.pem", {.names = "DNS:*.example.net"}),
          issuer.issue("past.pem", {.names = "DNS:gw.example.net", .from = -7200, .until = -3600}),
          issuer.issue("alone.pem", {.names = "DNS:gw.example.net", .selfSigned = true}),
          stranger.issue("stranger.pem", {.names = "DNS:gw.example.net"})}) {
      StreamServer server(secure());
      auto flow = server.flow("127.0.0.9:5061");
      flow.connection = server.plugin.wayTo("gw.example.net");
      server.plugin.send(flow, server.request("secret"));
      server.turn();
      TlsPeer peer(server, server.streams().opened.at(0), {.side = Side::server, .certificate = certificate});
      CPPUNIT_ASSERT_EQUAL_MESSAGE(certificate, size_t{1}, server.failures.size());
      CPPUNIT_ASSERT(server.failures[0].first == flow);
      CPPUNIT_ASSERT(peer.peer->isClosed());
      CPPUNIT_ASSERT(peer.heard.empty());
      CPPUNIT_ASSERT_EQUAL(size_t{1}, server.streams().opened.size());
    }
  }
  // B27
  void connectsToNobodyWithoutAName() {
    StreamServer server(secure());
    server.plugin.send(server.flow("127.0.0.9:5061"), server.request());
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, server.failures.size());
    CPPUNIT_ASSERT_EQUAL(std::string(), server.streams().opened.at(0)->take());
    CPPUNIT_ASSERT_EQUAL(1.0, failures(server, "name"));
  }
  // B31
  void keepsConnectionsOfNamesApart() {
    StreamServer server(secure());
    auto flow = server.flow("127.0.0.9:5061");
    flow.connection = server.plugin.wayTo("a.example.net");
    server.plugin.send(flow, server.request("for a"));
    server.turn();
    TlsPeer a(server, server.streams().opened.at(0),
              {.side = Side::server, .certificate = certificates().issue("a.pem", {.names = "DNS:a.example.net"})});
    flow.connection = server.plugin.wayTo("b.example.net");
    server.plugin.send(flow, server.request("for b"));
    server.turn();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.streams().opened.size());
    a.talk({});
    CPPUNIT_ASSERT_EQUAL(server.request("for a"), a.heard);
    TlsPeer b(server, server.streams().opened.at(1),
              {.side = Side::server, .certificate = certificates().issue("a.pem", {.names = "DNS:a.example.net"})});
    CPPUNIT_ASSERT(b.peer->isClosed() && b.heard.empty());
    CPPUNIT_ASSERT(server.failures.at(0).first == flow);
    flow.connection = server.plugin.wayTo("A.example.net");
    server.plugin.send(flow, server.request("for a again"));
    a.talk({});
    CPPUNIT_ASSERT_EQUAL(server.request("for a") + server.request("for a again"), a.heard);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, server.streams().opened.size());
  }
  // B28
  void tellsRequestsThatWaitForAHandshakeThatBreaks() {
    for (int how = 0; how < 4; ++how) {
      StreamServer server(secure());
      auto flow = server.flow("127.0.0.9:5061");
      flow.connection = server.plugin.wayTo("gw.example.net");
      server.plugin.send(flow, server.request());
      server.turn();
      const auto peer = server.streams().opened.at(0);
      if (how == 0) peer->reset();
      if (how == 1) peer->endSending();
      if (how == 2) peer->send(std::string("\x15\x03\x03\x00\x02\x02\x28", 7));  // fatal alert: handshake failure
      if (how == 3) server.pass(10s);
      server.turn();
      CPPUNIT_ASSERT_EQUAL(size_t{1}, server.failures.size());
      CPPUNIT_ASSERT(server.failures[0].first == flow);
      CPPUNIT_ASSERT(peer->isClosed());
      CPPUNIT_ASSERT_EQUAL(0.0, server.open());
    }
  }
  // B29
  void takesNewCertificatesWithoutLosingConnections() {
    auto& issuer = certificates();
    StreamServer server(secure({{"tls_certificate", issuer.issue("changing.pem", {.names = "DNS:old.example.org"})}}));
    server.answerAll();
    auto before = client(server, {.name = "old.example.org"});
    issuer.issue("changing.pem", {.names = "DNS:new.example.org"});
    CPPUNIT_ASSERT(client(server, {.name = "new.example.org"}).state == State::failed);
    const auto& operation = server.host.declaration.operations.at(0);
    CPPUNIT_ASSERT_EQUAL(std::string("tls.reload"), operation.name);
    CPPUNIT_ASSERT_EQUAL(200, operation.run({}).status);
    auto after = client(server, {.name = "new.example.org"});
    CPPUNIT_ASSERT_EQUAL(server.reply(200), before.exchange(server.request()));
    CPPUNIT_ASSERT_EQUAL(server.reply(200), after.exchange(server.request()));
    std::fclose(std::fopen(issuer.path("changing.pem").c_str(), "w"));
    CPPUNIT_ASSERT_EQUAL(409, operation.run({}).status);
    CPPUNIT_ASSERT(client(server, {.name = "new.example.org"}).state == State::open);  // a bad file changes nothing
  }
  // B30
  void refusesRenegotiationAndKeyUpdateStorms() {
    Transport::TlsOptions options;
    options.own = {ours(), ours()};
    options.authorities = certificates().authority();
    const Transport::TlsContexts contexts(options);
    for (const Side side : {Side::server, Side::mutualServer, Side::client})
      CPPUNIT_ASSERT((SSL_CTX_get_options(contexts.of(side)) & SSL_OP_NO_RENEGOTIATION) != 0);
    const auto shared = std::make_shared<Transport::TlsContexts>(options);
    Transport::TlsCodec server(shared, Side::server, nullptr);
    SSL* peer = SSL_new(contexts.of(Side::client));
    SSL_set_verify(peer, SSL_VERIFY_NONE, nullptr);
    SSL_set_bio(peer, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(peer);
    State state = State::opening;
    const auto pass = [&] {
      char* octets = nullptr;
      const long length = BIO_get_mem_data(SSL_get_wbio(peer), &octets);
      std::string plain, wire;
      state = server.decode({octets, static_cast<size_t>(length)}, plain, wire);
      BIO_reset(SSL_get_wbio(peer));
      BIO_write(SSL_get_rbio(peer), wire.data(), static_cast<int>(wire.size()));
    };
    for (int i = 0; i < 3; ++i) {
      SSL_do_handshake(peer);
      pass();
    }
    CPPUNIT_ASSERT(state == State::open);
    for (int i = 0; i < 1000 && state == State::open; ++i) {
      SSL_key_update(peer, SSL_KEY_UPDATE_REQUESTED);
      SSL_write(peer, "\r\n", 2);
      pass();
      CPPUNIT_ASSERT(i < 20);
    }
    SSL_free(peer);
    CPPUNIT_ASSERT_EQUAL(std::string_view("key_updates"), server.failure());
  }
  void saysWhatIsWrongWithACertificate() {
    for (const auto& settings : {Settings{{"listen", "tls:127.0.0.1:5061"}}, secure({{"tls_certificate", "/nowhere.pem"}}),
                                 secure({{"tls_key", certificates().issue("another.pem", {})}}), secure({{"tls_ca", "/nowhere"}}),
                                 secure({{"tls_crl", certificates().authority()}}), secure({{"tls_domains", "nothing"}}),
                                 secure({{"tls_mutual", "tls:127.0.0.1:5062"}})}) {
      Transport::TransportPlugin plugin;
      Testsuite::FakeHost host(plugin, settings);
      plugin.configure(host);
      CPPUNIT_ASSERT(host.problems.hasErrors());
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TlsTest);
