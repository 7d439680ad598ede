#include "Stage.h"

#include <algorithm>

#include <cppunit/TestAssert.h>

namespace Patchbay::Tm::Testing {

std::vector<std::string> Sent::headers(std::string_view name) const {
  std::vector<std::string> values;
  size_t at = text.find("\r\n") + 2;
  for (size_t end = text.find("\r\n", at); end > at && end != std::string::npos; at = end + 2, end = text.find("\r\n", at)) {
    const std::string line = text.substr(at, end - at);
    if (line.size() > name.size() && line.compare(0, name.size(), name) == 0 && line[name.size()] == ':')
      values.push_back(line.substr(name.size() + 2));
  }
  return values;
}

std::string Sent::header(std::string_view name) const {
  const auto values = headers(name);
  return values.empty() ? "" : values.front();
}

FakeTransport::FakeTransport(Testsuite::FakeClock& clock) : _clock(clock), _begin(clock.now()) {
  for (const auto protocol : {Transport::Protocol::udp, Transport::Protocol::tcp}) {
    Transport::Listener listener;
    listener.id = static_cast<uint16_t>(_listeners.size());
    listener.protocol = protocol;
    listener.local = *Runtime::Endpoint::parse("10.0.0.100:5060");
    listener.host = "10.0.0.100";
    listener.port = 5060;
    listener.hostPort = "10.0.0.100:5060";
    listener.viaPrefix = "SIP/2.0/" + std::string(Transport::viaNameOf(protocol)) + " 10.0.0.100:5060;branch=";
    _listeners.push_back(listener);
  }
}

const Transport::Listener* FakeTransport::listenerFor(Transport::Protocol protocol, const Runtime::IpAddress& target,
                                                      const Transport::Listener*) const {
  for (const auto& listener : _listeners)
    if (listener.protocol == protocol && !target.isV6()) return &listener;
  return nullptr;
}

char* FakeTransport::reserve(const Transport::Flow& flow, size_t octets) {
  if (isOurs(flow.peer) || flow.peer.port == 0 || octets > longest) return nullptr;
  _room.assign(octets, '#');
  return _room.data();
}

bool FakeTransport::commit(const Transport::Flow& flow, size_t octets) {
  CPPUNIT_ASSERT(octets <= _room.size());
  sent.push_back({_clock.now() - _begin, flow, std::string(_room.data(), octets)});
  return true;
}

void FakeCore::write(Core::Received& request, const Core::Reply& reply, Parser::Writer& out) {
  out.raw("SIP/2.0 ").number(static_cast<uint64_t>(reply.code)).raw(" ").text(reply.reason.empty() ? "Ours" : reply.reason).raw("\r\n");
  for (const auto& header : request.message.headers()) {
    const bool to = header.id == Parser::HeaderId::to;
    const bool copied = header.id == Parser::HeaderId::via || header.id == Parser::HeaderId::from ||
                        header.id == Parser::HeaderId::callId || header.id == Parser::HeaderId::cseq;
    if (to && reply.code > 100 && request.message.to()->tag.empty())
      out.raw("To: ").raw(request.message.text(header.value)).raw(";tag=ours\r\n");
    else if (to || copied)
      out.raw(request.message.text(header.line));
  }
  out.raw(reply.lines).raw("Content-Length: 0\r\n\r\n");
}

size_t FakeCore::replyRoom(const Core::Received& request, const Core::Reply& reply) const {
  return request.message.headersEnd() + reply.reason.size() + reply.lines.size() + 256;
}

bool FakeCore::answer(Core::Request& request, const Core::Reply& reply) {
  if (request.message.method() == Parser::Method::ack) return false;
  if (request.transaction) return request.transaction->reply(request, reply);
  const size_t room = replyRoom(request, reply);
  Parser::Writer out(_transport.reserve(request.flow, room), room);
  write(request, reply, out);
  return _transport.commit(request.flow, out.size());
}

std::string_view FakeCore::nextRoute(Core::Request& request) {
  if (request.route.nextKnown) return request.route.next;
  const auto* route = request.message.first(Parser::HeaderId::route);
  if (!route) return {};
  Parser::ListValues values(request.message.text(route->value));
  const auto address = Parser::parseAddress(*values.next());
  return address->uriText;
}

std::vector<Resolver::Target> FakeResolver::at(const char* endpoint, Transport::Protocol protocol) {
  return {{protocol, *Runtime::Endpoint::parse(endpoint)}};
}

Resolver::Outcome FakeResolver::resolve(const Resolver::Query& query, std::vector<Resolver::Target>& targets, Resolver::Waiter& waiter) {
  targets.clear();
  const std::string host(query.host);
  if (const auto address = Runtime::IpAddress::parse(host)) {
    targets.push_back({query.protocol.value_or(Transport::Protocol::udp), {*address, query.port ? query.port : uint16_t{5060}}});
    return Resolver::Outcome::found;
  }
  if (const auto found = known.find(host); found != known.end()) {
    targets = found->second;
    return Resolver::Outcome::found;
  }
  const auto waiting = pending.find(host);
  if (waiting == pending.end()) return Resolver::Outcome::notFound;
  waiting->second.push_back(&waiter);
  return Resolver::Outcome::pending;
}

void FakeResolver::tell(const std::string& name, Resolver::Outcome outcome, std::vector<Resolver::Target> targets) {
  for (auto* waiter : std::exchange(pending[name], {})) waiter->resolved(outcome, targets);
}

Stage::Stage(const Timing& timing) {
  auto* cell = cells;
  for (Runtime::Counter** counter :
       {&counters.invites, &counters.others, &counters.own, &counters.branches, &counters.ended, &counters.absorbed,
        &counters.retransmitted, &counters.timeouts, &counters.stray, &counters.refused, &counters.foreignCancels, &counters.loops,
        &counters.failovers, &counters.leftOut, &counters.redirections, &counters.acks})
    *counter = cell++;
  for (auto& reply : counters.replies) reply = cell++;
  tm.configure(timing, counters);
  tm.bind(core, transport, resolver);
  tm.start(environment.get().workers, environment.clock);
}

Stage::~Stage() {
  enter();
  tm.stop();
}

std::string Stage::request(std::string_view method, std::string_view branch, std::string_view extra, std::string_view uri, uint32_t cseq) {
  std::string text(method);
  text.append(" ").append(uri).append(" SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060");
  if (!branch.empty()) text.append(";branch=").append(branch);
  text.append("\r\nMax-Forwards: 69\r\nFrom: <sip:alice@a.test>;tag=alice\r\nTo: <sip:bob@b.test>\r\nCall-ID: call-1\r\nCSeq: ");
  text.append(std::to_string(cseq)).append(" ").append(method).append("\r\n").append(extra).append("Content-Length: 0\r\n\r\n");
  return text;
}

std::string Stage::replyTo(const Sent& request, int code, std::string_view tag, std::string_view extra) {
  std::string text = "SIP/2.0 " + std::to_string(code) + " Theirs\r\n";
  for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"})
    for (const auto& value : request.headers(name)) {
      text.append(name).append(": ").append(value);
      if (name == std::string_view("To") && !tag.empty() && value.find(";tag=") == std::string::npos) text.append(";tag=").append(tag);
      text.append("\r\n");
    }
  return text.append(extra).append("Content-Length: 0\r\n\r\n");
}

bool Stage::receive(const std::string& text, const char* from, Transport::Protocol protocol) {
  enter();
  _octets.push_back(text);
  auto& request = requests.emplace_back();
  request.hold();  // the stage's
  const auto peer = *Runtime::Endpoint::parse(from);
  request.begin(_octets.back(), {transport.listenerFor(protocol, peer.address, nullptr), peer, Transport::isReliable(protocol) ? 7u : 0u},
                environment.clock.now(), limits);
  const auto fault = request.message.validate();
  CPPUNIT_ASSERT_MESSAGE(fault.text, !fault);
  if (tm.claimRequest(request)) return true;
  request.incident = requests.size();
  current = &request;
  return false;
}

bool Stage::receiveReply(const std::string& text, const char* from) {
  enter();
  _octets.push_back(text);
  auto& reply = requests.emplace_back();
  reply.hold();  // the stage's
  reply.begin(_octets.back(), {transport.listenerFor(Transport::Protocol::udp, {}, nullptr), *Runtime::Endpoint::parse(from), 0},
              environment.clock.now());
  CPPUNIT_ASSERT(!reply.message.fault());
  return tm.claimReply(reply);
}

bool Stage::answer(size_t index, int code, std::string_view tag, std::string_view extra) {
  return receiveReply(replyTo(sent().at(index), code, tag, extra));
}

Pipeline::Verdict Stage::relay(const std::vector<std::string>& uris, bool predicate) {
  enter();
  if (!uris.empty()) CPPUNIT_ASSERT(current->setUri(uris.front()));
  for (size_t i = 1; i < uris.size(); ++i) {
    Core::Destination destination;
    destination.uri = current->keep(uris[i]);
    CPPUNIT_ASSERT(current->destinations.add(destination));
  }
  RelayManner manner;
  manner.predicate = predicate;
  const size_t before = transport.sent.size();
  const auto verdict = Relay(tm, machine, *current, manner).run();
  environment.turn();
  // tests count requests from the first; that the 100 leaves before it is RelayTest's to know
  auto& sent = transport.sent;
  tryingFirst = sent.size() > before + 1 && sent[before].text.starts_with("SIP/2.0 100") && !sent[before + 1].text.starts_with("SIP/2.0");
  if (tryingFirst) std::swap(sent[before], sent[before + 1]);
  return verdict;
}

void Stage::call(std::string_view method, const std::vector<std::string>& uris) {
  CPPUNIT_ASSERT(!receive(request(method)));
  CPPUNIT_ASSERT(relay(uris) == Pipeline::Verdict::settled);
}

std::vector<std::string> Stage::take() {
  std::vector<std::string> lines;
  for (; _taken < transport.sent.size(); ++_taken) lines.push_back(transport.sent[_taken].line() + " > " + transport.sent[_taken].to());
  return lines;
}

std::vector<long> Stage::times(std::string_view begin) const {
  std::vector<long> found;
  for (const auto& one : transport.sent)
    if (one.text.compare(0, begin.size(), begin) == 0)
      found.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(one.at).count());
  return found;
}

const Sent& Stage::last(std::string_view begin) const {
  const auto found = std::find_if(transport.sent.rbegin(), transport.sent.rend(),
                                  [&](const Sent& one) { return one.text.compare(0, begin.size(), begin) == 0; });
  CPPUNIT_ASSERT_MESSAGE(std::string(begin), found != transport.sent.rend());
  return *found;
}

}  // namespace Patchbay::Tm::Testing
