#include "NonceCounts.h"

#include <algorithm>
#include <new>

namespace Patchbay::Auth {

namespace {

/// The 16 bits that are kept of a time tell ages up to this; a clock that was set back looks older.
constexpr uint32_t OldestKnown = 60000;

}  // namespace

NonceCounts::NonceCounts(size_t nonces, std::chrono::seconds lifetime, const Runtime::TableHash::Key& key)
    : _sets(std::max<size_t>(1, (nonces + Ways - 1) / Ways)),
      _lifetime(static_cast<uint32_t>(lifetime.count())),
      _key(key),
      _all(static_cast<Set*>(std::calloc(_sets, sizeof(Set)))) {
  if (!_all) throw std::bad_alloc();
}

NonceCounts::Use NonceCounts::use(const Mark& mark, uint32_t now) {
  const uint64_t hash = Runtime::TableHash(_key).add(mark.nonce).finish64();
  const size_t index = static_cast<size_t>(hash >> 16) % _sets;
  const auto tag = static_cast<uint16_t>(hash);
  const std::lock_guard<std::mutex> guard(_locks[index % Locks].mutex);
  Set& set = _all[index];
  for (size_t way = 0; way < Ways; ++way)
    if (set.highest[way] != 0 && set.tag[way] == tag && set.issued[way] == static_cast<uint16_t>(mark.issued)) return again(set, way, mark);
  return first(set, tag, mark, now);
}

NonceCounts::Use NonceCounts::again(Set& set, size_t way, const Mark& mark) {
  uint32_t& highest = set.highest[way];
  if (mark.count > highest) {
    const uint32_t step = mark.count - highest;
    set.seen[way] = static_cast<uint16_t>((step < Window ? set.seen[way] << step : 0) | 1);
    highest = mark.count;
    set.request[way] = mark.request;
    return Use::fresh;
  }
  if (mark.count == highest) return mark.request == set.request[way] ? Use::repeated : Use::replayed;
  const uint32_t back = highest - mark.count;
  if (back >= Window || (set.seen[way] >> back & 1) != 0) return Use::replayed;
  set.seen[way] = static_cast<uint16_t>(set.seen[way] | 1u << back);
  return Use::fresh;
}

NonceCounts::Use NonceCounts::first(Set& set, uint16_t tag, const Mark& mark, uint32_t now) const {
  if (set.floor != 0 && mark.issued <= set.floor) return Use::replayed;
  size_t chosen = 0;
  uint32_t oldest = 0;
  for (size_t way = 0; way < Ways && oldest != UINT32_MAX; ++way) {
    const uint32_t age = set.highest[way] == 0 ? UINT32_MAX : ageOf(set, way, now);
    if (age < oldest) continue;
    oldest = age;
    chosen = way;
  }
  if (oldest <= _lifetime) set.floor = std::max(set.floor, now - oldest);
  set.tag[chosen] = tag;
  set.issued[chosen] = static_cast<uint16_t>(mark.issued);
  set.highest[chosen] = mark.count;
  set.seen[chosen] = 1;
  set.request[chosen] = mark.request;
  return Use::fresh;
}

uint32_t NonceCounts::ageOf(const Set& set, size_t way, uint32_t now) const {
  const auto age = static_cast<uint16_t>(static_cast<uint16_t>(now) - set.issued[way]);
  return age > OldestKnown ? 0 : age;
}

}  // namespace Patchbay::Auth
