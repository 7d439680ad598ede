#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string_view>
#include <vector>

#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Registrar {

/// Which Call-IDs have lost a contact lately, so that a late copy of the REGISTER that brought it does not bring it back. For as long as a
/// client sends copies (64*T1, RFC 3261, 17.1.2.2); in memory of a fixed size, where a newer removal may take an older one's place.
/// Thread-safe.
class Removals {
 public:
  static constexpr size_t Places = 16384;
  static constexpr std::chrono::seconds Lifetime{32};

  explicit Removals(const Runtime::SipHash::Key& key) : _key(key), _places(Places) {}
  /// Requests of that Call-ID for that address of record below `cseq` are late from now on.
  void note(std::string_view aor, std::string_view callId, uint32_t cseq, Runtime::WallTime now);
  bool isLate(std::string_view aor, std::string_view callId, uint32_t cseq, Runtime::WallTime now);

 private:
  struct Place {
    uint64_t who = 0;
    uint32_t cseq = 0;
    uint32_t until = 0;  ///< seconds since 1970
  };
  static constexpr size_t Locks = 64;
  uint64_t hash(std::string_view aor, std::string_view callId) const;

  const Runtime::SipHash::Key _key;
  std::array<std::mutex, Locks> _locks;
  std::vector<Place> _places;
  std::atomic<uint32_t> _until{0};  ///< no place is younger: mostly there is nothing to look for
};

}  // namespace Patchbay::Registrar
