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

/// What the endpoint proves itself by, when it speaks TLS.
struct PATCHBAY_API Certificate {
  std::string file = {};  ///< PEM: the certificate, those that vouch for it behind it; empty: no TLS
  std::string key = {};   ///< PEM; empty: in the same file

  explicit operator bool() const { return !file.empty(); }
  /// Whether it can be used; throws Poco::Exception whose text names the file.
  void check() const;
};

/// The HTTP endpoint on Poco::Net's server, on threads of its own with a lower priority than the workers': /metrics (Prometheus text),
/// /healthz and /readyz for whoever asks from this machine, the operations under /api/v1 for bearers of tokens. Refused on any address but
/// loopback unless it has a certificate. Limits: 16 clients at once, 8 KiB of request head, 64 KiB of body, 10 s a request.
class PATCHBAY_API Endpoint {
 public:
  struct Settings {
    Runtime::Endpoint listen;
    std::string version = {};
    Certificate certificate = {};
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
  /// For who asks from this machine.
  std::string url() const;
  /// For connections from now on. Throws Poco::Exception, and nothing is changed.
  void renew(const Certificate& certificate);

 private:
  struct State;
  std::unique_ptr<State> _state;
};

/// The text that /metrics gives (Prometheus exposition format 0.0.4).
PATCHBAY_API std::string prometheusText(const Runtime::Metrics& metrics);

/// The operation `operations`: what there is, for patchctl.
PATCHBAY_API Operation operationsOperation(const Operations& operations);

}  // namespace Patchbay::Admin
