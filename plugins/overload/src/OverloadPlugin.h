#pragma once

#include <array>
#include <string>
#include <vector>

#include "Admission.h"
#include "RefusedBefore.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Overload {

/// Early, stateless refusal of new requests that have waited too long to be read. Claims behind tm and sl: what belongs to a transaction
/// never comes here.
class OverloadPlugin : public Bundle::Plugin, public Core::Claimant {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;

  bool claimRequest(Core::Request& request) override;
  bool claimReply(Core::Request&) override { return false; }

 private:
  void readLimits(Bundle::Host& host);
  bool judge(Core::Request& request, Runtime::Worker& worker);
  bool isSpared(Core::Request& request) const;
  bool refuse(Core::Request& request, Runtime::Worker& worker, Runtime::Counter& reason);
  void report(Runtime::Duration waited);

  Core::Service* _core = nullptr;
  Log::Logger* _log = nullptr;
  Admission _admission;
  std::chrono::seconds _retryLeast{}, _retryMost{};
  std::vector<std::string> _emergency;
  std::array<RefusedBefore, Runtime::Workers::Most + 1> _refused;  ///< by worker: the copies of a peer's requests come to the same one
  Runtime::Counter *_share = nullptr, *_late = nullptr, *_copies = nullptr, *_discarded = nullptr;
};

}  // namespace Patchbay::Overload
