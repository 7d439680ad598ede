#pragma once

#include <cstdint>
#include <string_view>

#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/Random.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Auth {

/// Makes nonces and knows them again without keeping them: time (8 hex digits, as SER had it), then in base64 the process that made it,
/// randomness, a hash of the client's address, and a keyed code over all of that and the realm. Servers with the same secret know each
/// other's.
class Nonces {
 public:
  static constexpr size_t Length = 40;
  struct Settings {
    Runtime::SipHash::Key key{};
    uint32_t process = 0;  ///< 24 bits count: other processes' nonces are known, but are not ours
    std::chrono::seconds lifetime{300};
    bool bindSource = true;
    bool acceptOthers = false;
  };
  struct Reading {
    enum class State : uint8_t {
      forged,  ///< not made with our secret, or not for this realm
      stale,   ///< too old, from the future, another process's, or another client's
      sound
    } state = State::forged;
    uint64_t id = 0;      ///< of its randomness and process
    uint32_t issued = 0;  ///< seconds since 1970
  };

  explicit Nonces(const Settings& settings) : _settings(settings) {}
  /// Length octets to `out`; returns the end.
  char* write(std::string_view realm, const Runtime::IpAddress& source, Runtime::WallTime now, Runtime::Random& random, char* out) const;
  Reading read(std::string_view nonce, std::string_view realm, const Runtime::IpAddress& source, Runtime::WallTime now) const;

 private:
  struct Parts;
  void sign(std::string_view realm, Parts& parts) const;
  uint32_t tagOf(const Runtime::IpAddress& source) const;
  bool isCurrent(uint32_t issued, Runtime::WallTime now) const;
  Settings _settings;
};

}  // namespace Patchbay::Auth
