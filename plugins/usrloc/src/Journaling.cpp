#include "Sweeper.h"
#include "Work.h"

#include <Poco/Exception.h>

/// The table's side of its journal: what goes in, when it may be emptied, and what comes back at the next start.
namespace Patchbay::Usrloc {

namespace {

constexpr Runtime::Duration FlushDeadline = std::chrono::seconds(30);

}  // namespace

/// What comes from the database or the journal itself need not be written again.
void MemoryTable::record(Shard& shard, JournalRecord::Kind kind, const Block& block, Event::Origin origin) {
  if (!journals() || origin == Event::Origin::database) return;
  JournalRecord::append(shard.journal, kind, block, _store->listenerText(block.listener));
}

void MemoryTable::giveToJournal(Shard& shard, std::string& records) {
  constexpr size_t Kept = 64 * 1024;
  if (shard.journal.empty()) return;
  records += shard.journal;
  shard.journal.clear();
  if (shard.journal.capacity() > Kept) shard.journal.shrink_to_fit();
}

/// Any worker does it, one at a time. A shard counts once it has been seen with nothing unwritten.
void MemoryTable::advanceCheckpoint(Runtime::Instant now) {
  std::unique_lock<std::mutex> alone(_checkpointMutex, std::try_to_lock);
  if (!alone) return;
  if (!_journal->isDraining()) {
    _drained.reset();
  } else {
    for (size_t i = 0; i < ShardCount; ++i) {
      std::lock_guard<std::mutex> lock(_shards[i].mutex);
      if (!_shards[i].hasUnwritten()) _drained.set(i);
    }
    if (_drained.all()) _journal->drained(_store->database().lastQueued());
  }
  _journal->tick(now, _store->database().committedUpTo());
}

Data::Failure MemoryTable::replay() {
  const Runtime::WallTime now = wall();
  _journal->left().replay([&](const JournalRecord& record) { redo(record, now); }, _warnings);
  _journal->loaded();
  if (_shared.mode == WriteMode::back) {
    if (_journal->isBusy()) _sweepers[0]->wake(this->now());
    return {};
  }
  // write-through does not go on with it
  if (const size_t left = _replayed ? _store->database().flush(FlushDeadline) : 0)
    return {Data::Failure::Kind::other, std::to_string(left) + " changes of the journal that db_mode 2 has left cannot be written"};
  _journal->clear();
  _journal.reset();
  return {};
}

/// The row that a record is about; else the contact that it would replace.
Block* MemoryTable::findRow(const Place& place, const JournalRecord& record) {
  Block* const first = place.shard.find(place.hash, record.aor);
  for (Block* block = first; block; block = block->nextContact)
    if (record.ruid != 0 ? block->ruid == record.ruid : block->ruid == 0 && block->text(Block::foreignRuid) == record.foreignRuid)
      return block;
  return find(place, record.aor, record.contact);
}

void MemoryTable::redo(const JournalRecord& record, Runtime::WallTime now) {
  ++_replayed;
  Work& work = Work::ofThread();
  work.begin(Event::Origin::database, {});
  Place place = placeOf(record.aor);
  {
    std::lock_guard<std::mutex> lock(place.shard.mutex);
    Block* const match = findRow(place, record);
    const bool lives = record.kind == JournalRecord::Kind::put && (record.contact.permanent || record.contact.expires > now);
    Contact contact = record.contact;
    contact.listener = _store->listenerOf(record.listener);
    Block* const fresh = lives ? Block::make(record.aor, contact, match ? match->text(Block::foreignRuid) : record.foreignRuid) : nullptr;
    if (fresh) {
      fresh->ruid = record.ruid;
      put(place, match, fresh, work);
    } else if (match) {
      take(place.shard, match, Event::Kind::remove, Event::Origin::database, &work);
    }
  }
  if (const auto commit = work.end()) commit->release();
}

size_t MemoryTable::stop(Runtime::Duration deadline) {
  for (auto& sweeper : _sweepers) sweeper->worker().remove(*sweeper);
  if (!_store) return 0;
  if (journals()) {
    std::string records;
    for (auto& shard : _shards) giveToJournal(shard, records);
    _journal->add(records);
    _journal->finish();
  }
  const auto end = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    for (auto& shard : _shards) {
      std::lock_guard<std::mutex> lock(shard.mutex);
      while (shard.hasUnwritten() && _store->database().room() != 0) writeBack(shard);
    }
    size_t left = 0;
    for (auto& shard : _shards) left += shard.unwritten();
    const size_t waiting =
        _store->database().flush(std::max(Runtime::Duration(), Runtime::Duration(end - std::chrono::steady_clock::now())));
    if (left == 0 || waiting != 0) return left;
  }
}

void MemoryTable::forgetJournal() {
  if (journals() && state() == State::ready) _journal->clear();  // else nobody has read it
}

}  // namespace Patchbay::Usrloc
