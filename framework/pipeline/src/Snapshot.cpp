#include "patchbay/pipeline/Snapshot.h"

namespace Patchbay::Pipeline {

/// Twice: a hold that goes from one worker to another may be missed by one look.
bool Snapshot::held() const {
  for (int look = 0; look < 2; ++look) {
    int64_t sum = 0;
    for (const Cell& cell : _cells) sum += cell.count.load(std::memory_order_acquire);
    if (sum != 0) return true;
  }
  return false;
}

void CurrentSnapshot::publish(std::unique_ptr<Snapshot> snapshot) {
  collect();  // before: a worker may be about to hold the one that is replaced now
  _current.store(snapshot.get(), std::memory_order_release);
  _all.push_back(std::move(snapshot));
}

void CurrentSnapshot::collect() {
  const Snapshot* current = _current.load(std::memory_order_relaxed);
  std::erase_if(_all, [&](const std::unique_ptr<Snapshot>& one) { return one.get() != current && !one->held(); });
}

}  // namespace Patchbay::Pipeline
