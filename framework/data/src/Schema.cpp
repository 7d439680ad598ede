#include "Schema.h"

#include <Poco/Data/SQLite/SQLiteException.h>

namespace Patchbay::Data {

namespace {

const Table& versionTable() {
  static const Table table{
      "version", 1, {{"table_name", Column::Type::text, 32}, {"table_version", Column::Type::integer}}, {"table_name"}, {}};
  return table;
}

/// 0: has none.
int64_t versionOf(SqliteSession& session, const std::string& table) {
  int64_t version = 0;
  session.select(versionTable(), {"table_name"}, {table}, [&](Row&& row) { version = std::get<int64_t>(row[1]); });
  return version;
}

bool exists(SqliteSession& session, const std::string& table) {
  return session.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '" + table + "'") != 0;
}

void setVersion(SqliteSession& session, const Table& table) {
  session.execute("INSERT OR REPLACE INTO version (table_name, table_version) VALUES ('" + table.name + "', " +
                  std::to_string(table.version) + ")");
}

std::string versionFault(const Table& table, int64_t found) {
  const std::string here = "table '" + table.name + "' ";
  const std::string ours = "this program knows version " + std::to_string(table.version);
  if (found == 0)
    return here + "is there, but has no row in table 'version' (" + ours + "): it was not made by this program; use another file";
  if (found > table.version)
    return here + "has version " + std::to_string(found) + ", " + ours + ": a newer program has made it; use that one, or another file";
  return here + "has version " + std::to_string(found) + ", " + ours + ": upgrades are explicit; make a copy of the file, then upgrade it";
}

/// The columns that the declaration names, and a key that its upserts can go by.
std::string columnFault(SqliteSession& session, const Table& table) {
  for (const auto& column : table.columns) {
    const auto count = session.number("SELECT count(*) FROM pragma_table_info('" + table.name + "') WHERE name = '" + column.name + "'");
    if (count == 0) return "table '" + table.name + "' has no column '" + column.name + "'";
  }
  std::string upsert = SqliteDialect::upsert(table);
  for (size_t mark = upsert.find('?'); mark != upsert.npos; mark = upsert.find('?', mark)) upsert.replace(mark, 1, "NULL");
  try {
    session.execute("EXPLAIN " + upsert);
  } catch (const Poco::Data::SQLite::InvalidSQLStatementException& exception) {
    return "table '" + table.name + "' cannot be written to as it is: " + exception.displayText();
  }
  return {};
}

}  // namespace

std::string Schema::establish(SqliteSession& session, const Table& table) {
  if (!exists(session, "version"))
    for (const auto& statement : SqliteDialect::create(versionTable())) session.execute(statement);
  if (exists(session, table.name)) {
    const int64_t found = versionOf(session, table.name);
    return found == table.version ? columnFault(session, table) : versionFault(table, found);
  }
  for (const auto& statement : SqliteDialect::create(table)) session.execute(statement);
  setVersion(session, table);
  return {};
}

}  // namespace Patchbay::Data
