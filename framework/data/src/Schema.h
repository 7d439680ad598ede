#pragma once

#include <string>

#include "SqliteSession.h"

namespace Patchbay::Data {

/// Tables and their versions: table `version` (table_name, table_version), as Kamailio's users have it.
struct Schema {
  /// Inside a transaction: makes the table when it is absent, else compares version and columns. What does not fit as text, empty when all
  /// does.
  static std::string establish(SqliteSession& session, const Table& table);
};

}  // namespace Patchbay::Data
