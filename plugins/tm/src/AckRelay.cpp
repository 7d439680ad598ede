#include "LegWriter.h"
#include "Relay.h"
#include "Transactions.h"

namespace Patchbay::Tm {
namespace {

/// An ACK on its way. Its branch is the same for a copy: there is no transaction that would tell copies apart (RFC 3261, 16.11).
struct Ack {
  Transactions& tm;
  Core::Request& request;
  const Branch branch;

  Ack(Transactions& transactions, Core::Request& ack)
      : tm(transactions), request(ack), branch{loopValue(tm.core().key(), ack.message), 0, tm.keyOf(ack).second} {}
  bool hasLooped() const { return Tm::hasLooped(request.message, tm.core().instanceId(), branch.loop); }
};

bool sendTo(const Ack& ack, const Core::NextHop& hop, const Transport::Flow& flow) {
  auto& [tm, request, branch] = ack;
  tm.core().stampVia(request);
  const bool sent = flow && LegWriter(tm, request).send(request.destinations.main(), hop, flow, branch, 0, nullptr) == LegWriter::Sent::yes;
  if (sent) tm.counters().acks->add();
  return sent;
}

void sendTo(const Ack& ack, const Core::NextHop& hop, const std::vector<Resolver::Target>& targets) {
  const LegWriter writer(ack.tm, ack.request);
  for (const Resolver::Target& target : targets)
    if (sendTo(ack, hop, writer.flowTo(ack.request.destinations.main(), target))) return;
}

/// An ACK that waits for a name server, with its request.
class WaitingAck : public Resolver::Waiter {
 public:
  explicit WaitingAck(const Ack& ack) : _ack(ack), _hold(ack.request) { ack.request.retain(); }
  void resolved(Resolver::Outcome outcome, const std::vector<Resolver::Target>& targets) override {
    if (outcome == Resolver::Outcome::found)
      sendTo(_ack, Core::NextHop::of(_ack.tm.core(), _ack.request, _ack.request.destinations.main()), targets);
    Runtime::Worker& worker = *Runtime::Worker::current();
    worker.post([this, &desk = _ack.tm.desk(worker)] { desk.take(*this); });  // gone, but not while the resolver looks at it
  }

 private:
  const Ack _ack;
  Core::RequestHold _hold;
};

}  // namespace

void relayAck(Transactions& tm, Core::Request& request) {
  const Ack ack(tm, request);
  if (ack.hasLooped()) return tm.counters().loops->add();
  const Core::NextHop hop = Core::NextHop::of(tm.core(), request, request.destinations.main());
  if (!hop.good) return;
  if (hop.flow) {
    sendTo(ack, hop, hop.flow);
    return;
  }
  auto& targets = tm.desk(*Runtime::Worker::current()).targets;
  if (Runtime::IpAddress::parse(hop.query.host)) {
    Lookup none(tm);
    if (tm.resolver().resolve(hop.query, targets, none) == Resolver::Outcome::found) sendTo(ack, hop, targets);
    return;
  }
  if (!tm.core().hasRoom(request)) return;
  auto waiting = std::make_unique<WaitingAck>(ack);
  const Core::NextHop again = Core::NextHop::of(tm.core(), request, request.destinations.main());  // its texts may have moved
  const auto outcome = tm.resolver().resolve(again.query, targets, *waiting);
  if (outcome == Resolver::Outcome::found) sendTo(ack, again, targets);
  if (outcome == Resolver::Outcome::pending) tm.desk(*Runtime::Worker::current()).keep(std::move(waiting));
}

}  // namespace Patchbay::Tm
