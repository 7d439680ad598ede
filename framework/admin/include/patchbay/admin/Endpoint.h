#pragma once

#include <memory>
#include <string>
#include <vector>

#include "patchbay/admin/Access.h"
#include "patchbay/admin/Health.h"
#include "patchbay/admin/Operations.h"
#include "patchbay/runtime/Counter.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Admin {

/// The HTTP endpoint on Poco::Net's server, on threads of its own with a lower priority than the workers': /metrics (Prometheus text),
/// /healthz and /readyz for whoever asks from this machine, the operations under /api/v1 for bearers of tokens. Refused on any address but
/// loopback unless it has a certificate. Limits: 16 clients at once, 8 KiB of request head, 64 KiB of body, 10 s a request.
class PATCHBAY_API Endpoint {
 public:
  struct Settings {
    Runtime::Endpoint listen;
    std::string version = {};
  };
  /// Borrowed.
  struct Parts {
    const Runtime::Metrics& metrics;
    const Health& health;
    const Operations& operations;
    const Access& access;
  };
  Endpoint(const Settings& settings, const Parts& parts);
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

/// The operation `operations`: what there is, for patchctl.
PATCHBAY_API Operation operationsOperation(const Operations& operations);

}  // namespace Patchbay::Admin
