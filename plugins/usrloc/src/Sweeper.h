#pragma once

#include <atomic>

#include "MemoryTable.h"

namespace Patchbay::Usrloc {

/// Drives the shards of one worker. Asked each turn, so `nextDue` is one load; it sleeps while its shards are empty.
class MemoryTable::Sweeper final : public Runtime::Ticker {
 public:
  Sweeper(MemoryTable& table, Runtime::Worker& worker, size_t count) : _table(table), _worker(worker), _count(count) {}

  std::optional<Runtime::Instant> nextDue() override {
    const auto due = _due.load(std::memory_order_relaxed);
    if (due == 0) return {};
    return Runtime::Instant(Runtime::Instant::duration(due));
  }
  void tick(Runtime::Instant now) override;
  /// From any thread: there is something to look after.
  void wake(Runtime::Instant now) {
    if (_due.load(std::memory_order_relaxed) != 0) return;
    const Runtime::Instant due = now + period();
    _due.store(due.time_since_epoch().count(), std::memory_order_relaxed);
    _worker.wakeBy(due);
  }
  Runtime::Worker& worker() { return _worker; }

 private:
  Runtime::Duration period() const;
  void sweepShards(Runtime::Instant now, bool writes, bool& any, bool& more);
  MemoryTable& _table;
  Runtime::Worker& _worker;
  const size_t _count;  ///< of workers
  std::atomic<Runtime::Instant::rep> _due{0};
  Runtime::Instant _nextWrite{};
  std::string _records;  ///< for the journal
};

}  // namespace Patchbay::Usrloc
