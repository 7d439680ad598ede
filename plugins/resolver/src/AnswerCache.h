#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "patchbay/resolver/Resolver.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Resolver {

/// What the name servers said lately: records, and that there are none. One worker's own; bounded, the longest unused goes first.
class AnswerCache {
 public:
  struct Bounds {
    std::chrono::seconds least{5}, most{86400};  ///< for what was found
    std::chrono::seconds negative{30};           ///< how long "there is none" is believed at most, and when the zone gives no time
    std::chrono::seconds stale{3600};            ///< how long what was found may be used beyond its time when name servers fail
    size_t entries = 10000;
  };
  /// How long a stale answer then counts as a good one, so that not every call asks the dead server (RFC 8767, 4).
  static constexpr std::chrono::seconds Revival{30};

  AnswerCache(const Bounds& bounds, const Runtime::SipHash::Key& key) : _bounds(bounds), _index(64, Hash{key}) {}
  /// Null when unknown or expired. Valid until the next `put`. No allocation.
  const NameServer::Answer* find(std::string_view key, Runtime::Instant now);
  /// What was found and has expired, but not too long ago; it is then good for a while. Null when there is none.
  const NameServer::Answer* revive(std::string_view key, Runtime::Instant now);
  /// Keeps what was found or not found; a failure is not kept and takes the place of nothing.
  void put(std::string_view key, const NameServer::Answer& answer, Runtime::Instant now);
  size_t size() const { return _entries.size(); }

 private:
  struct Entry {
    std::string key;
    NameServer::Answer answer;
    Runtime::Instant expires, spoiled;
  };
  struct Hash {
    Runtime::SipHash::Key key;
    size_t operator()(std::string_view text) const { return Runtime::SipHash::of(key, text); }
  };
  using Entries = std::list<Entry>;
  std::chrono::seconds lifetimeOf(const NameServer::Answer& answer) const;
  void erase(Entries::iterator entry);

  Bounds _bounds;
  Entries _entries;  // the last used first
  std::unordered_map<std::string_view, Entries::iterator, Hash> _index;
};

}  // namespace Patchbay::Resolver
