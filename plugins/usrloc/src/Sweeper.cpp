#include "Sweeper.h"

#include <algorithm>

namespace Patchbay::Usrloc {

namespace {

constexpr Runtime::Duration Once = std::chrono::seconds(1);
constexpr size_t MostRows = 256;  // of one shard in one go: the worker has messages to see to

}  // namespace

Runtime::Duration MemoryTable::Sweeper::period() const {
  return _table._shared.mode == WriteMode::back ? std::min(Once, _table._shared.writeInterval) : Once;
}

void MemoryTable::Sweeper::tick(Runtime::Instant now) {
  _due.store(0, std::memory_order_relaxed);
  const bool writes = now >= _nextWrite;
  if (writes) _nextWrite = now + _table._shared.writeInterval;
  bool any = false, more = false;
  for (size_t i = _worker.index(); i < ShardCount; i += _count) {
    Shard& shard = _table._shards[i];
    std::lock_guard<std::mutex> lock(shard.mutex);
    _table.sweep(shard, now, writes);
    any |= shard.size() != 0 || shard.hasUnwritten();
    more |= writes && shard.hasUnwritten();
  }
  if (more) _nextWrite = now;
  const Runtime::Instant next = now + (more ? std::chrono::milliseconds(1) : period());
  if (any) _due.store(next.time_since_epoch().count(), std::memory_order_relaxed);
}

void MemoryTable::sweep(Shard& shard, Runtime::Instant now, bool writes) {
  shard.wheel.advance(now, [&](Runtime::Timer& timer) {
    auto& block = static_cast<Block&>(timer);
    if (block.usable(wall()))
      arm(shard, block);  // the calendar's clock was put back
    else
      take(shard, &block, Event::Kind::expire, Event::Origin::registrar, nullptr);
  });
  if (writes) writeBack(shard);
}

void MemoryTable::writeBack(Shard& shard) {
  if (!_store) return;
  for (size_t rows = 0; rows < MostRows; ++rows) {
    Block* block = shard.takeUnwritten();
    if (block == nullptr) return;
    if (block->fate == Block::Fate::live) {
      _store->write(*block, {});
      block->stored = true;
      continue;
    }
    if (block->fate == Block::Fate::removed) _store->remove(*block, {});
    Block::free(block);
  }
}

}  // namespace Patchbay::Usrloc
