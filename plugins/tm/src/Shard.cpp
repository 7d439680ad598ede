#include "Shard.h"

#include <algorithm>

namespace Patchbay::Tm {

class Shards::Ticker : public Runtime::Ticker {
 public:
  Ticker(Shards& shards, size_t worker, ShardTimers& timers) : _shards(shards), _worker(worker), _timers(timers) {}

  std::optional<Runtime::Instant> nextDue() override {
    int64_t least = Never;
    for (size_t i = _worker; i < Count; i += _shards._workers.count()) least = std::min(least, due(i));
    if (least == Never) return {};
    return Runtime::Instant(Runtime::Instant::duration(least));
  }

  void tick(Runtime::Instant now) override {
    for (size_t i = _worker; i < Count; i += _shards._workers.count())
      if (due(i) <= now.time_since_epoch().count()) _timers.expire(_shards.at(i), now);
  }

 private:
  int64_t due(size_t shard) const { return _shards._due[shard].load(std::memory_order_relaxed); }
  Shards& _shards;
  const size_t _worker;
  ShardTimers& _timers;
};

Shards::Shards(Runtime::Workers& workers, Runtime::Instant now, ShardTimers& timers) : _workers(workers) {
  for (size_t i = 0; i < Count; ++i) {
    _shards[i] = std::make_unique<Shard>(i, workers.at(i % workers.count()), now);
    _due[i].store(Never, std::memory_order_relaxed);
  }
  for (size_t i = 0; i < workers.count(); ++i) {
    _tickers.push_back(std::make_unique<Ticker>(*this, i, timers));
    workers.at(i).add(*_tickers.back());
  }
}

Shards::~Shards() {
  for (size_t i = 0; i < _tickers.size(); ++i) _workers.at(i).remove(*_tickers[i]);
}

void Shards::refresh(Shard& shard) {
  const auto due = shard.wheel.nextDue();
  _due[shard.index].store(due ? due->time_since_epoch().count() : Never, std::memory_order_relaxed);
}

void Shards::advanceDue(Shard& shard, Runtime::Instant due) {
  _due[shard.index].store(due.time_since_epoch().count(), std::memory_order_relaxed);
  if (Runtime::Worker::current() != &shard.worker) shard.worker.wakeBy(due);
}

}  // namespace Patchbay::Tm
