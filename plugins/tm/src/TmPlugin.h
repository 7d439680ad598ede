#pragma once

#include "Actions.h"
#include "Operations.h"
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
  void stop() noexcept override;

 private:
  void readTiming(Bundle::Host& host);
  void makeCounters(Bundle::Host& host);
  Bundle::Host* _host = nullptr;
  Transactions _transactions;
  Operations _operations{_transactions};
  Timing _timing;
  RelayUsage _usage;
  Runtime::Counter _ended;
  Counters _counters;
};

}  // namespace Patchbay::Tm
