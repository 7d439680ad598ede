#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "patchbay/data/Table.h"

namespace Patchbay::Data {

/// A table that has been opened, as one of those who use it declares it.
struct PATCHBAY_API OpenTable {
  Table table;
  const Table* declaredAt;  ///< the caller's object: the quick way to find this again
  uint16_t number;          ///< the same for all declarations of a table
  std::vector<size_t> keyColumns;
  /// Nothing keeps two rows of one key apart: a row is written by a removal and an insertion.
  std::atomic<bool> replaced{false};
  /// It has been checked; false while the database is away since the start.
  std::atomic<bool> checked{false};

  OpenTable(const Table& declared, uint16_t number);
  bool isFor(const Table& declared) const;
  /// The octets that tell a row from all others, of all tables.
  std::string keyOfRow(const Row& row) const;
  std::string keyOfKey(const Row& key) const;
};

/// All of them: found from any thread without a lock, while another one may be added.
class OpenTables {
 public:
  static constexpr size_t Most = 512;

  /// The one that is there, or a new one. Throws Poco::RangeException behind the last place.
  OpenTable& add(const Table& table);
  /// Null when it has not been opened, or not with this declaration.
  OpenTable* find(const Table& table) const;
  size_t size() const { return _size.load(std::memory_order_acquire); }
  OpenTable& at(size_t place) const { return *_tables[place]; }

 private:
  uint16_t numberOf(const std::string& name) const;

  std::mutex _mutex;
  std::array<std::unique_ptr<OpenTable>, Most> _tables;
  std::atomic<size_t> _size{0};
};

}  // namespace Patchbay::Data
