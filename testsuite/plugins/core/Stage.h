#pragma once

#include <string>
#include <vector>

#include "CorePlugin.h"
#include "FakeHost.h"
#include "Listing.h"

namespace Patchbay::Core::Testing {

/// Keeps what is sent. One UDP listener on 127.0.0.1:5060.
class FakeTransport : public Transport::Service {
 public:
  FakeTransport();
  void attach(Transport::Receiver& receiver) override { receiver_ = &receiver; }
  Transport::ListenerList listeners() const override { return listing.of({&_listener, 1}); }
  Testsuite::Listing listing;
  const Transport::Listener* listenerFor(Transport::Protocol, const Runtime::IpAddress&, const Transport::Listener*) const override {
    return &_listener;
  }
  bool isOurs(const Runtime::Endpoint& endpoint) const override { return endpoint == _listener.local; }
  char* reserve(const Transport::Flow& flow, size_t octets) override;
  bool commit(const Transport::Flow& flow, size_t octets) override;

  Transport::Receiver* receiver_ = nullptr;
  struct Sent {
    Runtime::Endpoint to;
    std::string text;
  };
  std::vector<Sent> sent;

 private:
  Transport::Listener _listener;
  std::vector<char> _room;
};

/// The core plug-in with rules of the test's own, on a fake host and transport.
class Stage {
 public:
  /// `rules`: what stands inside <pipeline on="request">.
  explicit Stage(const std::string& rules, const Testsuite::FakeHost::SettingsMap& settings = {});
  ~Stage() { core.stop(); }

  CorePlugin core;
  Testsuite::FakeHost host;
  FakeTransport transport;
  std::vector<Pipeline::Ticket> tickets;  ///< of the action `wait`, which may stand behind a settling one
  std::string problems;                   ///< of the rules; empty when they are good

  /// Hands over a message from 127.0.0.1:6001 (or `port`); line ends are put in: `message` has "\n".
  void receive(const std::string& message, uint16_t port = 6001);
  /// A request with the given lines put before Content-Length.
  static std::string request(const std::string& method, const std::string& uri,
                             const std::string& via = "SIP/2.0/UDP 127.0.0.1:6001;rport;branch=z9hG4bK1",
                             const std::string& to = "<sip:bob@127.0.0.1>");
  /// The first line of the only thing sent, "" when nothing was, and all of it.
  std::string status() const {
    return transport.sent.size() == 1 ? transport.sent[0].text.substr(0, transport.sent[0].text.find("\r\n")) : "";
  }
  std::string text() const { return transport.sent.empty() ? "" : transport.sent.back().text; }
  bool has(const std::string& part) const { return text().find(part) != std::string::npos; }
};

/// For tests of expressions: rules that answer 200 with this text as its reason are not core's; `reply` is a test action with a text.
Pipeline::ActionDeclaration replyAction(CorePlugin& core);

}  // namespace Patchbay::Core::Testing
