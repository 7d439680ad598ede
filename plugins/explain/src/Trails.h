#pragma once

#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "Trail.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Explain {

/// The latest requests of each worker, in a ring a worker. A request's id tells its place, enciphered, so that it is found without a table
/// and says nothing to others. Each ring has a lock: its worker, whoever sees an event of a request, and operators take it shortly.
class Trails {
 public:
  /// `most` trails in all; `key` for the ids.
  void configure(size_t workers, size_t most, uint64_t key);
  bool enabled() const { return !_rings.empty(); }

  /// On a worker: a new trail, filled in by `fill(trail)`; its id.
  template <class Fill>
  uint64_t begin(Runtime::Worker& worker, Fill&& fill) {
    Ring& ring = *_rings[worker.index()];
    std::lock_guard<std::mutex> lock(ring.mutex);
    const uint64_t sequence = ++ring.last;
    Trail& trail = ring.at(sequence);
    trail.begin(sequence);
    fill(trail);
    ring.at(sequence + 1).prefetch();
    return idOf(worker.index(), sequence);
  }
  /// On any worker: changes the trail of that id unless it has been overwritten.
  template <class Change>
  void with(uint64_t id, Change&& change) {
    const auto [ring, sequence] = placeOf(id);
    if (ring == nullptr) return;
    std::lock_guard<std::mutex> lock(ring->mutex);
    if (Trail& trail = ring->at(sequence); trail.sequence == sequence) change(trail);
  }
  /// For operators: the newest first, until `each` says false. A few under the lock at a time.
  void each(const std::function<bool(uint64_t id, const Trail& trail)>& each);

 private:
  struct Free {
    void operator()(Trail* trails) const { std::free(trails); }
  };
  /// Zeros, which the system gives when they are touched: what is never used costs nothing.
  static Trail* emptyTrails(size_t count);
  struct Ring {
    explicit Ring(size_t size) : trails(emptyTrails(size)), count(size) {}
    Trail& at(uint64_t sequence) { return trails[sequence % count]; }
    std::mutex mutex;
    const std::unique_ptr<Trail[], Free> trails;
    const size_t count;
    uint64_t last = 0;
  };
  uint64_t idOf(size_t worker, uint64_t sequence) const;
  std::pair<Ring*, uint64_t> placeOf(uint64_t id) const;
  bool block(size_t worker, uint64_t from, const std::function<bool(uint64_t, const Trail&)>& each);
  std::vector<std::unique_ptr<Ring>> _rings;
  uint64_t _key = 0;
};

}  // namespace Patchbay::Explain
