#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Auth {

/// Which counts (nc) of which nonces have been used, by those who knew the password: replays are refused, in bounded memory (15 octets a
/// nonce). When it is full the oldest nonce of eight is forgotten, and nonces not younger than that one count as used from then on: a
/// client then gets a new one. Thread-safe.
class NonceCounts {
 public:
  enum class Use : uint8_t {
    fresh,
    repeated,  ///< the same request once more, as UDP has it
    replayed   ///< used before by another request, too far back, or forgotten
  };
  struct Mark {
    uint64_t nonce;
    uint32_t issued;   ///< seconds since 1970
    uint32_t count;    ///< from 1 on
    uint32_t request;  ///< a hash of what makes it that request
  };
  /// How far behind the highest count one that was overtaken may still come.
  static constexpr uint32_t Window = 16;

  NonceCounts(size_t nonces, std::chrono::seconds lifetime, const Runtime::TableHash::Key& key);
  Use use(const Mark& mark, uint32_t now);
  size_t octets() const { return _sets * sizeof(Set); }

 private:
  static constexpr size_t Ways = 8, Locks = 64;
  struct Set {
    uint32_t floor;  ///< nonces issued then or before may be forgotten ones
    std::array<uint32_t, Ways> highest;
    std::array<uint32_t, Ways> request;  ///< of the highest
    std::array<uint16_t, Ways> tag, issued, seen;
  };
  struct Free {
    void operator()(Set* sets) const { std::free(sets); }
  };
  struct alignas(64) Lock {
    std::mutex mutex;
  };
  static Use again(Set& set, size_t way, const Mark& mark);
  Use first(Set& set, uint16_t tag, const Mark& mark, uint32_t now) const;
  uint32_t ageOf(const Set& set, size_t way, uint32_t now) const;

  size_t _sets;
  uint32_t _lifetime;
  Runtime::TableHash::Key _key;
  std::unique_ptr<Set[], Free> _all;  ///< untouched pages cost nothing
  std::array<Lock, Locks> _locks;
};

}  // namespace Patchbay::Auth
