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
  /// Not 0: records of equal rank come in an order that depends on this number and on nothing else, so that copies of a request that we
  /// keep no state of go to one place. 0: at random, by weight (RFC 2782).
  uint64_t key = 0;
  /// Addresses of a narrower scope are left out: who wrote the host would have us send to where he cannot reach himself.
  Runtime::Scope least = Runtime::Scope::unspecified;
};

struct Target {
  Transport::Protocol protocol = Transport::Protocol::udp;
  Runtime::Endpoint endpoint;
  uint64_t way = 0;  ///< for Transport::Flow::connection: the name to be proved where that matters (TLS)
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
  enum class Type : uint16_t { a = 1, aaaa = 28, srv = 33, naptr = 35 };  ///< RFC 1035, 3596, 2782, 3403
  struct Record {
    Runtime::IpAddress address = {};       ///< of A and AAAA
    uint16_t priority = 0, weight = 0;     ///< of SRV; of NAPTR: order and preference
    uint16_t port = 0;                     ///< of SRV
    std::string target = {};               ///< of SRV and NAPTR, in lower case, without the last dot; empty: the root
    std::string flags = {}, service = {};  ///< of NAPTR, in lower case
  };
  enum class Failure : uint8_t { none, timeout, server, malformed, refused };
  struct Answer {
    Outcome outcome = Outcome::failed;  ///< found: at least one record. Never pending
    std::vector<Record> records = {};
    std::optional<std::chrono::seconds> ttl = {};  ///< of what was not found: the zone's word (RFC 2308), when it gave one
    Failure failure = Failure::none;
  };
  virtual ~NameServer() = default;
  /// Asks for the records of that type on the current worker, through aliases (CNAME); `done` is called on it later or at once, once.
  virtual void ask(const std::string& name, Type type, std::function<void(Answer)> done) = 0;
};

}  // namespace Patchbay::Resolver
