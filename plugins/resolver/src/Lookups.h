#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "AddressCache.h"
#include "HostsFile.h"
#include "Lookup.h"
#include "patchbay/runtime/Counter.h"
#include "patchbay/runtime/TimerWheel.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Resolver {

/// What all workers' look-ups have in common. Lives longer than they.
struct Common {
  NameServer& server;
  const Transport::Service& transport;
  const HostsFile& hosts;
  Runtime::Duration deadline{};
  AddressCache::Bounds bounds;
  size_t most = 1000;  ///< questions under way, all workers together
  bool v6First = true;
  bool useV4 = true, useV6 = true;  ///< the families that we have listeners for
  bool useLoopback = true;          ///< one of our listeners is bound to a loopback address
  std::atomic<size_t> underWay{0};

  Runtime::Counter* hits = nullptr;
  Runtime::Counter* joined = nullptr;
  Runtime::Counter* refused = nullptr;
  Runtime::Counter* timedOut = nullptr;
  Runtime::Counter* answers[3] = {};  ///< found, not found, failed
};

/// Names to addresses on one worker: its cache, its questions under way, its deadlines. Used by that worker only.
///
/// Each look-up has a deadline of its own. A question outlives the look-ups that gave up: its late answer still goes into the cache, and
/// who asks meanwhile joins it. When one family has addresses the other gets `Grace` more, no longer.
class Lookups : public Runtime::Ticker {
 public:
  static constexpr std::chrono::milliseconds Grace{100};

  Lookups(Runtime::Worker& worker, Common& common);
  ~Lookups() override;
  Lookups(const Lookups&) = delete;

  /// `name` from writeName().
  Outcome resolve(std::string_view name, const Plan& plan, std::vector<Target>& targets, Waiter& waiter);

  std::optional<Runtime::Instant> nextDue() override { return _wheel.nextDue(); }
  void tick(Runtime::Instant now) override;

 private:
  using Family = Runtime::IpAddress::Family;
  static void cancel(Waiter& waiter);
  void want(Lookup& lookup, std::string_view name, Family family);
  void ask(Lookup& lookup, std::string_view key, Family family);
  void answered(const std::string& key, Family family, NameServer::Addresses answer);
  void settle(Lookup& lookup);
  void wait(Lookup& lookup, Waiter& waiter);
  void finish(Lookup& lookup);
  void dropUseless(std::vector<Runtime::IpAddress>& addresses) const;
  Lookup& takeLookup();
  void release(Lookup& lookup);

  Runtime::Worker& _worker;
  Common& _common;
  Runtime::TimerWheel _wheel;
  AddressCache _cache;
  std::unordered_map<std::string, std::unique_ptr<Inquiry>> _inquiries;
  std::vector<std::unique_ptr<Lookup>> _all;
  std::vector<Lookup*> _free;
  std::shared_ptr<Lookups*> _self;  ///< a name server's late answer looks here whether we are still there
};

}  // namespace Patchbay::Resolver
