#include "LegWriter.h"
#include "Relay.h"
#include "Transactions.h"

namespace Patchbay::Tm {
namespace {

/// The same for a copy of the ACK: it has no transaction that would tell copies apart (RFC 3261, 16.11).
Branch ackBranch(Transactions& tm, Core::Request& request) {
  Branch branch;
  branch.loop = loopValue(tm.core().key(), request.message);
  if (const auto key = serverKey(tm.core().key(), request.message, Parser::Method::ack)) branch.random = key->second;
  return branch;
}

bool sendTo(Transactions& tm, Core::Request& request, const Core::NextHop& hop, const Transport::Flow& flow) {
  tm.core().stampVia(request);
  const bool sent = flow && LegWriter(tm, request).send(request.destinations.main(), hop, flow, ackBranch(tm, request), 0, nullptr) ==
                                LegWriter::Sent::yes;
  if (sent) tm.counters().acks->add();
  return sent;
}

void sendTo(Transactions& tm, Core::Request& request, const Core::NextHop& hop, const std::vector<Resolver::Target>& targets) {
  const LegWriter writer(tm, request);
  for (const Resolver::Target& target : targets)
    if (sendTo(tm, request, hop, writer.flowTo(request.destinations.main(), target))) return;
}

/// An ACK that waits for a name server, with its request.
class WaitingAck : public Resolver::Waiter {
 public:
  WaitingAck(Transactions& tm, Core::Request& request) : _tm(tm), _request(request) { request.retain(); }
  void resolved(Resolver::Outcome outcome, const std::vector<Resolver::Target>& targets) override {
    if (outcome == Resolver::Outcome::found)
      sendTo(_tm, *_request, Core::NextHop::of(_tm.core(), *_request, _request->destinations.main()), targets);
    Runtime::Worker& worker = *Runtime::Worker::current();
    worker.post([this, &desk = _tm.desk(worker)] { desk.take(*this); });  // gone, but not while the resolver looks at it
  }

 private:
  Transactions& _tm;
  Core::RequestHold _request;
};

}  // namespace

void relayAck(Transactions& tm, Core::Request& request) {
  if (hasLooped(request.message, tm.core().instanceId(), loopValue(tm.core().key(), request.message))) return tm.counters().loops->add();
  const Core::NextHop hop = Core::NextHop::of(tm.core(), request, request.destinations.main());
  if (!hop.good) return;
  if (hop.flow) {
    sendTo(tm, request, hop, hop.flow);
    return;
  }
  auto& targets = tm.desk(*Runtime::Worker::current()).targets;
  if (Runtime::IpAddress::parse(hop.query.host)) {
    Lookup none(tm);
    if (tm.resolver().resolve(hop.query, targets, none) == Resolver::Outcome::found) sendTo(tm, request, hop, targets);
    return;
  }
  auto waiting = std::make_unique<WaitingAck>(tm, request);
  const Core::NextHop again = Core::NextHop::of(tm.core(), request, request.destinations.main());  // its texts may have moved
  const auto outcome = tm.resolver().resolve(again.query, targets, *waiting);
  if (outcome == Resolver::Outcome::found) sendTo(tm, request, again, targets);
  if (outcome == Resolver::Outcome::pending) tm.desk(*Runtime::Worker::current()).keep(std::move(waiting));
}

}  // namespace Patchbay::Tm
