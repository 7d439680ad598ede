#pragma once

#include <memory>
#include <string>
#include <vector>

#include "patchbay/admin/Health.h"
#include "patchbay/admin/Operation.h"
#include "patchbay/runtime/Counter.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Admin {

/// The HTTP endpoint on Poco::Net's server, on threads of its own: /metrics (Prometheus text), /healthz, /readyz. Read-only, and refused on
/// any address but loopback. Limits: 16 clients at once, 8 KiB of request head, 10 s a request.
class PATCHBAY_API Endpoint {
 public:
  struct Settings {
    Runtime::Endpoint listen;
  };
  Endpoint(const Settings& settings, const Runtime::Metrics& metrics, const Health& health);
  ~Endpoint();
  /// Binds; throws Poco::IOException with address and reason.
  void start();
  void stop() noexcept;
  /// With the port that the system chose for port 0.
  Runtime::Endpoint local() const;

 private:
  struct State;
  std::unique_ptr<State> _state;
};

/// The text that /metrics gives (Prometheus exposition format 0.0.4).
PATCHBAY_API std::string prometheusText(const Runtime::Metrics& metrics);

}  // namespace Patchbay::Admin
