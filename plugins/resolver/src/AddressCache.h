#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "patchbay/resolver/Resolver.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Resolver {

/// What the name servers said lately: addresses, and that there are none. One worker's own; bounded, the longest unused goes first.
class AddressCache {
 public:
  struct Bounds {
    std::chrono::seconds least{5}, most{86400};  ///< for what was found
    std::chrono::seconds negative{30};           ///< how long "there is none" is believed
    size_t entries = 10000;
  };
  struct Entry {
    std::string key;
    Outcome outcome;
    std::vector<Runtime::IpAddress> addresses;
    Runtime::Instant expires;
  };

  AddressCache(const Bounds& bounds, const Runtime::SipHash::Key& key) : _bounds(bounds), _index(64, Hash{key}) {}
  /// Null when unknown or expired. Valid until the next `put`. No allocation.
  const Entry* find(std::string_view key, Runtime::Instant now);
  /// Keeps what was found or not found; a failure is not kept.
  void put(std::string_view key, const NameServer::Addresses& answer, Runtime::Instant now);
  size_t size() const { return _entries.size(); }

 private:
  struct Hash {
    Runtime::SipHash::Key key;
    size_t operator()(std::string_view text) const { return Runtime::SipHash::of(key, text); }
  };
  using Entries = std::list<Entry>;
  void erase(Entries::iterator entry);

  Bounds _bounds;
  Entries _entries;  // the last used first
  std::unordered_map<std::string_view, Entries::iterator, Hash> _index;
};

}  // namespace Patchbay::Resolver
