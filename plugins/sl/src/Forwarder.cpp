#include "Forwarder.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "patchbay/core/LargeRequest.h"

namespace Patchbay::Sl {

namespace {

/// Behind the cookie and the instance id: tells our stateless branches from tm's.
constexpr std::string_view Mark = ".s";
constexpr std::string_view Cookie = "z9hG4bK";
constexpr size_t HashLength = 16;

/// Where the reply to a request goes, as its topmost Via says once it is stamped.
struct Origin {
  std::string_view host;
  uint16_t port;
};

std::optional<uint64_t> hexOf(std::string_view text) {
  uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return {};
  return number;
}

Origin originOf(const Parser::Via& via) {
  return {via.received.empty() ? via.host : via.received, via.rport ? via.rport : via.port ? via.port : uint16_t(5060)};
}

}  // namespace

/// A forward that waits for a name: told once, then resumes the pipeline.
struct Forwarder::Pending : Resolver::Waiter {
  Forwarder& forwarder;
  Core::RequestHold request;
  Core::NextHop hop;
  Pipeline::Ticket ticket;
  const bool predicate;

  Pending(Forwarder& f, Core::Request& r, bool asPredicate) : forwarder(f), request(r), predicate(asPredicate) {}

  void resolved(Resolver::Outcome outcome, const std::vector<Resolver::Target>& targets) override {
    if (ticket.awaited()) conclude(outcome, targets);  // else a CANCEL has ended the pipeline, or it went on with an error
    forwarder.forget(*this);
  }

 private:
  void conclude(Resolver::Outcome outcome, const std::vector<Resolver::Target>& targets) {
    const bool found = outcome == Resolver::Outcome::found && !targets.empty();
    const bool sent = found && forwarder.send(*request, hop, targets);
    if (!sent && !predicate) forwarder._core->answer(*request, {.code = 478});
    if (predicate && outcome == Resolver::Outcome::failed)
      ticket.resume(Pipeline::Verdict::error, "the name servers do not answer");
    else
      ticket.resume(sent || !predicate ? Pipeline::Verdict::settled : Pipeline::Verdict::no);
  }
};

Forwarder::Forwarder() = default;
Forwarder::~Forwarder() = default;

void Forwarder::stop() noexcept {
  for (auto& pending : _pending) pending.clear();
}

void Forwarder::forget(const Pending& pending) {
  _pending[Runtime::Worker::slot()].erase(&pending);
}

void Forwarder::configure(Bundle::Host& host) {
  _forwarded = &host.counter("sl_forwarded_total");
  _relayed = &host.counter("sl_replies_relayed_total");
}

void Forwarder::bind(Bundle::Host& host, Core::Service& core) {
  _core = &core;
  _transport = &host.services().find<Transport::Service>();
  _resolver = &host.services().find<Resolver::Service>();
}

Forwarder::Sent Forwarder::forward(Core::Request& request, Pipeline::Machine& machine, bool asPredicate) {
  const auto& destination = request.destinations.main();
  auto hop = Core::NextHop::of(*_core, request, destination);
  hop.query.key = keyOf(request);
  if (!hop.good) return Sent::no;
  if (hop.flow) return send(request, hop, std::span(&hop.flow, 1)) ? Sent::yes : Sent::no;
  thread_local std::vector<Resolver::Target> targets;
  struct Unused : Resolver::Waiter {
    void resolved(Resolver::Outcome, const std::vector<Resolver::Target>&) override {}
  };
  if (Runtime::IpAddress::parse(hop.query.host)) {  // the usual case, no waiter needed
    Unused unused;
    return _resolver->resolve(hop.query, targets, unused) == Resolver::Outcome::found && send(request, hop, targets) ? Sent::yes : Sent::no;
  }
  if (!request.transaction && !_core->hasRoom(request)) {
    Core::answerBusy(*_core, request);
    return Sent::refused;
  }
  request.retain();
  auto pending = std::make_unique<Pending>(*this, request, asPredicate);
  pending->hop = Core::NextHop::of(*_core, request, destination);
  pending->hop.query.key = keyOf(request);
  switch (_resolver->resolve(pending->hop.query, targets, *pending)) {
    case Resolver::Outcome::found:
      return send(request, pending->hop, targets) ? Sent::yes : Sent::no;
    case Resolver::Outcome::pending: {
      using namespace std::chrono_literals;
      pending->ticket = machine.suspend(10s);
      const Pending* const key = pending.get();
      _pending[Runtime::Worker::slot()].emplace(key, std::move(pending));
      return Sent::pending;
    }
    default:
      return Sent::no;
  }
}

Transport::Flow Forwarder::flowTo(Core::Request& request, const Resolver::Target& target) const {
  const auto* chosen = request.destinations.main().listener;
  const auto& address = target.endpoint.address;
  return {chosen ? _transport->listenerFor(target.protocol, address, chosen)
                 : _transport->routeTo(target.protocol, address, request.flow.listener),
          target.endpoint, target.way};
}

/// Nothing is kept that could try another target: only the first one counts, by TCP and else by UDP when the request is large.
bool Forwarder::send(Core::Request& request, const Core::NextHop& hop, const std::vector<Resolver::Target>& found) {
  std::vector<Resolver::Target> room;
  std::array<Transport::Flow, 2> flows;
  size_t count = 0;
  for (const auto& target : Core::LargeRequest::targets(*_transport, request, std::span(found).first(1), room))
    if (const auto flow = flowTo(request, target)) flows[count++] = flow;
  return send(request, hop, std::span(flows).first(count));
}

bool Forwarder::send(Core::Request& request, const Core::NextHop& hop, std::span<const Transport::Flow> flows) {
  if (flows.empty()) return false;
  _core->stampVia(request);
  hop.applyRoutes(*_core, request, request.edits);
  return std::any_of(flows.begin(), flows.end(), [&](const Transport::Flow& flow) { return write(request, hop, flow); });
}

bool Forwarder::write(Core::Request& request, const Core::NextHop& hop, const Transport::Flow& flow) {
  std::array<char, 1024> via;
  Parser::Writer lines(via.data(), via.size());
  writeVia(request, *flow.listener, lines);
  Core::writeSecondRecordRoute(*_core, request, flow, lines);
  const Parser::Rebuild rebuild{request.message, hop.requestUri, lines.written(),
                                &request.edits,  nullptr,        Transport::isReliable(flow.protocol())};
  const size_t room = rebuild.room();
  char* octets = lines.ok() ? _transport->reserve(flow, room) : nullptr;
  if (!octets) return false;
  Parser::Writer out(octets, room);
  rebuild.write(out);
  if (!out.ok() || !_transport->commit(flow, out.size())) return false;
  _forwarded->add();
  if (request.transaction) request.transaction->abandon(request);  // it has waited in one: nothing more comes of that
  return true;
}

/// RFC 3261, 16.11: a request that is sent again, and what belongs to it, goes to the same place, though nothing is kept of it.
uint64_t Forwarder::keyOf(Core::Request& request) const {
  return Runtime::SipHash(_core->key()).add(request.message.callId()).finish64() | 1;
}

uint64_t Forwarder::clientTransaction(Core::Request& request) const {
  auto& message = request.message;
  const auto* via = message.topVia();
  Runtime::TableHash hash(_core->key());
  if (via && via->hasCookie()) return hash.part(via->branch).part(via->sentBy).finish64();
  const auto *from = message.from(), *to = message.to();
  const auto* cseq = message.cseq();
  hash.part(message.callId())
      .part(from ? from->tag : std::string_view())
      .part(to && message.method() != Parser::Method::ack ? to->tag : std::string_view());
  return hash.add(uint64_t(cseq ? cseq->number : 0)).part(message.requestUriText()).part(via ? via->text : std::string_view()).finish64();
}

uint64_t Forwarder::wayBack(const Parser::Via& via, std::string_view host, uint16_t port, uint64_t transaction) const {
  return Runtime::TableHash(_core->key()).part(via.branch).part(via.protocol).part(host).add(uint64_t(port)).add(transaction).finish64();
}

void Forwarder::writeVia(Core::Request& request, const Transport::Listener& listener, Parser::Writer& out) const {
  const auto* via = request.message.topVia();
  const auto transaction = clientTransaction(request);
  char address[48];
  const std::string_view ip(address, static_cast<size_t>(request.flow.peer.address.write(address, false) - address));
  const uint16_t port = via->hasRport ? request.flow.peer.port : via->port ? via->port : uint16_t(5060);
  out.raw("Via: ")
      .raw(listener.viaPrefix)
      .raw(Cookie)
      .raw(_core->instanceId())
      .raw(Mark)
      .hex(transaction)
      .hex(wayBack(*via, ip, port, transaction))
      .raw("\r\n");
}

bool Forwarder::relayReply(Core::Received& reply) {
  auto branch = reply.message.topVia() ? reply.message.topVia()->branch : std::string_view();
  const size_t head = Cookie.size() + _core->instanceId().size() + Mark.size();
  if (branch.size() != head + 2 * HashLength || branch.substr(Cookie.size(), _core->instanceId().size()) != _core->instanceId() ||
      branch.substr(head - Mark.size(), Mark.size()) != Mark)
    return false;
  const auto below = reply.message.secondVia();
  const auto transaction = hexOf(branch.substr(head, HashLength)), way = hexOf(branch.substr(head + HashLength));
  if (!below || !transaction || !way) return true;
  const auto origin = originOf(*below);
  const auto address = Runtime::IpAddress::parse(origin.host);
  const auto protocol = Transport::protocolOf(below->protocol);  // not always the reply's: see send
  if (!address || !protocol || wayBack(*below, address->toString(), origin.port, *transaction) != *way)
    return true;  // ours, but not the way it came: dropped
  const Transport::Flow flow{_transport->listenerFor(*protocol, *address, reply.flow.listener), {*address, origin.port}, 0};
  const auto cut = reply.message.topViaCut();
  const auto octets = reply.message.octets();
  const size_t length = octets.size() - cut.length;
  char* out = flow ? _transport->reserve(flow, length) : nullptr;
  if (!out) return true;
  Parser::Writer(out, length).raw(octets.substr(0, cut.begin)).raw(octets.substr(cut.end()));
  if (_transport->commit(flow, length)) _relayed->add();
  return true;
}

}  // namespace Patchbay::Sl
