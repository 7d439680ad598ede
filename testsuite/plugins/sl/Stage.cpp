#include "Stage.h"

#include <cppunit/TestAssert.h>

namespace Patchbay::Sl::Testing {

std::vector<std::string> KeepingTransport::Sent::headers(const std::string& name) const {
  std::vector<std::string> values;
  size_t at = text.find("\r\n") + 2;
  for (size_t end = text.find("\r\n", at); end > at && end != std::string::npos; at = end + 2, end = text.find("\r\n", at))
    if (text.compare(at, name.size() + 2, name + ": ") == 0)
      values.push_back(text.substr(at + name.size() + 2, end - at - name.size() - 2));
  return values;
}

bool NotingCore::answer(Core::Request& request, const Core::Reply& reply) {
  if (request.message.method() == Parser::Method::ack) return false;
  answers.push_back(std::to_string(reply.code) + (reply.lines.empty() ? "" : " ") + std::string(reply.lines));
  return true;
}

char* NotingCore::writeStatelessTag(Core::Received& request, char* out) const {
  Runtime::SipHash hash(secret);
  hash.add(request.message.callId()).add(request.message.topVia()->branch);
  Parser::Writer writer(out, 16);
  writer.hex(hash.finish64());
  return out + 16;
}

void NotingCore::stampVia(Core::Request& request) {
  if (request.viaStamped) return;
  request.viaStamped = true;
  const auto text = request.message.topVia()->text;
  const auto end = static_cast<uint32_t>(text.data() + text.size() - request.message.octets().data());
  request.edits.replace({end, 0}, ";received=" + request.flow.peer.address.toString());
}

Resolver::Outcome WaitingResolver::resolve(const Resolver::Query& query, std::vector<Resolver::Target>& targets, Resolver::Waiter& waiter) {
  targets.clear();
  if (const auto address = Runtime::IpAddress::parse(query.host)) {
    targets.push_back({Transport::Protocol::udp, {*address, query.port ? query.port : uint16_t(5060)}});
    return Resolver::Outcome::found;
  }
  keys.push_back(query.key);
  if (breaks) return Resolver::Outcome::failed;
  asked[std::string(query.host)].push_back(&waiter);
  return Resolver::Outcome::pending;
}

void WaitingResolver::tell(const std::string& name, Resolver::Outcome outcome, const char* target) {
  std::vector<Resolver::Target> targets;
  if (target) targets.push_back({Transport::Protocol::udp, *Runtime::Endpoint::parse(target)});
  for (auto* waiter : std::exchange(asked[name], {})) waiter->resolved(outcome, targets);
}

Stage::Stage(const std::string& rules) : host(plugin) {
  host.services().provide<Transport::Service>(transport);
  host.services().provide<Resolver::Service>(resolver);
  host.services().provide<Core::Service>(core);
  plugin.configure(host);
  plugin.bind(host);
  for (auto& action : host.declaration.actions) _vocabulary.add(action);
  _vocabulary.add(Pipeline::EntryDeclaration{"request", "A request."});
  Pipeline::Problems problems;
  const auto node =
      Pipeline::readXml("<routing><pipeline name='request' on='request'>" + rules + "</pipeline></routing>", "test.xml", problems);
  if (node) _program = Pipeline::Program::check(*node, _vocabulary, {}, problems);
  CPPUNIT_ASSERT_MESSAGE(problems.toString(), _program && _program->bind(problems));
}

Core::Request& Stage::receive(const std::string& octets) {
  _octets.push_back(octets);
  auto& request = requests.emplace_back();
  request.hold();  // the stage's
  request.begin(_octets.back(), {&transport.all[0], *Runtime::Endpoint::parse("198.51.100.7:5060"), 0}, host.environment_.clock.now());
  const auto fault = request.message.validate();
  CPPUNIT_ASSERT_MESSAGE(fault.text, !fault);
  claimed = plugin.claimRequest(request);
  if (claimed) return request;
  if (before) before(request);
  ending.clear();
  request.machine.start(host.engine(), *_program, *_program->entry("request"), request, *this);
  return request;
}

bool Stage::receiveReply(const std::string& octets) {
  Core::Request reply;
  reply.begin(octets, {&transport.all[0], *Runtime::Endpoint::parse("198.51.100.9:5060"), 0}, {});
  CPPUNIT_ASSERT(!reply.message.fault());
  return plugin.claimReply(reply);
}

void Stage::ended(Pipeline::Machine&, Pipeline::Ending how) {
  const char* names[] = {"settled", "completed", "stopped", "failed", "cancelled"};
  ending = names[static_cast<size_t>(how)];
}

bool Stage::suspending(Pipeline::Machine& machine) {
  machine.subject<Core::Request>().retain();
  return true;
}

std::string Stage::request(const std::string& method, const std::string& branch, const std::string& extra, const std::string& uri,
                           const std::string& to) {
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060" + (branch.empty() ? "" : ";branch=" + branch) +
         "\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.org>;tag=a\r\nTo: " + to + "\r\nCall-ID: call-1\r\nCSeq: 1 " + method + "\r\n" +
         extra + "Content-Length: 0\r\n\r\n";
}

std::string Stage::replyTo(const KeepingTransport::Sent& request, const std::string& status) {
  std::string text = "SIP/2.0 " + status + "\r\n";
  for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"})
    for (const auto& value : request.headers(name)) text += std::string(name) + ": " + value + "\r\n";
  return text + "Content-Length: 0\r\n\r\n";
}

}  // namespace Patchbay::Sl::Testing
