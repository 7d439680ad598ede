#pragma once

#include "Actions.h"
#include "Operations.h"
#include "Probes.h"
#include "Transactions.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Tm {

/// The bundle's one declaration and its life cycle.
class TmPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void start() override;
  void prepare(Bundle::Host& next) override;
  void commit() noexcept override;
  void discard() noexcept override { _usage = _usageBefore; }
  void stop() noexcept override;

 private:
  static Timing timingOf(Bundle::Host& host);
  static RelayUsage usageOf(Bundle::Host& host);
  void makeCounters(Bundle::Host& host);
  Bundle::Host* _host = nullptr;
  Transactions _transactions;
  Operations _operations{_transactions};
  Probes _probes{_transactions};
  Timing _timing;
  RelayUsage _usage;  ///< of the rules that are bound next
  Timing _nextTiming;
  RelayUsage _usageBefore;
  Runtime::Counter _ended;
  Counters _counters;
};

}  // namespace Patchbay::Tm
