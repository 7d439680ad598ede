#include "AnswerCache.h"

#include <algorithm>

namespace Patchbay::Resolver {

const NameServer::Answer* AnswerCache::find(std::string_view key, Runtime::Instant now) {
  const auto found = _index.find(key);
  if (found == _index.end()) return nullptr;
  const auto entry = found->second;
  if (entry->expires <= now) {
    if (entry->spoiled <= now) erase(entry);
    return nullptr;
  }
  _entries.splice(_entries.begin(), _entries, entry);
  return &entry->answer;
}

const NameServer::Answer* AnswerCache::revive(std::string_view key, Runtime::Instant now) {
  const auto found = _index.find(key);
  if (found == _index.end() || found->second->spoiled <= now) return nullptr;
  auto& entry = *found->second;
  if (entry.expires <= now) entry.expires = std::min(now + Revival, entry.spoiled);
  return &entry.answer;
}

void AnswerCache::put(std::string_view key, const NameServer::Answer& answer, Runtime::Instant now) {
  if (answer.outcome != Outcome::found && answer.outcome != Outcome::notFound) return;
  const auto found = _index.find(key);
  if (found != _index.end()) erase(found->second);
  if (_entries.size() >= _bounds.entries) erase(std::prev(_entries.end()));
  const auto expires = now + lifetimeOf(answer);
  const auto spoiled = answer.outcome == Outcome::found ? expires + _bounds.stale : expires;
  _entries.push_front({std::string(key), answer, expires, spoiled});
  _index.emplace(_entries.front().key, _entries.begin());
}

std::chrono::seconds AnswerCache::lifetimeOf(const NameServer::Answer& answer) const {
  if (answer.outcome == Outcome::found)
    return std::clamp(answer.ttl.value_or(_bounds.least), _bounds.least, std::max(_bounds.least, _bounds.most));
  return std::min(std::max(answer.ttl.value_or(_bounds.negative), _bounds.least), _bounds.negative);
}

void AnswerCache::erase(Entries::iterator entry) {
  _index.erase(entry->key);
  _entries.erase(entry);
}

}  // namespace Patchbay::Resolver
