#pragma once

#include <string>

#include "Session.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Data {

/// Tables and their versions: table `version` (table_name, table_version), as Kamailio's users have it.
class Schema {
 public:
  explicit Schema(Session& session) : _session(session) {}

  /// How the table is. Changes nothing.
  TableStatus look(const Table& table);
  /// Makes the table when it is absent.
  void make(const Table& table);
  /// Adds the columns that are missing, and sets the version.
  void mend(const Table& table);
  /// Whether nothing keeps two rows of one key apart.
  bool lacksKey(const Table& table);

 private:
  struct Found {
    std::string name, type;
    bool required;
  };
  std::vector<Found> columnsOf(const std::string& table);
  int64_t versionOf(const std::string& table);
  void setVersion(const Table& table);
  void judgeVersion(const Table& table, TableStatus& status);
  void judgeColumns(const Table& table, const std::vector<Found>& columns, TableStatus& status);

  Session& _session;
};

}  // namespace Patchbay::Data
