#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "patchbay/pipeline/Program.h"

namespace Patchbay::Pipeline {

/// What belongs to one configuration and is swapped with it whole: rules, bound parameters, lists. Immutable once published.
///
/// Transactions keep the snapshot they began with. Keeping one costs no shared atomic per message: each worker counts in its own cell how
/// often it took and gave back; only the sum over all workers says whether somebody still holds it.
class PATCHBAY_API Snapshot {
 public:
  /// A plug-in's own part of the configuration.
  class Part {
   public:
    virtual ~Part() = default;
  };

  explicit Snapshot(std::unique_ptr<Program> program) : _program(std::move(program)) {}
  const Program& program() const { return *_program; }
  /// Load time: gives back the index by which `part` finds it again.
  size_t add(std::unique_ptr<Part> part) {
    _parts.push_back(std::move(part));
    return _parts.size() - 1;
  }
  const Part& part(size_t index) const { return *_parts[index]; }

  void hold() const { cell().fetch_add_local(1); }
  void release() const { cell().fetch_add_local(-1); }
  /// Exact only while nobody can begin to hold it (a newer one has been published and every worker has seen it).
  bool held() const;

 private:
  struct alignas(64) Cell {
    std::atomic<int64_t> count{0};
    void fetch_add_local(int64_t by) {
      if (Runtime::Worker::slot() == 0)
        count.fetch_add(by, std::memory_order_relaxed);
      else
        count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
  };
  Cell& cell() const { return _cells[Runtime::Worker::slot()]; }
  std::unique_ptr<Program> _program;
  std::vector<std::unique_ptr<Part>> _parts;
  mutable std::array<Cell, Runtime::Workers::Most + 1> _cells;
};

/// Holds a snapshot as long as it lives. Movable; may be released on another worker than it was taken on.
class SnapshotHold {
 public:
  SnapshotHold() = default;
  explicit SnapshotHold(const Snapshot& snapshot) : _snapshot(&snapshot) { snapshot.hold(); }
  SnapshotHold(SnapshotHold&& other) noexcept : _snapshot(std::exchange(other._snapshot, nullptr)) {}
  SnapshotHold& operator=(SnapshotHold&& other) noexcept {
    if (this != &other) {
      reset();
      _snapshot = std::exchange(other._snapshot, nullptr);
    }
    return *this;
  }
  ~SnapshotHold() { reset(); }
  void reset() {
    if (_snapshot) _snapshot->release();
    _snapshot = nullptr;
  }
  const Snapshot* get() const { return _snapshot; }
  const Snapshot* operator->() const { return _snapshot; }
  explicit operator bool() const { return _snapshot != nullptr; }

 private:
  const Snapshot* _snapshot = nullptr;
};

/// The one that new messages begin with. Read with one plain load on workers; published whole.
class PATCHBAY_API CurrentSnapshot {
 public:
  const Snapshot& get() const { return *_current.load(std::memory_order_acquire); }
  /// Earlier ones are freed when nobody holds them any more: the one replaced now at the next publish at the earliest, or by `collect`.
  void publish(std::unique_ptr<Snapshot> snapshot);
  /// Only when every worker has ended a turn since the last publish, so that nobody is about to hold a replaced one.
  void collect();

 private:
  std::atomic<const Snapshot*> _current{nullptr};
  std::vector<std::unique_ptr<Snapshot>> _all;
};

}  // namespace Patchbay::Pipeline
