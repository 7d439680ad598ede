#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "FakeEnvironment.h"
#include "Listing.h"
#include "Relay.h"
#include "ServerTransaction.h"
#include "Transactions.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Tm::Testing {

/// What left the server: when, by which flow, and the octets.
struct Sent {
  Runtime::Duration at;  ///< since the stage began
  Transport::Flow flow;
  std::string text;

  std::string line() const { return text.substr(0, text.find("\r\n")); }
  std::string to() const { return flow.peer.toString(); }
  /// The value of the first header of that name.
  std::string header(std::string_view name) const;
  std::vector<std::string> headers(std::string_view name) const;
};

/// A transport that keeps what it is given. One UDP and one TCP listener on 10.0.0.100:5060.
class FakeTransport : public Transport::Service {
 public:
  explicit FakeTransport(Testsuite::FakeClock& clock);
  void attach(Transport::Receiver&) override {}
  Transport::ListenerList listeners() const override { return _listing.of(_listeners); }
  const Transport::Listener* listenerFor(Transport::Protocol protocol, const Runtime::IpAddress& target,
                                         const Transport::Listener*) const override;
  bool isOurs(const Runtime::Endpoint& endpoint) const override { return endpoint == _listeners[0].local; }
  char* reserve(const Transport::Flow& flow, size_t octets) override;
  bool commit(const Transport::Flow& flow, size_t octets) override;

  std::vector<Sent> sent;
  size_t longest = 65507;  ///< what is longer is refused

 private:
  Testsuite::FakeClock& _clock;
  const Runtime::Instant _begin;
  std::vector<Transport::Listener> _listeners;
  Testsuite::Listing _listing;
  std::vector<char> _room;
};

/// The little of core that transactions ask for.
class FakeCore : public Core::Service {
 public:
  explicit FakeCore(FakeTransport& transport) : _transport(transport) {}
  void add(Core::Claimant&, int) override {}
  void use(Core::TransactionMaker&) override {}
  void use(Pipeline::StepObserver&) override {}
  void write(Core::Received& request, const Core::Reply& reply, Parser::Writer& out) override;
  size_t replyRoom(const Core::Received& request, const Core::Reply& reply) const override;
  Transport::Flow replyFlow(Core::Received& request, bool) const override { return request.flow; }
  bool answer(Core::Request& request, const Core::Reply& reply) override;
  char* writeStatelessTag(Core::Received&, char* out) const override { return std::copy_n("0123456789abcdef", 16, out); }
  void stampVia(Core::Request&) override {}
  std::string_view nextRoute(Core::Request& request) override;
  bool isDomain(std::string_view) const override { return false; }
  bool isMyself(const Parser::Uri&) const override { return false; }
  const Runtime::SipHash::Key& key() const override { return _key; }
  std::string_view instanceId() const override { return "77aa"; }
  const Runtime::SipHash::Key& lastingKey() const override { return _key; }
  const Pipeline::Snapshot& snapshot() const override { throw Poco::NotImplementedException(); }
  Pipeline::Engine& engine() override { throw Poco::NotImplementedException(); }

 private:
  FakeTransport& _transport;
  const Runtime::SipHash::Key _key{11, 22};
};

/// Literals at once; names that `pending` holds later, by `tell`; everything else does not exist.
class FakeResolver : public Resolver::Service {
 public:
  Resolver::Outcome resolve(const Resolver::Query& query, std::vector<Resolver::Target>& targets, Resolver::Waiter& waiter) override;
  void tell(const std::string& name, Resolver::Outcome outcome, std::vector<Resolver::Target> targets = {});
  static std::vector<Resolver::Target> at(const char* endpoint, Transport::Protocol protocol = Transport::Protocol::udp);

  std::map<std::string, std::vector<Resolver::Target>> known;
  std::map<std::string, std::vector<Resolver::Waiter*>> pending;
};

struct Entrance : Runtime::Worker {
  static void pass(Runtime::Worker* worker) { enter(worker); }
};

/// Transactions between fakes, on a virtual clock.
class Stage {
 public:
  static constexpr const char* Caller = "10.0.0.1:5060";
  static constexpr const char* Callee = "10.0.0.2:5060";

  explicit Stage(const Timing& timing = {});
  ~Stage();

  /// A request of `method`; `branch` makes it a transaction of its own, `extra` are further header lines.
  static std::string request(std::string_view method, std::string_view branch = "z9hG4bKcaller1", std::string_view extra = {},
                             std::string_view uri = "sip:bob@10.0.0.2", uint32_t cseq = 1);
  /// The reply of a peer to something that was sent to it; `tag` is added to To.
  static std::string replyTo(const Sent& request, int code, std::string_view tag = "callee", std::string_view extra = {});

  /// As core does it: offers it to tm; what is not claimed is the `current` request.
  bool receive(const std::string& text, const char* from = Caller, Transport::Protocol protocol = Transport::Protocol::udp);
  bool receiveReply(const std::string& text, const char* from = Callee);
  /// receiveReply of replyTo: what the peer of sent[index] answers.
  bool answer(size_t index, int code, std::string_view tag = "callee", std::string_view extra = {});
  /// t_relay of the current request, to these URIs (unset: its Request-URI).
  Pipeline::Verdict relay(const std::vector<std::string>& uris = {}, bool predicate = false);
  /// receive and relay.
  void call(std::string_view method = "INVITE", const std::vector<std::string>& uris = {});
  void advance(Runtime::Duration by) {
    enter();
    environment.advance(by);
  }
  /// Makes this stage's worker the current one: CppUnit keeps the fixtures of all tests at once, and a test may have two stages.
  void enter() { Entrance::pass(&environment.worker); }
  /// What was sent since the last take: first lines, with the target behind " > ".
  bool tryingFirst = false;  ///< whether the last relay sent its 100 before its first request
  std::vector<std::string> take();
  const std::vector<Sent>& sent() const { return transport.sent; }
  /// Milliseconds at which messages that begin so were sent.
  std::vector<long> times(std::string_view begin) const;
  size_t count(std::string_view begin) const { return times(begin).size(); }
  const Sent& last(std::string_view begin) const;

  Testsuite::FakeEnvironment environment;
  FakeTransport transport{environment.clock};
  FakeCore core{transport};
  FakeResolver resolver;
  Parser::Limits limits;  ///< of what is received
  Runtime::Counter cells[24];
  Counters counters;
  Transactions tm;
  std::deque<Core::Request> requests;
  Core::Request* current = nullptr;
  Pipeline::Machine machine;

 private:
  std::list<std::string> _octets;
  size_t _taken = 0;
};

}  // namespace Patchbay::Tm::Testing
