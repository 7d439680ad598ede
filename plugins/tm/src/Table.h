#pragma once

#include <cstddef>
#include <vector>

#include "TransactionKey.h"

namespace Patchbay::Tm {

/// A hash table of items that know their `key`. Open addressing: a slot holds half of the item's key beside its address, and the slots that
/// may hold a key lie one behind the other, so that looking for what is not there, the fate of every new request, reads one line of memory
/// and no item. Grows and shrinks with the load, which reads no item either. Not thread-safe: its shard's lock guards it. Does not own.
template <class Item>
class Table {
 public:
  Item* find(const Key& key) const {
    for (size_t at = home(key.second); _slots[at].item; at = after(at))
      if (_slots[at].hash == key.second && _slots[at].item->key == key) return _slots[at].item;
    return nullptr;
  }
  /// Fetches what `find` and `insert` of this key will read first.
  void prefetch(const Key& key) const { __builtin_prefetch(&_slots[home(key.second)]); }
  void insert(Item& item) {
    if ((_size + 1) * 4 > _slots.size() * 3) resize(_slots.size() * 2);
    put({item.key.second, &item});
    ++_size;
  }
  /// The item must be in the table.
  void remove(Item& item) {
    size_t hole = home(item.key.second);
    while (_slots[hole].item != &item) hole = after(hole);
    close(hole);
    --_size;
    if (_size * 8 < _slots.size() && _slots.size() > Least) resize(_slots.size() / 2);
  }
  size_t size() const { return _size; }
  /// Calls `visit(Item&)` for each; it must not insert or remove.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const Slot& slot : _slots)
      if (slot.item) visit(*slot.item);
  }

 private:
  static constexpr size_t Least = 16;
  /// The key's first half has chosen the shard (or is the same for a request's branches); this is the second.
  struct Slot {
    uint64_t hash = 0;
    Item* item = nullptr;
  };
  size_t home(uint64_t hash) const { return hash & (_slots.size() - 1); }
  size_t after(size_t at) const { return (at + 1) & (_slots.size() - 1); }
  void put(const Slot& slot) {
    size_t at = home(slot.hash);
    while (_slots[at].item) at = after(at);
    _slots[at] = slot;
  }
  /// Moves what lies behind the hole into it, as long as that brings it nearer to its home.
  void close(size_t hole) {
    for (size_t at = after(hole); _slots[at].item; at = after(at)) {
      const size_t way = (at - home(_slots[at].hash)) & (_slots.size() - 1);
      if (way < ((at - hole) & (_slots.size() - 1))) continue;
      _slots[hole] = _slots[at];
      hole = at;
    }
    _slots[hole] = {};
  }
  void resize(size_t slots) {
    std::vector<Slot> old(slots);
    old.swap(_slots);
    for (const Slot& slot : old)
      if (slot.item) put(slot);
  }
  std::vector<Slot> _slots = std::vector<Slot>(Least);
  size_t _size = 0;
};

}  // namespace Patchbay::Tm
