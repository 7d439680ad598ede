#include "Sweeper.h"

#include <algorithm>

namespace Patchbay::Usrloc {

namespace {

constexpr Runtime::Duration Once = std::chrono::seconds(1);
constexpr size_t MostRows = 256;  // of one shard in one go: the worker has messages to see to

}  // namespace

Runtime::Duration MemoryTable::Sweeper::period() const {
  if (_table._shared.mode != WriteMode::back) return Once;
  // half of the window: the other half is for handing over and writing
  return std::min({Once, _table._shared.writeInterval, _table._shared.journalWindow / 2});
}

void MemoryTable::Sweeper::tick(Runtime::Instant now) {
  _due.store(0, std::memory_order_relaxed);
  const bool writes = now >= _nextWrite;
  if (writes) _nextWrite = now + _table._shared.writeInterval;
  bool any = false, more = false;
  sweepShards(now, writes, any, more);
  if (_table.journals()) {
    _table._journal->add(_records);
    _records.clear();
    _table.advanceCheckpoint(now);
    any |= _table._journal->isBusy();
  }
  more = more && _table._store->database().room() != 0;  // else after an interval again
  if (more) _nextWrite = now;
  const Runtime::Instant next = now + (more ? std::chrono::milliseconds(1) : period());
  if (any) _due.store(next.time_since_epoch().count(), std::memory_order_relaxed);
}

void MemoryTable::Sweeper::sweepShards(Runtime::Instant now, bool writes, bool& any, bool& more) {
  for (size_t i = _worker.index(); i < ShardCount; i += _count) {
    Shard& shard = _table._shards[i];
    std::lock_guard<std::mutex> lock(shard.mutex);
    _table.sweep(shard, now, writes);
    _table.giveToJournal(shard, _records);
    any |= shard.size() != 0 || shard.hasUnwritten();
    more |= writes && shard.hasUnwritten();
  }
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
  if (!_store || !shard.hasUnwritten()) return;
  // what the database's queue has no room for waits here, where several changes of a contact are one
  for (size_t rows = std::min(MostRows, _store->database().room()); rows > 0; --rows) {
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
