#pragma once

#include <array>
#include <atomic>
#include <bitset>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "Journal.h"
#include "Shard.h"
#include "Store.h"
#include "patchbay/runtime/Environment.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Usrloc {

/// Kamailio's db_mode.
enum class WriteMode : uint8_t { none = 0, through = 1, back = 2 };

/// What the tables of one server share.
struct Shared {
  explicit Shared(Runtime::Environment& outside, WriteMode how = WriteMode::none) : environment(outside), mode(how) {}

  Runtime::Environment& environment;
  WriteMode mode;
  Runtime::Duration writeInterval{};
  Runtime::Duration journalWindow{};
  Runtime::SipHash::Key key{};
  std::vector<Observer*> observers = {};
  size_t mostContacts = std::numeric_limits<size_t>::max(), mostAors = mostContacts;  ///< of all tables together
  std::atomic<size_t> contacts{0}, aors{0};
  Runtime::Counter* inserted = nullptr;
  Runtime::Counter* updated = nullptr;
  Runtime::Counter* removed = nullptr;
  Runtime::Counter* expired = nullptr;
  Runtime::Counter* full = nullptr;
};

/// A table in memory: shards by a keyed hash of the address of record, a lock each. Each worker looks after the timers and the unwritten
/// contacts of its share of the shards, once a second (write-back: once an interval); a contact is unusable from its very moment, whenever
/// it is cleared away.
class MemoryTable final : public Table {
 public:
  /// `store` is null without a database.
  MemoryTable(std::string name, Shared& shared, std::unique_ptr<Store> store);
  ~MemoryTable() override;

  const std::string& name() const override { return _name; }
  State state() const override { return _state.load(std::memory_order_acquire); }
  bool visit(std::string_view aor, Visitor& visitor) override;
  Durability change(std::string_view aor, Decision& decision, Event::Origin origin, std::function<void(bool durable)> committed) override;
  size_t size() const override { return _size.load(std::memory_order_relaxed); }
  size_t parts() const override { return ShardCount; }
  void visitPart(size_t part, const Each& each) override;
  std::string stored(std::string_view aor, std::vector<std::string>& contacts) override;
  size_t aors() const { return _aors.load(std::memory_order_relaxed); }

  /// Load time: opens the database's table; not to be called without a store.
  Data::Failure open() { return _store->open(); }
  /// Load time: every change goes into this one too (write-back), or what it holds only goes into the database (write-through).
  void use(std::shared_ptr<Journal> journal) { _journal = std::move(journal); }
  /// Blocking: reads the database's table and what a journal holds beyond it, and is ready then. Called from the pool, or before the
  /// workers run. Throws Poco::Exception when the journal cannot be used.
  Data::Failure load();
  void ready() { _state.store(State::ready, std::memory_order_release); }
  bool hasStore() const { return _store != nullptr; }
  /// Registers with the workers; before they run.
  void start();
  /// After the workers have stopped, blocking: writes what is unwritten to journal and database; how many contacts had no room
  /// in the database's queue at the deadline.
  size_t stop(Runtime::Duration deadline);
  /// After `stop`: the database has everything, so that the journal is empty.
  void forgetJournal();
  /// Rows that `load` could not use.
  size_t unfit() const { return _unfit; }
  /// Records that `load` found in the journal, and what was wrong with it.
  size_t replayed() const { return _replayed; }
  const std::vector<std::string>& warnings() const { return _warnings; }
  const Journal* journal() const { return _journal.get(); }

 private:
  class Sweeper;
  class Commit;
  struct Work;
  static constexpr size_t ShardCount = 64;

  struct Place {
    Shard& shard;
    Sweeper& sweeper;
    uint32_t hash;
  };
  Place placeOf(std::string_view aor);
  Runtime::WallTime wall() const;
  Runtime::Instant now() const;
  void arm(Shard& shard, Block& block);

  void dropExpired(Place& place, std::string_view aor);
  bool hasRoom(const Place& place, std::string_view aor, const Work& work) const;
  static bool allocate(const Place& place, std::string_view aor, Work& work);
  void insert(Shard& shard, Block* block);
  void erase(Shard& shard, Block* block);
  static Block* find(const Place& place, std::string_view aor, const Contact& contact);
  void apply(Place& place, std::string_view aor, Work& work);
  static bool isRepeated(const Block& before, const Block& now);
  void put(Place& place, Block* match, Block* fresh, Work& work);
  void take(Shard& shard, Block* block, Event::Kind kind, Event::Origin origin, Work* work);
  void retire(Shard& shard, Block* block, Block::Fate fate, Work* work);
  void tell(Shard& shard, Event::Kind kind, Event::Origin origin, const Block& block);
  void write(Shard& shard, Block& block, Work& work);
  void sweep(Shard& shard, Runtime::Instant now, bool writes);
  void writeBack(Shard& shard);
  bool journals() const { return _journal && _shared.mode == WriteMode::back; }
  void record(Shard& shard, JournalRecord::Kind kind, const Block& block, Event::Origin origin);
  void giveToJournal(Shard& shard, std::string& records);
  void advanceCheckpoint(Runtime::Instant now);
  Data::Failure replay();
  void redo(const JournalRecord& record, Runtime::WallTime now);
  static Block* findRow(const Place& place, const JournalRecord& record);
  void adopt(Block* block, Runtime::WallTime now);
  static void gather(Block* first, Work& work);

  const std::string _name;
  Shared& _shared;
  const std::unique_ptr<Store> _store;
  std::shared_ptr<Journal> _journal;
  std::mutex _checkpointMutex;
  std::bitset<ShardCount> _drained;  // since the journal began to drain
  std::deque<Shard> _shards;
  std::vector<std::unique_ptr<Sweeper>> _sweepers;
  std::atomic<size_t> _size{0}, _aors{0};
  std::atomic<State> _state{State::loading};
  std::atomic<uint64_t> _nextRuid;
  size_t _unfit = 0, _replayed = 0;
  std::vector<std::string> _warnings;
};

}  // namespace Patchbay::Usrloc
