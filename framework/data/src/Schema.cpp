#include "Schema.h"

#include <algorithm>
#include <map>
#include <set>

namespace Patchbay::Data {

namespace {

using State = TableStatus::State;

const Table& versionTable() {
  static const Table table{
      "version", 1, {{"table_name", Column::Type::text, 32}, {"table_version", Column::Type::integer}}, {"table_name"}, {}};
  return table;
}

/// Database systems differ in whether names keep their case.
std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

const char* nameOf(Column::Type type) {
  static constexpr const char* names[] = {"a whole number", "a number", "text", "a time"};
  return names[static_cast<size_t>(type)];
}

const std::string Advice = "upgrades are explicit; make a copy of the database, then upgrade it (patchbay --db=upgrade)";

void worsen(TableStatus& status, State state, const std::string& text) {
  if (status.state == State::unfit) return;
  status.state = state;
  status.text = "table '" + status.name + "' " + text;
}

}  // namespace

std::vector<Schema::Found> Schema::columnsOf(const std::string& table) {
  std::vector<Found> columns;
  for (const auto& row : _session.texts(_session.dialect().columnsOf(table), 3))
    columns.push_back({lower(row[0]), lower(row[1]), row[2] == "1"});
  return columns;
}

/// 0: has none.
int64_t Schema::versionOf(const std::string& table) {
  int64_t version = 0;
  if (columnsOf(versionTable().name).empty()) return 0;
  _session.select(versionTable(), {"table_name"}, {table}, [&](Row&& row) { version = std::get<int64_t>(row[1]); });
  return version;
}

void Schema::setVersion(const Table& table) {
  _session.execute("DELETE FROM version WHERE table_name = '" + table.name + "'");
  _session.execute("INSERT INTO version (table_name, table_version) VALUES ('" + table.name + "', " + std::to_string(table.version) + ")");
}

void Schema::judgeVersion(const Table& table, TableStatus& status) {
  const int oldest = table.oldest ? table.oldest : table.version, newest = std::max(table.newest, table.version);
  const std::string ours = "this program knows version " + std::to_string(table.version);
  if (status.found == 0 && table.oldest == 0)
    worsen(status, State::unfit,
           "is there, but has no row in table 'version' (" + ours + "): it was not made by this program; use another database");
  else if (status.found > newest)
    worsen(
        status, State::unfit,
        "has version " + std::to_string(status.found) + ", " + ours + ": a newer program has made it; use that one, or another database");
  else if (status.found != 0 && status.found < oldest)
    worsen(status, State::upgradable, "has version " + std::to_string(status.found) + ", " + ours + ": " + Advice);
}

/// The columns that the declaration names, in types that can be read.
void Schema::judgeColumns(const Table& table, const std::vector<Found>& columns, TableStatus& status) {
  for (const auto& column : table.columns) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Found& f) { return f.name == lower(column.name); });
    if (found == columns.end()) {
      if (status.state == State::good) worsen(status, State::upgradable, "has no column '" + column.name + "': " + Advice);
    } else if (!_session.dialect().serves(found->type, column.type)) {
      worsen(status, State::unfit,
             "has a column '" + column.name + "' of type " + found->type + ", which cannot be used as " + nameOf(column.type));
    }
  }
}

TableStatus Schema::look(const Table& table) {
  TableStatus status{table.name, table.version, 0, State::good, {}};
  const auto columns = columnsOf(table.name);
  if (columns.empty()) {
    worsen(status, State::absent, "is not there");
    return status;
  }
  status.found = versionOf(table.name);
  judgeVersion(table, status);
  judgeColumns(table, columns, status);
  return status;
}

void Schema::make(const Table& table) {
  if (columnsOf(versionTable().name).empty())
    for (const auto& statement : _session.dialect().create(versionTable())) _session.execute(statement);
  for (const auto& statement : _session.dialect().create(table)) _session.execute(statement);
  setVersion(table);
}

void Schema::mend(const Table& table) {
  const auto columns = columnsOf(table.name);
  for (const auto& column : table.columns)
    if (std::none_of(columns.begin(), columns.end(), [&](const Found& found) { return found.name == lower(column.name); }))
      _session.execute(_session.dialect().addColumn(table, column));
  if (versionOf(table.name) < table.version) setVersion(table);
}

bool Schema::lacksKey(const Table& table) {
  std::set<std::string> key;
  for (const auto& column : table.key) key.insert(lower(column));
  std::map<std::string, std::set<std::string>> indexes;
  for (const auto& row : _session.texts(_session.dialect().uniquesOf(table.name), 2)) indexes[row[0]].insert(lower(row[1]));
  return std::none_of(indexes.begin(), indexes.end(), [&](const auto& index) { return index.second == key; });
}

}  // namespace Patchbay::Data
