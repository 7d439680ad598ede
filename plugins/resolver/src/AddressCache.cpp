#include "AddressCache.h"

#include <algorithm>

namespace Patchbay::Resolver {

const AddressCache::Entry* AddressCache::find(std::string_view key, Runtime::Instant now) {
  const auto found = _index.find(key);
  if (found == _index.end()) return nullptr;
  const auto entry = found->second;
  if (entry->expires <= now) {
    erase(entry);
    return nullptr;
  }
  _entries.splice(_entries.begin(), _entries, entry);
  return &*entry;
}

void AddressCache::put(std::string_view key, const NameServer::Addresses& answer, Runtime::Instant now) {
  if (answer.outcome != Outcome::found && answer.outcome != Outcome::notFound) return;
  const auto found = _index.find(key);
  if (found != _index.end()) erase(found->second);
  if (_entries.size() >= _bounds.entries) erase(std::prev(_entries.end()));
  const bool positive = answer.outcome == Outcome::found;
  const auto lifetime = positive ? std::clamp(answer.ttl, _bounds.least, _bounds.most) : _bounds.negative;
  _entries.push_front({std::string(key), answer.outcome, answer.addresses, now + lifetime});
  _index.emplace(_entries.front().key, _entries.begin());
}

void AddressCache::erase(Entries::iterator entry) {
  _index.erase(entry->key);
  _entries.erase(entry);
}

}  // namespace Patchbay::Resolver
