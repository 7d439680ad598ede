#pragma once

#include <string>
#include <vector>

#include "FakeHost.h"
#include "Listing.h"
#include "patchbay/core/Core.h"
#include "patchbay/pipeline/Program.h"

namespace Patchbay::Testsuite {

/// Stands in for core in tests of plug-ins above it: what is ourselves is a list, nothing is sent.
class FakeCore : public Core::Service {
 public:
  /// Hosts with or without port: "192.0.2.1:5060", "example.org".
  std::vector<std::string> mine{"192.0.2.1", "192.0.2.1:5060", "[2001:db8::1]:5060"};
  Runtime::SipHash::Key secret{1, 2};

  void add(Core::Claimant&, int) override {}
  void use(Core::TransactionMaker&) override {}
  void use(Pipeline::StepObserver&) override {}
  void write(Core::Received&, const Core::Reply&, Parser::Writer&) override {}
  size_t replyRoom(const Core::Received&, const Core::Reply&) const override { return 0; }
  Transport::Flow replyFlow(Core::Received& request, bool) const override { return request.flow; }
  bool answer(Core::Request&, const Core::Reply&) override { return false; }
  char* writeStatelessTag(Core::Received&, char* out) const override { return out; }
  void stampVia(Core::Request&) override {}
  std::string_view nextRoute(Core::Request& request) override {
    if (request.route.nextKnown) return request.route.next;
    Parser::ListValues values(request.message.value(Parser::HeaderId::route));
    const auto value = values.next();
    const auto address = value ? Parser::parseAddress(*value) : std::nullopt;
    return address ? address->uriText : std::string_view();
  }
  bool isDomain(std::string_view host) const override { return std::find(mine.begin(), mine.end(), host) != mine.end(); }
  bool isMyself(const Parser::Uri& uri) const override { return uri.isSip() && isDomain(uri.hostPort()); }
  const Runtime::SipHash::Key& key() const override { return secret; }
  std::string_view instanceId() const override { return "test"; }
  const Runtime::SipHash::Key& lastingKey() const override { return secret; }
  const Pipeline::Snapshot& snapshot() const override { throw Poco::NotImplementedException("snapshot"); }
  Pipeline::Engine& engine() override { throw Poco::NotImplementedException("engine"); }
};

/// Stands in for transport: has listeners, sends nothing.
class FakeTransport : public Transport::Service {
 public:
  std::vector<Transport::Listener> all;
  void add(const char* local) {
    Transport::Listener& listener = all.emplace_back();
    listener.id = static_cast<uint16_t>(all.size() - 1);
    listener.local = *Runtime::Endpoint::parse(local);
    listener.hostPort = local;
    listener.host = listener.hostPort.substr(0, listener.hostPort.rfind(':'));
    listener.port = listener.local.port;
    listener.viaPrefix = "SIP/2.0/UDP " + listener.hostPort + ";branch=";
  }
  void attach(Transport::Receiver&) override {}
  Transport::ListenerList listeners() const override { return listing.of(all); }
  Listing listing;
  const Transport::Listener* listenerFor(Transport::Protocol, const Runtime::IpAddress&,
                                         const Transport::Listener* preferred) const override {
    return preferred;
  }
  bool isOurs(const Runtime::Endpoint&) const override { return false; }
  char* reserve(const Transport::Flow&, size_t) override { return nullptr; }
  bool commit(const Transport::Flow&, size_t) override { return false; }
};

/// Runs one plug-in's actions and variables on requests: rules as text, octets in, octets out. `<mark text="..."/>` notes that it was
/// passed.
class RuleDesk : private Pipeline::MachineOwner {
 public:
  explicit RuleDesk(Bundle::Plugin& plugin, const FakeHost::SettingsMap& settings = {}) : host(plugin, settings) {
    transport.add("192.0.2.1:5060");
    transport.add("[2001:db8::1]:5060");
    host.services().provide<Transport::Service>(transport);
    host.services().provide<Core::Service>(core);
    plugin.configure(host);
    plugin.bind(host);
    plugin.start();
    for (auto& action : host.declaration.actions) _vocabulary.add(action);
    for (auto& variable : host.declaration.variables) _vocabulary.add(variable);
    _vocabulary.add(Pipeline::EntryDeclaration{"request", "A request."});
    Pipeline::ActionDeclaration mark;
    mark.name = "mark";
    mark.parameters = {{"text", Pipeline::Type::text, "What is noted."}};
    mark.bind = [this](Pipeline::Binding& binding) { return std::make_unique<Mark>(*this, binding.text("text")); };
    _vocabulary.add(mark);
  }

  /// Everything wrong with the rules, a line each; empty when they are bound.
  std::string load(const std::string& rules) {
    Pipeline::Problems problems;
    const auto node =
        Pipeline::readXml("<routing><pipeline name='request' on='request'>" + rules + "</pipeline></routing>", "test.xml", problems);
    if (node) _program = Pipeline::Program::check(*node, _vocabulary, {}, problems);
    if (_program) _program->bind(problems);
    return problems.hasErrors() ? problems.toString() : "";
  }
  /// The marks that were passed, with a blank between, and "error: ..." at the end of a run that failed. `request` keeps what the rules
  /// did.
  std::string run(const std::string& octets) {
    _marks.clear();
    _octets = octets;
    request.begin(_octets, {&transport.all[0], *Runtime::Endpoint::parse("198.51.100.7:5060"), 0}, host.environment_.clock.now());
    _ending = Pipeline::Ending::failed;
    request.machine.start(host.engine(), *_program, *_program->entry("request"), request, *this);
    if (_ending == Pipeline::Ending::failed) _marks += " error: " + std::string(request.machine.errorText());
    return _marks;
  }
  /// What would go out: our Via on top, the edits made.
  std::string written() const {
    const Parser::Rebuild rebuild{request.message, request.destinations.main().uri, "Via: ours\r\n", &request.edits};
    std::string out(rebuild.room(), '\0');
    Parser::Writer writer(out.data(), out.size());
    rebuild.write(writer);
    return writer.ok() ? std::string(writer.written()) : "(does not write)";
  }

  FakeCore core;
  FakeTransport transport;
  FakeHost host;
  Core::Request request;

 private:
  struct Mark : Pipeline::Action {
    Mark(RuleDesk& desk, Pipeline::TextArgument text) : desk(desk), text(std::move(text)) {}
    Pipeline::Verdict run(Pipeline::Machine& machine) override {
      if (!desk._marks.empty()) desk._marks += ' ';
      desk._marks += text.get(machine);
      return Pipeline::Verdict::yes;
    }
    RuleDesk& desk;
    Pipeline::TextArgument text;
  };
  void ended(Pipeline::Machine&, Pipeline::Ending ending) override { _ending = ending; }

  Pipeline::Vocabulary _vocabulary;
  std::unique_ptr<Pipeline::Program> _program;
  Pipeline::Ending _ending = Pipeline::Ending::failed;
  std::string _marks, _octets;
};

}  // namespace Patchbay::Testsuite
