#pragma once

#include <cstddef>
#include <vector>

#include "TransactionKey.h"

namespace Patchbay::Tm {

/// A hash table of items that bring their own link (`next`) and `key`: no allocation but for the buckets, which grow and shrink with the
/// load. Not thread-safe: its shard's lock guards it. Does not own.
template <class Item>
class Table {
 public:
  Item* find(const Key& key) const {
    for (Item* item = _buckets[bucketOf(key)]; item; item = item->next)
      if (item->key == key) return item;
    return nullptr;
  }
  void insert(Item& item) {
    if (_size >= _buckets.size()) resize(_buckets.size() * 2);
    link(item);
    ++_size;
  }
  /// The item must be in the table.
  void remove(Item& item) {
    Item** at = &_buckets[bucketOf(item.key)];
    while (*at != &item) at = &(*at)->next;
    *at = item.next;
    item.next = nullptr;
    --_size;
    if (_size * 8 < _buckets.size() && _buckets.size() > Least) resize(_buckets.size() / 2);
  }
  size_t size() const { return _size; }
  /// Calls `visit(Item&)` for each; it must not insert or remove.
  template <class Visit>
  void each(Visit&& visit) const {
    for (Item* bucket : _buckets)
      for (Item *item = bucket, *next = nullptr; item; item = next) {
        next = item->next;
        visit(*item);
      }
  }

 private:
  static constexpr size_t Least = 16;
  /// The key's first half has chosen the shard (or is the same for a request's branches).
  size_t bucketOf(const Key& key) const { return key.second & (_buckets.size() - 1); }
  void link(Item& item) {
    Item*& bucket = _buckets[bucketOf(item.key)];
    item.next = bucket;
    bucket = &item;
  }
  void resize(size_t buckets) {
    std::vector<Item*> old(buckets, nullptr);
    old.swap(_buckets);
    for (Item* bucket : old)
      for (Item *item = bucket, *next = nullptr; item; item = next) {
        next = item->next;
        link(*item);
      }
  }
  std::vector<Item*> _buckets = std::vector<Item*>(Least, nullptr);
  size_t _size = 0;
};

}  // namespace Patchbay::Tm
