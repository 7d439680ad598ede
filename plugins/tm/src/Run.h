#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "patchbay/core/Request.h"
#include "patchbay/pipeline/Machine.h"

namespace Patchbay::Tm {

class ServerTransaction;
class Transactions;
class Turn;

/// A pipeline that runs for a transaction: for one of its branches, a reply, its failure. On the transaction's home worker and with no lock
/// held, on a Request of its own, with that one's machine. The transaction stays as long as it has runs.
class Run : public Pipeline::MachineOwner {
 public:
  Run(Turn& turn, ServerTransaction& runFor, Core::RequestHold on);
  Run(const Run&) = delete;
  /// Runs until the end or the first wait; it may be gone then.
  void start();
  /// The caller has given up. Whether it heeds that.
  virtual bool isCancellable() const { return true; }
  void ended(Pipeline::Machine& machine, Pipeline::Ending ending) final;

  const Core::RequestHold subject;

 protected:
  virtual uint16_t pipeline() const = 0;
  /// Behind the end, still with no lock held.
  virtual void prepare(Pipeline::Ending ending) { (void)ending; }
  /// Then, with the lock held; the run is out of the transaction's list already. The caller tidies the transaction.
  virtual void conclude(Turn& turn, Pipeline::Ending ending) = 0;

  Transactions& tm;
  ServerTransaction& transaction;
  const size_t shard;
};

}  // namespace Patchbay::Tm
