#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "Block.h"

namespace Patchbay::Usrloc {

/// A part of a table: the addresses of record with one range of hashes, their timers, and what is still to be written. Everything under
/// `mutex`, which whoever calls holds.
class alignas(64) Shard {
 public:
  explicit Shard(Runtime::Instant now) : wheel(now), _buckets(16) {}
  ~Shard();
  Shard(const Shard&) = delete;

  /// The first contact, null without.
  Block* find(uint32_t hash, std::string_view aor) const;
  /// Behind the others of its address of record; true when it is the first. `block->hash` is set.
  bool insert(Block* block);
  /// At the same place. Neither of them is freed or armed here.
  void replace(Block* old, Block* fresh);
  /// True when it was the last of its address of record.
  bool erase(Block* block);
  size_t size() const { return _size; }
  /// Calls `visit(Block& first)` for each address of record until it says false.
  template <class Visit>
  void each(Visit&& visit) const {
    for (Block* first : _buckets)
      for (; first; first = first->nextInBucket)
        if (!visit(*first)) return;
  }

  /// Writes later: what has changed, or (fate removed) has gone.
  void defer(Block* block);
  /// One that was deferred, null when none is left. It is no longer in the list.
  Block* takeUnwritten();
  bool hasUnwritten() const { return _unwritten != nullptr; }
  size_t unwritten() const { return _unwrittenCount; }

  mutable std::mutex mutex;
  Runtime::TimerWheel wheel;
  uint64_t sequence = 0;
  std::string journal;  ///< records that the journal has not been given yet

 private:
  Block** bucketOf(uint32_t hash) { return &_buckets[hash & (_buckets.size() - 1)]; }
  /// The link that leads to the first contact of an address of record.
  Block** linkOf(uint32_t hash, std::string_view aor);
  void grow();
  std::vector<Block*> _buckets;
  size_t _aors = 0, _size = 0, _unwrittenCount = 0;
  Block* _unwritten = nullptr;
};

}  // namespace Patchbay::Usrloc
