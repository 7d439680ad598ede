#include "CredentialCache.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace Patchbay::AuthDb {

namespace {

uint32_t secondsOf(Runtime::Instant now) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()) + 1;
}

}  // namespace

CredentialCache::CredentialCache(size_t entries, std::chrono::seconds fresh, std::chrono::seconds keep)
    : _sets(std::max<size_t>(1, entries / Ways)),
      _fresh(static_cast<uint32_t>(fresh.count())),
      _keep(static_cast<uint32_t>(std::max(fresh, keep).count())) {
  const size_t octets = _sets * Ways * sizeof(Entry);
  void* memory = ::mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
#ifdef MADV_DONTDUMP
  ::madvise(memory, octets, MADV_DONTDUMP);
#endif
  _entries = static_cast<Entry*>(memory);
}

CredentialCache::~CredentialCache() {
  ::munmap(_entries, _sets * Ways * sizeof(Entry));
}

std::optional<CredentialCache::Found> CredentialCache::find(const Key& key, Runtime::Instant now) {
  const std::lock_guard<std::mutex> guard(lockOf(key));
  Entry* const set = setOf(key);
  for (size_t way = 0; way < Ways; ++way) {
    Entry& entry = set[way];
    if (entry.since == 0 || entry.key != key) continue;
    const uint32_t age = secondsOf(now) - entry.since;
    if (age >= _keep) return {};
    Found found;
    found.ha1.digits = entry.digits;
    found.ha1.length = entry.length;
    found.fresh = age < _fresh;
    return found;
  }
  return {};
}

void CredentialCache::put(const Key& key, const Auth::HexDigest& ha1, Runtime::Instant now) {
  if (_keep == 0) return;
  const std::lock_guard<std::mutex> guard(lockOf(key));
  Entry* const set = setOf(key);
  Entry* place = set;
  for (size_t way = 0; way < Ways; ++way) {
    if (set[way].since != 0 && set[way].key == key) {
      place = &set[way];
      break;
    }
    if (set[way].since < place->since) place = &set[way];
  }
  *place = {key, secondsOf(now), ha1.length, ha1.digits};
}

void CredentialCache::remove(const Key& key) {
  const std::lock_guard<std::mutex> guard(lockOf(key));
  Entry* const set = setOf(key);
  for (size_t way = 0; way < Ways; ++way)
    if (set[way].since != 0 && set[way].key == key) set[way] = Entry{};
}

}  // namespace Patchbay::AuthDb
