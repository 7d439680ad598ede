#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "Answered.h"
#include "Counters.h"
#include "LostPeers.h"
#include "OpenBranches.h"
#include "Plan.h"
#include "Shard.h"
#include "Timing.h"
#include "Turn.h"
#include "patchbay/core/Core.h"
#include "patchbay/resolver/Resolver.h"
#include "patchbay/tm/Tm.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Tm {

class Lookup;
class ServerTransaction;
enum class Errand : uint8_t;

/// All transactions of the server: claims what belongs to one, makes them, and is the way that replies of the rules take. A request refers
/// to its transaction by its key and this object, so that no reference can outlive a transaction.
class Transactions : public Core::Claimant,
                     public Core::TransactionMaker,
                     public Core::RequestTransaction,
                     public Service,
                     public ShardTimers {
 public:
  /// What one worker reuses.
  struct Desk {
    /// The key of the request that was offered last: the rules run on it next.
    const Core::Request* offered = nullptr;
    Key key;
    std::vector<std::unique_ptr<Lookup>> lookups;  ///< idle ones
    /// What waits for name servers; told on this worker, and forgotten with it.
    std::unordered_map<const Resolver::Waiter*, std::unique_ptr<Resolver::Waiter>> waiting;
    std::vector<Plan> plans;
    std::vector<Resolver::Target> targets;
    Parser::Edits edits;
    Parser::Message message;

    template <class Waiter>
    void keep(std::unique_ptr<Waiter> waiter) {
      const Resolver::Waiter* const key = waiter.get();
      waiting.emplace(key, std::move(waiter));
    }
    /// Gives back what was kept; null when it was not.
    std::unique_ptr<Resolver::Waiter> take(const Resolver::Waiter& waiter);
  };

  Transactions();
  Transactions(const Transactions&) = delete;
  ~Transactions() override;
  void configure(const Timing& timing, const Counters& counters);
  void bind(Core::Service& core, Transport::Service& transport, Resolver::Service& resolver);
  void start(Runtime::Workers& workers, const Runtime::Clock& clock);
  /// The workers have stopped: everything is forgotten.
  void stop() noexcept;

  // Core::Claimant
  bool claimRequest(Core::Request& request) override;
  bool claimReply(Core::Request& reply) override;
  void failed(const Transport::Flow& flow, int error) override;
  // Core::TransactionMaker
  bool adopt(Core::Request& request) override;
  // Core::RequestTransaction
  bool reply(Core::Request& request, const Core::Reply& reply) override;
  void abandon(Core::Request& request) override;
  // Service
  void add(Observer& observer) override { _observers.push_back(&observer); }
  bool send(const Outgoing& request, Answers& answers) override;
  bool newTransaction(Core::Request& request) override;
  size_t transactions() const override;
  /// How many are armed; from any thread, but each shard is locked for it.
  size_t timers() const;
  // ShardTimers
  void expire(Shard& shard, Runtime::Instant now) override;

  /// The key of a request's transaction.
  Key keyOf(Core::Request& request);
  Shard& shardOf(const Key& key) { return _shards->of(key); }
  /// The request's transaction, when it has one. The turn must be at the key's shard.
  ServerTransaction* find(Turn& turn, const Key& key, Core::Request& request);
  /// A new one for this request, with the timer for its 100 running. Null when there are too many, or another message has made the same.
  ServerTransaction* make(Turn& turn, const Key& key, Core::Request& request);
  /// A copy of a request that another worker has made the transaction for meanwhile: it has nothing to wait for.
  static bool isAbsorbed(const Core::Request& request);
  /// Runs an errand of the transaction on its home worker.
  void post(Runtime::Worker& home, size_t shard, const Key& key, Errand errand);

  Core::Service& core() { return *_core; }
  Transport::Service& transport() { return *_transport; }
  Resolver::Service& resolver() { return *_resolver; }
  Shards& shards() { return *_shards; }
  const Timing& timing() const { return *_timing.load(std::memory_order_acquire); }
  /// From now on; from any thread but a worker's, one at a time. Earlier ones are kept, since a worker may be looking at them.
  void use(const Timing& timing) {
    _timings.push_back(std::make_unique<const Timing>(timing));
    _timing.store(_timings.back().get(), std::memory_order_release);
  }
  OpenBranches& open() { return *_open; }
  const Counters& counters() const { return _counters; }
  /// Tells all observers. What one of them throws must not leave a transaction half done: see hand().
  template <class Tell>
  void tell(Tell&& told) {
    for (Observer* observer : _observers) {
      try {
        told(*observer);
      } catch (...) {
        hand(*Runtime::Worker::current());
      }
    }
  }
  /// To the log: a pipeline of ours has failed.
  static void report(Core::Request& subject, Pipeline::Machine& machine);
  /// The exception being handled, to the worker's log.
  static void hand(Runtime::Worker& worker);
  Desk& desk(Runtime::Worker& worker) { return _desks[worker.index()]; }
  /// Fails the branches that wait for these: by connections all that have no final reply, by UDP those that have none at all. Returns how
  /// many it has looked at.
  size_t fail(const std::vector<Transport::Flow>& flows);

 private:
  bool claimAck(Core::Request& request, const Key& key);
  bool claimCancel(Core::Request& request, const Key& inviteKey);
  void receive(Turn& turn, const Key& key, Core::Request& reply);
  void handOver(Runtime::Worker& home, Core::Request& reply);
  bool isFull(const Turn& turn) const;
  bool isMerged(Turn& turn, const ServerTransaction& transaction, const Core::Reply& reply);
  bool absorb(Turn& turn, const Key& key, Core::Request& request);

  Core::Service* _core = nullptr;
  Transport::Service* _transport = nullptr;
  Resolver::Service* _resolver = nullptr;
  std::vector<std::unique_ptr<const Timing>> _timings;
  std::atomic<const Timing*> _timing{nullptr};
  Counters _counters;
  std::unique_ptr<OpenBranches> _open;
  std::unique_ptr<Shards> _shards;
  mutable std::mutex _shardsMutex;  ///< who reads figures against start and stop
  std::vector<Observer*> _observers;
  std::vector<Desk> _desks;
  std::vector<std::unique_ptr<LostPeers>> _lost;  ///< by worker
  Answered _answered;
};

}  // namespace Patchbay::Tm
