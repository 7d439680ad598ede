#include "MemoryTable.h"

#include "Sweeper.h"
#include "Work.h"

namespace Patchbay::Usrloc {

MemoryTable::MemoryTable(std::string name, Shared& shared, std::unique_ptr<Store> store)
    : _name(std::move(name)), _shared(shared), _store(std::move(store)), _nextRuid(shared.environment.random.next() | 1) {
  const Runtime::Instant now = shared.environment.clock.now();
  for (size_t i = 0; i < ShardCount; ++i) _shards.emplace_back(now);
  auto& workers = shared.environment.workers;
  for (size_t i = 0; i < workers.count(); ++i) _sweepers.push_back(std::make_unique<Sweeper>(*this, workers.at(i), workers.count()));
}

MemoryTable::~MemoryTable() = default;

void MemoryTable::start() {
  for (auto& sweeper : _sweepers) sweeper->worker().add(*sweeper);
}

MemoryTable::Place MemoryTable::placeOf(std::string_view aor) {
  const uint64_t hash = Runtime::TableHash::of(_shared.key, aor);
  const size_t shard = hash >> 32 & (ShardCount - 1);
  return {_shards[shard], *_sweepers[shard % _sweepers.size()], static_cast<uint32_t>(hash)};
}

Runtime::WallTime MemoryTable::wall() const {
  const auto* worker = Runtime::Worker::current();
  return worker ? worker->wall() : _shared.environment.clock.wall();
}

Runtime::Instant MemoryTable::now() const {
  const auto* worker = Runtime::Worker::current();
  return worker ? worker->now() : _shared.environment.clock.now();
}

void MemoryTable::arm(Shard& shard, Block& block) {
  if (!block.permanent) shard.wheel.arm(block, now() + std::chrono::duration_cast<Runtime::Duration>(block.expires - wall()));
}

void MemoryTable::gather(Block* first, Work& work) {
  work.contacts.clear();
  for (Block* block = first; block; block = block->nextContact) work.contacts.push_back(block->contact());
}

bool MemoryTable::visit(std::string_view aor, Visitor& visitor) {
  static thread_local std::vector<Contact> contacts;
  contacts.clear();
  Place place = placeOf(aor);
  std::lock_guard<std::mutex> lock(place.shard.mutex);
  const Runtime::WallTime now = wall();
  for (Block* block = place.shard.find(place.hash, aor); block; block = block->nextContact)
    if (block->usable(now)) contacts.push_back(block->contact());
  if (contacts.empty()) return false;
  visitor.contacts(contacts);
  return true;
}

void MemoryTable::visitPart(size_t part, const Each& each) {
  Shard& shard = _shards[part];
  std::vector<Contact> contacts;
  std::lock_guard<std::mutex> lock(shard.mutex);
  const Runtime::WallTime now = wall();
  shard.each([&](Block& first) {
    contacts.clear();
    for (const Block* block = &first; block; block = block->nextContact)
      if (block->usable(now)) contacts.push_back(block->contact());
    return contacts.empty() || each(first.text(Block::aor), contacts);
  });
}

std::string MemoryTable::stored(std::string_view aor, std::vector<std::string>& contacts) {
  if (!_store || _shared.mode == WriteMode::none) return "the table is in memory only (db_mode 0)";
  return _store->find(aor, contacts).text;
}

Table::Durability MemoryTable::change(std::string_view aor, Decision& decision, Event::Origin origin, std::function<void(bool)> committed) {
  Work& work = Work::ofThread();
  work.begin(origin, std::move(committed));
  Place place = placeOf(aor);
  bool full = false;
  {
    std::lock_guard<std::mutex> lock(place.shard.mutex);
    dropExpired(place, aor);
    gather(place.shard.find(place.hash, aor), work);
    if (decision.decide(work.contacts, work.changes)) {
      full = !hasRoom(place, aor, work) || !allocate(place, aor, work);
      if (!full) {
        apply(place, aor, work);
        gather(place.shard.find(place.hash, aor), work);
        decision.result(work.contacts);
      }
    }
  }
  if (full && _shared.full) _shared.full->add();
  const std::shared_ptr<Commit> commit = work.end();
  if (!commit) return full ? Durability::full : Durability::done;
  commit->release();
  return Durability::pending;
}

void MemoryTable::dropExpired(Place& place, std::string_view aor) {
  const Runtime::WallTime now = wall();
  for (Block* block = place.shard.find(place.hash, aor); block;) {
    Block* const next = block->nextContact;
    if (!block->usable(now)) take(place.shard, block, Event::Kind::expire, Event::Origin::registrar, nullptr);
    block = next;
  }
}

/// Whoever is known may refresh whatever the caps say. Not exact to the last contact when several workers are at it.
bool MemoryTable::hasRoom(const Place& place, std::string_view aor, const Work& work) const {
  const size_t contacts = _shared.contacts.load(std::memory_order_relaxed), aors = _shared.aors.load(std::memory_order_relaxed);
  if (contacts + work.changes.size() <= _shared.mostContacts && aors < _shared.mostAors) return true;
  size_t fresh = 0;
  for (const Change& change : work.changes) fresh += change.kind == Change::Kind::put && find(place, aor, change.contact) == nullptr;
  if (fresh == 0) return true;
  if (contacts + fresh > _shared.mostContacts) return false;
  return place.shard.find(place.hash, aor) != nullptr || aors < _shared.mostAors;
}

void MemoryTable::insert(Shard& shard, Block* block) {
  const size_t first = shard.insert(block);
  for (auto* count : {&_size, &_shared.contacts}) count->fetch_add(1, std::memory_order_relaxed);
  for (auto* count : {&_aors, &_shared.aors}) count->fetch_add(first, std::memory_order_relaxed);
}

void MemoryTable::erase(Shard& shard, Block* block) {
  const size_t last = shard.erase(block);
  for (auto* count : {&_size, &_shared.contacts}) count->fetch_sub(1, std::memory_order_relaxed);
  for (auto* count : {&_aors, &_shared.aors}) count->fetch_sub(last, std::memory_order_relaxed);
}

/// The memory for everything first, so that nothing can fail half way.
bool MemoryTable::allocate(const Place& place, std::string_view aor, Work& work) {
  for (const Change& change : work.changes) {
    Block* fresh = nullptr;
    if (change.kind == Change::Kind::put) {
      const Block* match = find(place, aor, change.contact);
      fresh = Block::make(aor, change.contact, match ? match->text(Block::foreignRuid) : std::string_view());
      if (fresh == nullptr) {
        for (Block* block : work.fresh)
          if (block) Block::free(block);
        work.fresh.clear();
        return false;
      }
    }
    work.fresh.push_back(fresh);
  }
  return true;
}

Block* MemoryTable::find(const Place& place, std::string_view aor, const Contact& contact) {
  Block* block = place.shard.find(place.hash, aor);
  while (block && !block->same(contact)) block = block->nextContact;
  return block;
}

void MemoryTable::apply(Place& place, std::string_view aor, Work& work) {
  for (size_t i = 0; i < work.changes.size(); ++i) {
    Block* match = find(place, aor, work.changes[i].contact);
    if (work.fresh[i])
      put(place, match, work.fresh[i], work);
    else if (match)
      take(place.shard, match, Event::Kind::remove, work.origin, &work);
  }
}

/// The same request again: its contact only has to be written.
bool MemoryTable::isRepeated(const Block& before, const Block& now) {
  return before.cseq == now.cseq && before.modified == now.modified && before.expires == now.expires &&
         before.text(Block::callId) == now.text(Block::callId);
}

void MemoryTable::put(Place& place, Block* match, Block* fresh, Work& work) {
  fresh->hash = place.hash;
  const bool news = !match || work.origin != Event::Origin::registrar || !isRepeated(*match, *fresh);
  const auto kind = match ? Event::Kind::update : Event::Kind::insert;
  if (match) {
    fresh->ruid = match->ruid;
    fresh->stored = match->stored;
    place.shard.wheel.cancel(*match);
    place.shard.replace(match, fresh);
    retire(place.shard, match, Block::Fate::replaced, &work);
  } else {
    if (fresh->ruid == 0 && fresh->lengths[Block::foreignRuid] == 0) fresh->ruid = _nextRuid.fetch_add(1, std::memory_order_relaxed);
    insert(place.shard, fresh);
  }
  arm(place.shard, *fresh);
  place.sweeper.wake(now());
  if (news) tell(place.shard, kind, work.origin, *fresh);
  write(place.shard, *fresh, work);
  record(place.shard, JournalRecord::Kind::put, *fresh, work.origin);
}

void MemoryTable::write(Shard& shard, Block& block, Work& work) {
  if (!_store || _shared.mode == WriteMode::none) return;
  if (_shared.mode == WriteMode::back) return shard.defer(&block);
  _store->write(block, work.waiter());
  block.stored = true;
}

void MemoryTable::take(Shard& shard, Block* block, Event::Kind kind, Event::Origin origin, Work* work) {
  shard.wheel.cancel(*block);
  erase(shard, block);
  tell(shard, kind, origin, *block);
  if (_store && _shared.mode == WriteMode::through && block->stored)
    _store->remove(*block, work ? work->waiter() : Data::Database::Committed());
  if (kind == Event::Kind::remove) record(shard, JournalRecord::Kind::remove, *block, origin);
  retire(shard, block, Block::Fate::removed, work);
}

void MemoryTable::retire(Shard& shard, Block* block, Block::Fate fate, Work* work) {
  const bool row = fate == Block::Fate::removed && block->stored;
  if (_store && _shared.mode == WriteMode::back && (row || block->unwritten)) {
    block->fate = row ? Block::Fate::removed : Block::Fate::replaced;
    shard.defer(block);
  } else if (work) {
    work->retired.push_back(block);
  } else {
    Block::free(block);
  }
}

void MemoryTable::tell(Shard& shard, Event::Kind kind, Event::Origin origin, const Block& block) {
  ++shard.sequence;
  Runtime::Counter* const counters[] = {_shared.inserted, _shared.updated, _shared.removed, _shared.expired};
  if (auto* counter = counters[static_cast<size_t>(kind)]) counter->add();
  if (_shared.observers.empty()) return;
  const Contact contact = block.contact();
  const Event event{kind, origin, shard.sequence, _name, block.text(Block::aor), contact};
  for (Observer* observer : _shared.observers) observer->happened(event);
}

Data::Failure MemoryTable::load() {
  const Runtime::WallTime now = wall();
  _unfit = 0;
  std::vector<Block*> blocks;  // all or none: what fails is done again
  Data::Failure failure = _store->read([&](Block* block) { blocks.push_back(block); }, _unfit);
  for (Block* block : blocks) failure ? Block::free(block) : adopt(block, now);
  if (!failure && _journal) failure = replay();
  if (!failure) ready();
  return failure;
}

void MemoryTable::adopt(Block* block, Runtime::WallTime now) {
  if (!block->usable(now)) {
    _store->remove(*block, {});
    return Block::free(block);
  }
  const Place place = placeOf(block->text(Block::aor));
  std::lock_guard<std::mutex> lock(place.shard.mutex);
  block->hash = place.hash;
  insert(place.shard, block);
  arm(place.shard, *block);
  place.sweeper.wake(this->now());
  tell(place.shard, Event::Kind::insert, Event::Origin::database, *block);
}

}  // namespace Patchbay::Usrloc
