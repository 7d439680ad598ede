#pragma once

#include <mutex>
#include <vector>

#include "Octets.h"
#include "Shard.h"
#include "patchbay/core/Core.h"
#include "patchbay/runtime/Task.h"

namespace Patchbay::Tm {

class Transactions;

/// One go at a shard: holds its lock from beginning to end, knows the time and the worker. What must not be called with the lock held
/// (pipelines, other plug-ins' callbacks) is put off until the lock is released. Nothing but core's reply builder and transport's output is
/// called under the lock.
class Turn {
 public:
  Turn(Transactions& transactions, Shard& lockedShard, Runtime::Worker& onWorker);
  Turn(Transactions& transactions, Shard& lockedShard);
  ~Turn();
  Turn(const Turn&) = delete;

  Transactions& tm;
  Shard& shard;
  Runtime::Worker& worker;
  const Runtime::Instant now;

  void arm(Timed& timer, Runtime::Instant due);
  void disarm(Timed& timer) {
    if (timer.armed()) shard.wheel.cancel(timer);
  }
  /// After the lock is released, still in this call.
  void later(Runtime::Task task) { _later.push_back(std::move(task)); }
  /// Runs it now and gives the lock back for good; what follows may take it again.
  void finish();

  bool send(const Transport::Flow& flow, std::string_view octets);
  /// Builds a reply of ours and sends it; keeps a copy when `keep` is given.
  bool write(Core::Received& request, const Core::Reply& reply, const Transport::Flow& flow, Octets* keep);
  /// Ends the transaction when nothing of it is needed any more; it is gone then.
  void tidy(ServerTransaction& transaction);

 private:
  std::unique_lock<std::mutex> _lock;
  std::vector<Runtime::Task> _later;
};

}  // namespace Patchbay::Tm
