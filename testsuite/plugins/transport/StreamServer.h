#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <cppunit/TestAssert.h>

#include "FakeHost.h"
#include "TransportPlugin.h"

namespace Patchbay::Testsuite {

inline Runtime::Endpoint at(const char* text) {
  return *Runtime::Endpoint::parse(text);
}

/// A transport on virtual connections, and what it tells its receiver.
struct StreamServer : Transport::Receiver {
  struct Heard {
    std::string octets;
    Transport::Flow flow;
    int status = 0;  ///< of what could not be framed
  };
  using Peer = FakeStreams::PeerPointer;

  explicit StreamServer(FakeHost::SettingsMap settings = {}) : host(plugin, withListener(std::move(settings))) {
    plugin.configure(host);
    plugin.attach(*this);
    CPPUNIT_ASSERT_MESSAGE(host.problems.toString(), !host.problems.hasErrors());
    plugin.listen();
  }
  ~StreamServer() override { plugin.stop(); }

  void received(std::string_view octets, const Transport::Flow& flow) override {
    heard.push_back({std::string(octets), flow});
    if (onReceived) onReceived(heard.back());
  }
  void malformed(std::string_view octets, const Transport::Flow& flow, Parser::Fault fault) override {
    heard.push_back({std::string(octets), flow, fault.status});
    plugin.send(flow, "SIP/2.0 400 Bad\r\nContent-Length: 0\r\n\r\n");
  }
  void failed(const Transport::Flow& flow, int error) override { failures.emplace_back(flow, error); }

  /// Twice: what a turn's flush brings about is the next one's.
  void turn() {
    host.environment_.turn();
    host.environment_.turn();
  }
  void pass(Runtime::Duration time) { host.environment_.advance(time); }
  FakeStreams& streams() { return host.environment_.network.streams; }
  Peer connect(const char* from = "192.0.2.1:40001", const char* to = "127.0.0.1:5060") {
    auto peer = streams().connect(at(from), at(to));
    CPPUNIT_ASSERT(peer);
    return peer;
  }
  /// What a peer that sends this and reads everything gets.
  std::string exchange(const Peer& peer, std::string octets) {
    peer->send(std::move(octets));
    turn();
    return peer->take();
  }
  double ended(const char* reason) { return host.value("transport_connections_ended_total", {{"reason", reason}}); }
  double refused(const char* reason) { return host.value("transport_connections_refused_total", {{"reason", reason}}); }
  double open() { return host.value("transport_connections"); }
  Transport::Flow flow(const char* peer, size_t listener = 0) { return {&plugin.listeners()[listener], at(peer), 0}; }
  /// From now on each request gets a 200.
  void answerAll() {
    onReceived = [this](const Heard& one) { plugin.send(one.flow, reply(200)); };
  }

  static std::string request(const std::string& body = "") {
    return "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5062;branch=z9hG4bK1\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static std::string reply(int status, const std::string& via = "192.0.2.1:5062") {
    return "SIP/2.0 " + std::to_string(status) + " x\r\nVia: SIP/2.0/TCP " + via + ";branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n";
  }

  Transport::TransportPlugin plugin;
  FakeHost host;
  std::vector<Heard> heard;
  std::vector<std::pair<Transport::Flow, int>> failures;
  std::function<void(const Heard&)> onReceived;

 private:
  static FakeHost::SettingsMap withListener(FakeHost::SettingsMap settings) {
    settings.emplace("listen", "tcp:127.0.0.1:5060");
    return settings;
  }
};

}  // namespace Patchbay::Testsuite
