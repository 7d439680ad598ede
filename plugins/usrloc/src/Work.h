#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "MemoryTable.h"

namespace Patchbay::Usrloc {

/// Waits for all rows of one change to be committed, then tells.
class MemoryTable::Commit : public std::enable_shared_from_this<Commit> {
 public:
  explicit Commit(std::function<void(bool)> done) : _done(std::move(done)) {}
  Data::Database::Committed one() {
    _left.fetch_add(1, std::memory_order_relaxed);
    return [self = shared_from_this()](const Data::Failure& failure) {
      if (failure) self->_durable = false;
      self->release();
    };
  }
  /// Without a worker the calls come on the pool's threads: the last one tells.
  void release() {
    if (_left.fetch_sub(1, std::memory_order_acq_rel) == 1) _done(_durable);
  }

 private:
  std::function<void(bool)> _done;
  std::atomic<bool> _durable{true};
  std::atomic<uint32_t> _left{1};  // one for whoever still adds
};

/// What one look at an address of record needs; kept for the next one, so that nothing is allocated in the steady state.
struct MemoryTable::Work {
  std::vector<Contact> contacts;
  std::vector<Change> changes;
  std::vector<Block*> fresh;    ///< by index of `changes`, null for removals
  std::vector<Block*> retired;  ///< freed at the end: changes may hold views of them
  std::function<void(bool)> committed;
  std::shared_ptr<Commit> commit;
  Event::Origin origin = Event::Origin::registrar;

  static Work& ofThread() {
    static thread_local Work work;
    return work;
  }
  void begin(Event::Origin from, std::function<void(bool)>&& done) {
    origin = from;
    committed = std::move(done);
    changes.clear();
    fresh.clear();
  }
  /// For one row of the change; empty when nobody waits.
  Data::Database::Committed waiter() {
    if (!commit && !committed) return {};
    if (!commit) commit = std::make_shared<Commit>(std::exchange(committed, nullptr));
    return commit->one();
  }
  /// What must still be committed, null when nothing.
  std::shared_ptr<Commit> end() {
    for (Block* block : retired) Block::free(block);
    retired.clear();
    committed = nullptr;
    return std::exchange(commit, nullptr);
  }
};

}  // namespace Patchbay::Usrloc
