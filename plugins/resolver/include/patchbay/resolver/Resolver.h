#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/log/Api.h"
#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Resolver {

/// What is to be found (RFC 3263, 4). Views need to live during `resolve` only.
struct Query {
  std::string_view host;                        ///< name, IPv4 literal, or IPv6 literal with brackets
  uint16_t port = 0;                            ///< 0: none was written
  std::optional<Transport::Protocol> protocol;  ///< from transport=, when given
  bool secure = false;                          ///< sips
};

struct Target {
  Transport::Protocol protocol = Transport::Protocol::udp;
  Runtime::Endpoint endpoint;
  friend bool operator==(const Target&, const Target&) = default;
};

enum class Outcome : uint8_t {
  found,
  pending,   ///< the waiter is told later, on this worker
  notFound,  ///< the name does not exist or has no address
  failed     ///< no answer in time, or the name servers are broken
};

/// Waits for one answer at a time. Destroying it cancels.
class PATCHBAY_API Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  virtual ~Waiter();
  /// On the worker that asked. Targets in the order in which to try them; empty unless found.
  virtual void resolved(Outcome outcome, const std::vector<Target>& targets) = 0;
  bool waiting() const { return _cancel != nullptr; }

 private:
  friend class WaiterAccess;
  void (*_cancel)(Waiter&) = nullptr;
  void* _lookup = nullptr;
};

/// Finds targets without ever holding the worker. Literals and cached names are answered at once. One total deadline (4 s unset) per
/// look-up.
class PATCHBAY_API Service {
 public:
  virtual ~Service() = default;
  /// `targets` is cleared, then filled when found. Pending: `waiter` is told; it must then stay where it is until told or destroyed.
  virtual Outcome resolve(const Query& query, std::vector<Target>& targets, Waiter& waiter) = 0;
};

/// Where answers come from: c-ares on each worker's loop, or a test's own, offered through Services::override_.
class PATCHBAY_API NameServer {
 public:
  struct Addresses {
    Outcome outcome = Outcome::failed;
    std::vector<Runtime::IpAddress> addresses;
    std::chrono::seconds ttl{0};
  };
  virtual ~NameServer() = default;
  /// Asks for A or AAAA records on the current worker; `done` is called on it later or at once.
  virtual void addresses(const std::string& name, Runtime::IpAddress::Family family, std::function<void(Addresses)> done) = 0;
};

}  // namespace Patchbay::Resolver
