#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Guard {

enum class Reason : uint8_t { password, scan, scanner, flood, rule, administrator, count_ };
const char* nameOf(Reason reason);

/// What counts as one source: an IPv4 address, or the /64 of an IPv6 one.
Runtime::IpAddress sourceOf(const Runtime::IpAddress& address);

/// Who is banned, and until when. Fixed size: the ban that would end first makes room. Thread-safe; asking whether somebody is banned costs
/// one load while nobody is.
class Bans {
 public:
  struct Ban {
    Runtime::IpAddress source;
    Reason reason = Reason::rule;
    Runtime::Instant until{};
  };
  Bans(size_t most, const Runtime::TableHash::Key& key);
  bool has(const Runtime::IpAddress& source, Runtime::Instant now);
  /// Until the later of this time and that of a ban that is there. True when it is a new one.
  bool add(const Ban& ban, Runtime::Instant now);
  bool remove(const Runtime::IpAddress& source);
  std::vector<Ban> all(Runtime::Instant now);
  size_t count(Runtime::Instant now);
  size_t most() const { return _sets.size() * Ways; }

 private:
  static constexpr size_t Ways = 8, Locks = 64;
  using Set = std::array<Ban, Ways>;
  struct alignas(64) Lock {
    std::mutex mutex;
  };
  size_t indexOf(const Runtime::IpAddress& source) const;
  Runtime::TableHash::Key _key;
  std::vector<Set> _sets;
  std::array<Lock, Locks> _locks;
  std::atomic<int64_t> _latest{0};  ///< when the last ban ends
};

}  // namespace Patchbay::Guard
