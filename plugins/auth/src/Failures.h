#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Auth {

/// Counts failed passwords by source address, by account, and by both together, in bounded memory; a window begins with its first failure.
/// Also remembers which account has succeeded from which address, so that a guess from elsewhere shuts nobody out. Thread-safe.
class Failures {
 public:
  struct Settings {
    std::chrono::seconds window{300};
    uint32_t most = 10;          ///< of one account from one source: then refused
    uint32_t mostOfSource = 30;  ///< of one source: then refused, but for accounts that have succeeded from there
    Runtime::Duration hold = std::chrono::milliseconds(50);  ///< how late a failure is answered
    Runtime::Duration longestHold = std::chrono::seconds(2);
  };
  struct Who {
    Runtime::IpAddress source;
    std::string_view user, realm;
  };

  Failures(const Settings& settings, const Runtime::TableHash::Key& key);
  /// From now on, while others ask.
  void use(const Settings& settings);
  bool refuses(const Who& who, Runtime::Instant now);
  /// Returns how long the answer is held back: the more failures, the longer.
  Runtime::Duration add(const Who& who, Runtime::Instant now);
  void succeeded(const Who& who);

 private:
  static constexpr size_t Ways = 4, Sets = 16384, Locks = 64, Pairs = 1 << 16;
  struct Entry {
    uint64_t key = 0;
    uint32_t count = 0, since = 0;
  };
  struct Keys {
    uint64_t source, account, pair;
  };
  struct alignas(64) Lock {
    std::mutex mutex;
  };
  static std::string_view networkOf(const Who& who);
  uint64_t pairOf(const Who& who) const;
  Keys keysOf(const Who& who) const;
  uint32_t count(uint64_t key, uint32_t now);
  uint32_t raise(uint64_t key, uint32_t now);
  bool isOver(const Entry& entry, uint32_t now) const { return now - entry.since > _window.load(std::memory_order_relaxed); }
  bool isKnown(uint64_t pair) const;
  bool isQuiet(uint32_t now) const;

  std::atomic<uint32_t> _window{0}, _most{0}, _mostOfSource{0};  ///< the settings; seconds
  std::atomic<Runtime::Duration> _hold{}, _longestHold{};
  Runtime::TableHash::Key _key;
  std::vector<std::array<Entry, Ways>> _sets;
  std::array<Lock, Locks> _locks;
  std::unique_ptr<std::atomic<uint32_t>[]> _known;
  std::atomic<uint32_t> _last{0};  ///< when there was a failure
};

}  // namespace Patchbay::Auth
