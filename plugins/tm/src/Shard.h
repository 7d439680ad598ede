#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

#include "Table.h"
#include "patchbay/runtime/TimerWheel.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Tm {

class ClientTransaction;
class ServerTransaction;

/// A timer that knows what it belongs to.
class Timed : public Runtime::Timer {
 public:
  explicit Timed(bool client) : isClient(client) {}
  const bool isClient;
};

/// A part of all transactions: its tables and timers, under one lock. A server transaction and all its branches are in one shard.
struct Shard {
  Shard(size_t shardIndex, Runtime::Worker& shardWorker, Runtime::Instant now) : index(shardIndex), worker(shardWorker), wheel(now) {}

  const size_t index;
  Runtime::Worker& worker;  ///< drives the timers
  std::mutex mutex;
  Runtime::TimerWheel wheel;
  Table<ServerTransaction> servers;
  Table<ClientTransaction> clients;
};

/// Tells what a shard's timers want: called on the shard's worker, with the lock not held.
class ShardTimers {
 public:
  virtual ~ShardTimers() = default;
  virtual void expire(Shard& shard, Runtime::Instant now) = 0;
};

/// All shards, and one ticker on each worker for those that are its. When a shard's timers are next due stands in one atomic, so that a
/// turn of a loop without due timers costs a few loads and no lock.
class Shards {
 public:
  static constexpr size_t Count = 64;
  static constexpr int64_t Never = std::numeric_limits<int64_t>::max();

  Shards(Runtime::Workers& workers, Runtime::Instant now, ShardTimers& timers);
  ~Shards();
  Shards(const Shards&) = delete;

  Shard& at(size_t index) { return *_shards[index]; }
  Shard& of(const Key& key) { return *_shards[key.first % Count]; }
  /// Takes note of a timer that was armed; the shard's lock is held. Wakes the shard's worker when it is another one.
  void armed(Shard& shard, Runtime::Instant due) {
    const int64_t at = due.time_since_epoch().count();
    if (at < _due[shard.index].load(std::memory_order_relaxed)) advanceDue(shard, due);
  }
  /// Sets when the wheel is next due; the shard's lock is held.
  void refresh(Shard& shard);

 private:
  class Ticker;
  void advanceDue(Shard& shard, Runtime::Instant due);
  Runtime::Workers& _workers;
  std::array<std::unique_ptr<Shard>, Count> _shards;
  std::array<std::atomic<int64_t>, Count> _due;
  std::vector<std::unique_ptr<Ticker>> _tickers;
};

}  // namespace Patchbay::Tm
