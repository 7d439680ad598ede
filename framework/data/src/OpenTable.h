#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "patchbay/data/Table.h"

namespace Patchbay::Data {

/// A table that has been checked, with its statements.
struct OpenTable {
  Table table;
  const Table* declaredAt;  ///< the caller's object: the quick way to find this again
  uint16_t number;
  std::vector<size_t> keyColumns;
  std::string upsert, removal;

  /// The octets that tell a row from all others, of all tables.
  std::string keyOfRow(const Row& row) const;
  std::string keyOfKey(const Row& key) const;
};

}  // namespace Patchbay::Data
