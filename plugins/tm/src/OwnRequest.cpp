#include <cstring>

#include "LegWriter.h"
#include "ServerTransaction.h"
#include "Transactions.h"
#include "patchbay/core/NextHop.h"

namespace Patchbay::Tm {
namespace {

/// Room for a request of our own: its texts and the lines around them.
size_t roomFor(const Outgoing& request, const Transport::Listener& listener, std::string_view instance) {
  return 512 + request.method.size() * 2 + request.requestUri.size() + listener.viaPrefix.size() + Branch::room(instance) +
         request.from.size() + request.to.size() + request.callId.size() + request.fromTag.size() + request.lines.size() +
         request.contentType.size() + request.body.size() + listener.host.size();
}

void write(const Outgoing& request, const Transport::Flow& flow, std::string_view branch, Runtime::Random& random, Parser::Writer& out) {
  out.text(request.method).raw(" ").text(request.requestUri).raw(" SIP/2.0\r\nVia: ").raw(flow.listener->viaPrefix).raw(branch);
  out.raw("\r\nMax-Forwards: 70\r\nFrom: ").text(request.from).raw(";tag=");
  if (request.fromTag.empty())
    out.hex(random.next());
  else
    out.text(request.fromTag);
  out.raw("\r\nTo: ").text(request.to).raw("\r\nCall-ID: ");
  if (request.callId.empty())
    out.hex(random.next()).hex(random.next()).raw("@").raw(flow.listener->host);
  else
    out.text(request.callId);
  out.raw("\r\nCSeq: ").number(request.cseq).raw(" ").text(request.method).raw("\r\n").raw(request.lines);
  if (!request.contentType.empty()) out.header("Content-Type", request.contentType);
  out.raw("Content-Length: ").number(request.body.size()).raw("\r\n\r\n").raw(request.body);
}

/// A request of our own on its way: waits for the name server when it must, then becomes a client transaction.
class Sending : public Resolver::Waiter {
 public:
  Sending(Transactions& tm, const Outgoing& request, Answers& answers) : _tm(tm), _answers(answers), _timeout(request.timeout) {
    copy(request);
  }
  const Outgoing& request() const { return _request; }

  void resolved(Resolver::Outcome outcome, const std::vector<Resolver::Target>& targets) override {
    if (outcome != Resolver::Outcome::found || !start(targets)) _answers.answer(503, nullptr);
    Runtime::Worker& worker = *Runtime::Worker::current();
    worker.post([this, &desk = _tm.desk(worker)] { desk.take(*this); });  // gone, but not while the resolver looks at it
  }
  bool start(const std::vector<Resolver::Target>& targets) {
    for (const Resolver::Target& target : targets)
      if (start(Transport::Flow{_tm.transport().routeTo(target.protocol, target.endpoint.address, nullptr), target.endpoint, target.way}))
        return true;
    return false;
  }

 private:
  /// The caller's texts may be gone when the name server answers.
  void copy(const Outgoing& request) {
    _texts.reserve(request.method.size() + request.requestUri.size() + request.from.size() + request.to.size() + request.lines.size() +
                   request.contentType.size() + request.body.size() + request.callId.size() + request.fromTag.size());
    const auto keep = [this](std::string_view text) {
      const size_t at = _texts.size();
      _texts.append(text);
      return std::string_view(_texts).substr(at);
    };
    _request = {keep(request.method),
                keep(request.requestUri),
                {},
                keep(request.from),
                keep(request.to),
                keep(request.lines),
                keep(request.contentType),
                keep(request.body),
                request.timeout,
                keep(request.callId),
                keep(request.fromTag),
                request.cseq,
                request.flow};
  }

 public:
  bool start(const Transport::Flow& flow) {
    if (!flow) return false;
    Runtime::Worker& worker = *Runtime::Worker::current();
    const Branch branch{worker.random().next(), shardFor(worker), worker.random().next()};
    Turn turn(_tm, _tm.shards().at(branch.shard), worker);
    auto* transaction = new ServerTransaction(_answers, worker);
    ClientTransaction& leg = transaction->addLeg(Parser::methodOf(_request.method));
    leg.flow = flow;
    leg.key = branch.key(leg.method);
    leg.place = _tm.open().enter(flow.peer);  // of no account for itself
    _tm.counters().own->add();
    const bool sent = send(turn, leg, branch);
    if (sent) {
      transaction->open = 1;
      leg.begin(turn);
      if (_timeout > Runtime::Duration::zero()) leg.limit(turn, _timeout);
    } else {
      leg.end(turn);
    }
    turn.tidy(*transaction);
    return sent;
  }

 private:
  /// One whose timers this worker drives.
  uint8_t shardFor(Runtime::Worker& worker) const { return static_cast<uint8_t>(worker.index() % Shards::Count); }

  bool send(Turn& turn, ClientTransaction& leg, const Branch& branch) {
    char value[256];
    const std::string_view instance = _tm.core().instanceId();
    if (Branch::room(instance) > sizeof(value)) return false;
    const std::string_view text(value, static_cast<size_t>(branch.write(value, instance) - value));
    const size_t room = roomFor(_request, *leg.flow.listener, instance);
    char* octets = _tm.transport().reserve(leg.flow, room);
    if (!octets) return false;
    Parser::Writer out(octets, room);
    write(_request, leg.flow, text, turn.worker.random(), out);
    if (!out.ok()) return false;
    leg.octets.assign(out.written());
    return _tm.transport().commit(leg.flow, out.size());
  }

  Transactions& _tm;
  Answers& _answers;
  Outgoing _request;
  std::string _texts;
  Runtime::Duration _timeout;
};

}  // namespace

bool Transactions::send(const Outgoing& request, Answers& answers) {
  const Parser::Method method = Parser::methodOf(request.method);
  if (method == Parser::Method::invite || method == Parser::Method::ack || method == Parser::Method::cancel) return false;
  const auto uri = Parser::Uri::parse(request.nextHop.empty() ? request.requestUri : request.nextHop);
  if (!uri || !uri->isSip()) return false;
  auto sending = std::make_unique<Sending>(*this, request, answers);
  if (request.flow) return sending->start(request.flow);
  std::vector<Resolver::Target> targets;
  switch (_resolver->resolve(Core::NextHop::queryFor(*uri), targets, *sending)) {
    case Resolver::Outcome::found:
      return sending->start(targets);
    case Resolver::Outcome::pending:
      desk(*Runtime::Worker::current()).keep(std::move(sending));
      return true;
    default:
      return false;
  }
}

}  // namespace Patchbay::Tm
