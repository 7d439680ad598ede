#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "patchbay/log/Api.h"

namespace Patchbay::Data {

/// A value of a column: null, a number or text. Times are text in UTC ("2026-01-31 12:00:00"), as in the tables people have.
using Field = std::variant<std::monostate, int64_t, double, std::string>;
using Row = std::vector<Field>;

struct Column {
  enum class Type : uint8_t { integer, real, text, time };
  std::string name;
  Type type = Type::text;
  size_t length = 255;  ///< of text, in octets
  bool nullable = false;
  std::string fallback = {};  ///< DEFAULT of the column, as text
};

/// A table that a bundle owns: from this one declaration come its CREATE statement, its upsert and its removal in each dialect. Values are
/// always bound, never pasted. Names are checked to be identifiers when the table is opened. An existing table need not have the key as
/// primary or unique key: its rows are then written by a removal and an insertion. Columns that the declaration does not name keep their
/// defaults.
struct PATCHBAY_API Table {
  std::string name;
  int version = 1;  ///< kept in table `version` (table_name, table_version), checked at start
  std::vector<Column> columns;
  std::vector<std::string> key;                   ///< the columns that make a row unique
  std::vector<std::vector<std::string>> indexes;  ///< further, not unique
  /// A table that is there already serves as it is when its version is one of these and it has the columns (whatever else it has). 0: only
  /// `version` serves. For tables that other programs have made: {.oldest = 1, .newest = 99} looks at the columns only.
  int oldest = 0, newest = 0;
};

}  // namespace Patchbay::Data
