#pragma once

#include <memory>
#include <string>
#include <vector>

#include "Bans.h"
#include "Policy.h"
#include "Sources.h"
#include "patchbay/auth/Auth.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"
#include "patchbay/runtime/Published.h"

namespace Patchbay::Guard {

/// Watches who asks for what. Claims before everybody else, so that what a banned source sends costs next to nothing.
class GuardPlugin : public Bundle::Plugin, public Core::Claimant, public Auth::Observer, public Runtime::Ticker {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void prepare(Bundle::Host& next) override;
  void commit() noexcept override;
  void discard() noexcept override { _nextPolicy.reset(); }
  void start() override;
  void stop() noexcept override;

  bool claimRequest(Core::Request& request) override;
  bool claimReply(Core::Request&) override { return false; }

  void challenged(const Core::Request& request) override;
  void failed(const Core::Request& request, std::string_view user, std::string_view realm) override;
  void accepted(const Core::Request& request) override { vouch(request); }

  std::optional<Runtime::Instant> nextDue() override { return _report; }
  void tick(Runtime::Instant now) override;

  // For actions:
  void vouch(const Core::Request& request);
  void suspect(const Core::Request& request, uint32_t points, Reason reason);
  /// `time` 0: as configured.
  void ban(const Core::Request& request, Reason reason, Runtime::Duration time);

 private:
  bool judge(Core::Request& request, const Runtime::IpAddress& source, const Policy& policy);
  Runtime::Duration timeFor(const Core::Request& request, Reason reason) const;
  Sources& sources() { return *_sources[Runtime::Worker::current()->index()]; }
  std::vector<Admin::Operation> operations();
  Admin::Answer list();
  Admin::Answer add(const Admin::Arguments& arguments);
  Admin::Answer remove(const Admin::Arguments& arguments);

  Bundle::Host* _host = nullptr;
  std::unique_ptr<Bans> _bans;
  std::vector<std::unique_ptr<Sources>> _sources;  ///< by worker
  static constexpr uint32_t RequestWindow = 60;
  Runtime::Published<Policy> _policy;
  std::shared_ptr<const Policy> _nextPolicy;  ///< while a reload is under way
  std::array<Runtime::Counter*, static_cast<size_t>(Reason::count_)> _banned{};
  Runtime::Counter *_dropped = nullptr, *_failed = nullptr, *_challenged = nullptr;
  struct Totals {
    uint64_t banned = 0, dropped = 0, failed = 0, challenged = 0;
  };
  Totals totals() const;
  Totals _told;
  Runtime::Instant _report{};
};

}  // namespace Patchbay::Guard
