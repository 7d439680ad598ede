#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "RuleDesk.h"
#include "SlPlugin.h"

namespace Patchbay::Sl::Testing {

/// Keeps what it is given to send. One UDP listener on 192.0.2.1:5060, and one by TCP when that is wanted.
class KeepingTransport : public Testsuite::FakeTransport {
 public:
  struct Sent {
    std::string to, text;
    Transport::Protocol protocol = Transport::Protocol::udp;
    /// The values of the headers of that name.
    std::vector<std::string> headers(const std::string& name) const;
    std::string line() const { return text.substr(0, text.find("\r\n")); }
  };
  KeepingTransport() { add("192.0.2.1:5060"); }
  void addTcp() {
    add("192.0.2.1:5060");
    all[1].protocol = Transport::Protocol::tcp;
    all[1].viaPrefix = "SIP/2.0/TCP 192.0.2.1:5060;branch=";
  }
  const Transport::Listener* listenerFor(Transport::Protocol protocol, const Runtime::IpAddress&,
                                         const Transport::Listener*) const override {
    for (const auto& listener : all)
      if (listener.protocol == protocol) return &listener;
    return nullptr;
  }
  char* reserve(const Transport::Flow&, size_t octets) override {
    _room.assign(octets, '#');
    return _room.data();
  }
  bool commit(const Transport::Flow& flow, size_t octets) override {
    if (flow.protocol() == broken) return false;
    sent.push_back({flow.peer.toString(), std::string(_room.data(), octets), flow.protocol()});
    return true;
  }
  std::vector<Sent> sent;
  std::optional<Transport::Protocol> broken;  ///< nothing can be sent by it

 private:
  std::vector<char> _room;
};

/// Notes the answers; its stateless tag is that of a hash over branch and Call-ID.
class NotingCore : public Testsuite::FakeCore {
 public:
  bool answer(Core::Request& request, const Core::Reply& reply) override;
  char* writeStatelessTag(Core::Received& request, char* out) const override;
  /// Adds `received` as text, so that the Via which goes out is not the one that came.
  void stampVia(Core::Request& request) override;
  std::vector<std::string> answers;  ///< "300 Contact: <sip:...>\r\n"
};

/// Literals at once, other names when told.
class WaitingResolver : public Resolver::Service {
 public:
  Resolver::Outcome resolve(const Resolver::Query& query, std::vector<Resolver::Target>& targets, Resolver::Waiter& waiter) override;
  void tell(const std::string& name, Resolver::Outcome outcome, const char* target = nullptr);
  std::map<std::string, std::vector<Resolver::Waiter*>> asked;
  std::vector<uint64_t> keys;  ///< of the queries for names
  bool breaks = false;         ///< every name fails at once
};

/// The plug-in between fakes, its actions as rules.
class Stage : private Pipeline::MachineOwner {
 public:
  explicit Stage(const std::string& rules);
  ~Stage() override { plugin.stop(); }
  /// A request that came from 198.51.100.7:5060: claimed, or run through the rules.
  Core::Request& receive(const std::string& octets);
  /// Whether it was taken.
  bool receiveReply(const std::string& octets);
  /// `extra` are header lines.
  static std::string request(const std::string& method, const std::string& branch = "z9hG4bKc1", const std::string& extra = "",
                             const std::string& uri = "sip:bob@198.51.100.9", const std::string& to = "<sip:bob@example.org>");
  /// What the target of a forwarded request answers.
  static std::string replyTo(const KeepingTransport::Sent& request, const std::string& status = "200 OK");

  SlPlugin plugin;
  NotingCore core;
  KeepingTransport transport;
  WaitingResolver resolver;
  Testsuite::FakeHost host;
  std::deque<Core::Request> requests;
  std::string ending;  ///< of the last run; empty while it waits
  bool claimed = false;
  std::function<void(Core::Request&)> before;  ///< what rules of others would do to a request

 private:
  void ended(Pipeline::Machine& machine, Pipeline::Ending ending) override;
  bool suspending(Pipeline::Machine& machine) override;
  Pipeline::Vocabulary _vocabulary;
  std::unique_ptr<Pipeline::Program> _program;
  std::deque<std::string> _octets;
};

}  // namespace Patchbay::Sl::Testing
