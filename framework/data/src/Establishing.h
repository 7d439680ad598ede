#pragma once

#include "OpenTable.h"
#include "Sessions.h"

namespace Patchbay::Data {

/// Opens tables: looks at them, makes or mends them.
class Establishing {
 public:
  explicit Establishing(Sessions& sessions) : _sessions(sessions) {}
  Failure open(OpenTable& table, Database::Opening how);
  /// Asks a database that was away; when it is back, checks the tables that have not been. Marks it as back, or as away.
  Failure probe(OpenTables& tables);
  std::vector<TableStatus> status(const OpenTables& tables);

 private:
  Failure establish(Session& session, OpenTable& table, Database::Opening how);

  Sessions& _sessions;
};

}  // namespace Patchbay::Data
