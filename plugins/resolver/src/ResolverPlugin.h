#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "AresNameServer.h"
#include "HostsFile.h"
#include "Lookups.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Resolver {

/// Targets of URIs: literals and the hosts table at once, names through the workers' look-ups.
class PATCHBAY_API ResolverPlugin : public Bundle::Plugin, public Service {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void start() override;
  void stop() noexcept override;
  void commit() noexcept override;

  Outcome resolve(const Query& query, std::vector<Target>& targets, Waiter& waiter) override;

 private:
  void readServers(Bundle::Host& host);
  void addMeters(Bundle::Host& host);
  void readListeners(Bundle::Host& host);
  Outcome answer(const std::vector<Runtime::IpAddress>& addresses, const Plan& plan, std::string_view name,
                 std::vector<Target>& targets) const;

  Bundle::Host* _host = nullptr;
  AresChannel::Settings _settings;
  bool _inward = false;  ///< who sends may lead us further inside than he is
  AresNameServer _ares;
  std::optional<HostsFile> _hosts;
  std::optional<Common> _common;
  std::vector<std::unique_ptr<Lookups>> _lookups;  ///< worker by worker
};

}  // namespace Patchbay::Resolver
