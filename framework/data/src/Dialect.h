#pragma once

#include <string>
#include <vector>

#include "patchbay/data/Table.h"

namespace Patchbay::Data {

/// SQLite's statements for a table. Names come from the declaration, checked by `fault`; values are always `?`.
struct SqliteDialect {
  /// What is wrong with the declaration, empty when it can be used.
  static std::string fault(const Table& table);
  static std::vector<std::string> create(const Table& table);
  static std::string upsert(const Table& table);
  static std::string removal(const Table& table);
  /// All rows, or those where each of `columns` has its value (null included).
  static std::string select(const Table& table, const std::vector<std::string>& columns);
};

/// A letter or underscore, then letters, digits, underscores; at most 64.
bool isIdentifier(std::string_view name);
/// The place of a column in the declaration, or columns.size().
size_t columnIndex(const Table& table, const std::string& name);

}  // namespace Patchbay::Data
