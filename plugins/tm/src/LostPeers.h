#pragma once

#include <optional>
#include <vector>

#include "patchbay/runtime/Worker.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Tm {

class Transactions;

/// Peers that cannot be reached, on the way to the branches that wait for them. One worker's.
///
/// To find these branches all are looked through. However many peers are lost, and whoever feigns that, this takes no more than a twentieth
/// of the worker's time: those that are told meanwhile wait and are looked for together. Above 64 of them the timers do it.
class LostPeers : public Runtime::Ticker {
 public:
  LostPeers(Transactions& transactions, Runtime::Worker& worker) : _tm(transactions), _worker(worker) { _worker.add(*this); }
  ~LostPeers() override { _worker.remove(*this); }
  LostPeers(const LostPeers&) = delete;

  void add(const Transport::Flow& flow);
  std::optional<Runtime::Instant> nextDue() override;
  void tick(Runtime::Instant now) override;

 private:
  static constexpr size_t Most = 64;
  Transactions& _tm;
  Runtime::Worker& _worker;
  std::vector<Transport::Flow> _flows;
  Runtime::Instant _next{};
};

}  // namespace Patchbay::Tm
