#include "Stage.h"

namespace Patchbay::Core::Testing {

FakeTransport::FakeTransport() {
  _listener.local = *Runtime::Endpoint::parse("127.0.0.1:5060");
  _listener.host = "127.0.0.1";
  _listener.port = 5060;
  _listener.hostPort = "127.0.0.1:5060";
  _listener.viaPrefix = "SIP/2.0/UDP 127.0.0.1:5060;branch=";
  _listener.text = "udp:127.0.0.1:5060";
}

char* FakeTransport::reserve(const Transport::Flow&, size_t octets) {
  _room.resize(octets);
  return _room.data();
}

bool FakeTransport::commit(const Transport::Flow& flow, size_t octets) {
  sent.push_back({flow.peer, std::string(_room.data(), octets)});
  return true;
}

namespace {

/// Answers 200 with a text, so that a test sees what a variable was.
class ReplyText : public Pipeline::Action {
 public:
  ReplyText(CorePlugin& core, Pipeline::TextArgument text) : _core(core), _text(std::move(text)) {}
  Pipeline::Verdict run(Pipeline::Machine& machine) override {
    auto& request = machine.subject<Request>();
    _core.answer(request, {.code = 200, .reason = _text.get(machine)});
    return Pipeline::Verdict::settled;
  }

 private:
  CorePlugin& _core;
  Pipeline::TextArgument _text;
};

class Wait : public Pipeline::Action {
 public:
  explicit Wait(std::vector<Pipeline::Ticket>& tickets) : _tickets(tickets) {}
  Pipeline::Verdict run(Pipeline::Machine& machine) override {
    _tickets.push_back(machine.suspend(std::chrono::seconds(2)));
    return Pipeline::Verdict::suspended;
  }

 private:
  std::vector<Pipeline::Ticket>& _tickets;
};

Pipeline::ActionDeclaration waitAction(std::vector<Pipeline::Ticket>& tickets) {
  Pipeline::ActionDeclaration action;
  action.name = "wait";
  action.suspends = action.after = true;
  action.bind = [&tickets](Pipeline::Binding&) { return std::make_unique<Wait>(tickets); };
  return action;
}

std::string crlf(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

}  // namespace

Pipeline::ActionDeclaration replyAction(CorePlugin& core) {
  Pipeline::ActionDeclaration action;
  action.name = "reply";
  action.parameters = {{"text", Pipeline::Type::text, "The reason.", true}};
  action.settles = true;
  action.bind = [&core](Pipeline::Binding& binding) { return std::make_unique<ReplyText>(core, binding.text("text")); };
  return action;
}

Stage::Stage(const std::string& rules, const Testsuite::FakeHost::SettingsMap& settings) : host(core, settings) {
  host.services().provide<Transport::Service>(transport);
  core.configure(host);
  core.bind(host);
  Pipeline::Vocabulary vocabulary;
  for (auto& action : host.declaration.actions) vocabulary.add(action);
  for (auto& variable : host.declaration.variables) vocabulary.add(variable);
  for (auto& membership : host.declaration.memberships) vocabulary.add(membership);
  for (auto& entry : host.declaration.entries) vocabulary.add(entry);
  vocabulary.add(replyAction(core));
  vocabulary.add(waitAction(tickets));
  Pipeline::Problems found;
  const auto tree = Pipeline::readXml(
      "<routing xmlns=\"urn:patchbay:routing\"><pipeline name=\"request\" on=\"request\">" + rules + "</pipeline></routing>", "test.xml",
      found);
  auto program = tree ? Pipeline::Program::check(*tree, vocabulary, {}, found) : nullptr;
  if (program && program->bind(found)) host.snapshot().publish(std::make_unique<Pipeline::Snapshot>(std::move(program)));
  if (found.hasErrors()) problems = found.toString();
  core.start();
  core.listen();
}

void Stage::receive(const std::string& message, uint16_t port) {
  const auto octets = crlf(message);
  const Transport::Flow flow{&transport.listeners()[0], {*Runtime::IpAddress::parse("127.0.0.1"), port}, 0};
  transport.receiver_->received(octets, flow);
}

std::string Stage::request(const std::string& method, const std::string& uri, const std::string& via, const std::string& to) {
  return method + " " + uri + " SIP/2.0\nVia: " + via + "\nMax-Forwards: 70\nFrom: <sip:alice@127.0.0.1>;tag=a\nTo: " + to +
         "\nCall-ID: c1\nCSeq: 1 " + method + "\nX-Test: one\nX-Test: two\nContent-Length: 0\n\n";
}

}  // namespace Patchbay::Core::Testing
