#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "Plan.h"
#include "ServerTransaction.h"
#include "Transactions.h"

namespace Patchbay::Tm {

/// How branches come into being: the branch pipeline, the name server, the sending (RFC 3261, 16.6; RFC 3263). On the request's home
/// worker.
///
/// What cannot be sent counts as a final reply of ours for its branch: 478 when the name does not exist, 503 when the name servers do not
/// answer or nothing we listen on fits, 482 when the target is ourselves, 416 when it is no SIP URI.
class Launch {
 public:
  /// No reply of ours, but a branch that its pipeline took away.
  static constexpr int Dropped = -1;

  /// Of these destinations of a request. Its branch pipeline's orders and the transaction's are heeded.
  Launch(Transactions& transactions, Core::Request& source, uint64_t loop);
  ~Launch();
  Launch(const Launch&) = delete;
  /// No lock is held.
  void plan(size_t destination);
  size_t planned() const { return _plans; }
  /// Whether all that is planned goes to addresses with too many open branches.
  bool isCrowded() const;
  /// Adds a branch for each; those without a pipeline are sent, or wait for the name server. `breadth` is shared among them (0: not
  /// written).
  void add(Turn& turn, ServerTransaction& transaction, uint16_t breadth, uint8_t hops = 0);
  /// Memory has run out in `add`: what is not on its way is taken back.
  void undo(Turn& turn, ServerTransaction& transaction);
  /// Starts the pipelines of what was added; no lock is held.
  void startRuns();

  // Single steps:
  /// Where a destination is; no lock is held.
  static void plan(Transactions& transactions, Core::Request& source, uint64_t loop, size_t destination, Plan& made);
  /// 0 when the branch is on its way or waits for the name server, else what stands for why not.
  static int start(Turn& turn, ClientTransaction& leg, Plan& plan);
  /// A branch in the place of one whose target failed; the same.
  static int instead(Turn& turn, ClientTransaction& failed, const std::vector<Resolver::Target>& targets);
  /// A branch that was prepared is on its way (0), or will not be.
  static void settle(Turn& turn, ClientTransaction& leg, int code);
  /// A name server has answered for a branch.
  static void resolved(Transactions& transactions, size_t shard, ClientTransaction& leg, Resolver::Outcome outcome,
                       const std::vector<Resolver::Target>& targets);
  /// The destinations whose turn it is now that all before them have failed. No lock is held.
  static void next(Transactions& transactions, size_t shard, const Key& key);

 private:
  Transactions& _tm;
  Core::Request& _source;
  Transactions::Desk& _desk;
  const uint64_t _loop;
  size_t _plans = 0;
  std::vector<Run*> _runs;
};

}  // namespace Patchbay::Tm
