#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "patchbay/auth/Digest.h"
#include "patchbay/runtime/Clock.h"

namespace Patchbay::AuthDb {

/// HA1s by a keyed hash of table, realm, username and algorithm, in memory that no core dump shows and of fixed size: the oldest of four
/// makes room. Thread-safe.
class CredentialCache {
 public:
  using Key = std::pair<uint64_t, uint64_t>;
  struct Found {
    Auth::HexDigest ha1;
    bool fresh = false;  ///< else only for when the database cannot be asked
  };
  /// `keep` is not shorter than `fresh`; a `fresh` of 0 lets nothing be fresh.
  CredentialCache(size_t entries, std::chrono::seconds fresh, std::chrono::seconds keep);
  ~CredentialCache();
  CredentialCache(const CredentialCache&) = delete;

  std::optional<Found> find(const Key& key, Runtime::Instant now);
  void put(const Key& key, const Auth::HexDigest& ha1, Runtime::Instant now);
  void remove(const Key& key);

 private:
  static constexpr size_t Ways = 4, Locks = 64;
  struct Entry {
    Key key;
    uint32_t since;  ///< 0: empty
    uint8_t length;
    std::array<char, 64> digits;
  };
  struct alignas(64) Lock {
    std::mutex mutex;
  };
  Entry* setOf(const Key& key) const { return _entries + (key.first % _sets) * Ways; }
  std::mutex& lockOf(const Key& key) { return _locks[(key.first % _sets) % Locks].mutex; }
  size_t _sets;
  uint32_t _fresh, _keep;
  Entry* _entries = nullptr;
  std::array<Lock, Locks> _locks;
};

}  // namespace Patchbay::AuthDb
