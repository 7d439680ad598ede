#pragma once

#include <memory>
#include <string>
#include <vector>

#include "HostsFile.h"
#include "Lookup.h"
#include "Questions.h"
#include "patchbay/runtime/TimerWheel.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Resolver {

/// What all workers' look-ups have in common. Lives longer than they.
struct Common {
  Common(NameServer& server, const HostsFile& hosts) : desk(server), hosts(hosts) {}
  Desk desk;
  const HostsFile& hosts;
  Offers offers;
  Runtime::Duration deadline{};
  bool v6First = true;
  Runtime::Counter* timedOut = nullptr;
};

/// Names to targets on one worker: its questions, its look-ups and their deadlines. Used by that worker only.
///
/// Each look-up has one deadline in all. When there are addresses, what is still to come gets `Grace` more (`LongGrace` while other SRV
/// targets are quite unknown), no longer. After 3/8 of the deadline in one step what was known before is used, stale.
class Lookups : public Runtime::Ticker {
 public:
  static constexpr std::chrono::milliseconds Grace{100}, LongGrace{500};

  Lookups(Runtime::Worker& worker, Common& common);
  ~Lookups() override;
  Lookups(const Lookups&) = delete;

  Outcome resolve(const Lookup::Wishes& wishes, std::vector<Target>& targets, Waiter& waiter);
  /// An answer came for a look-up that waits.
  void goOn(Lookup& lookup);

  std::optional<Runtime::Instant> nextDue() override { return _wheel.nextDue(); }
  void tick(Runtime::Instant now) override;

 private:
  static void cancel(Waiter& waiter);
  void wait(Lookup& lookup, Waiter& waiter);
  void arm(Lookup& lookup);
  void beginPatience(Lookup& lookup);
  void fire(Lookup& lookup, Runtime::Instant now);
  void finish(Lookup& lookup);
  Lookup& takeLookup();
  void release(Lookup& lookup);

  Runtime::Worker& _worker;
  Common& _common;
  Runtime::TimerWheel _wheel;
  Questions _questions;
  Lookup::Site _site;
  std::vector<std::unique_ptr<Lookup>> _all;
  std::vector<Lookup*> _free;
};

}  // namespace Patchbay::Resolver
