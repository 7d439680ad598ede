#include "Dialect.h"

#include <algorithm>

namespace Patchbay::Data {

namespace {

bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Also right for words that SQL uses itself, such as `group`.
std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

template <class Each>
std::string joined(const std::vector<std::string>& names, const char* separator, Each each) {
  std::string text;
  for (const auto& name : names) {
    if (!text.empty()) text += separator;
    text += each(name);
  }
  return text;
}

std::vector<std::string> namesOf(const Table& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  return names;
}

/// The fallback as an SQL literal. It comes from a declaration in code; quotes are doubled all the same.
std::string literal(const Column& column) {
  std::string text = "'";
  for (const char c : column.fallback) text.append(c == '\'' ? 2 : 1, c);
  return text + "'";
}

std::string definition(const Column& column) {
  std::string text = quoted(column.name);
  switch (column.type) {
    case Column::Type::integer:
      text += " INTEGER";
      break;
    case Column::Type::real:
      text += " REAL";
      break;
    case Column::Type::text:
      text += " VARCHAR(" + std::to_string(column.length) + ")";
      break;
    case Column::Type::time:
      text += " DATETIME";
      break;
  }
  if (!column.nullable) text += " NOT NULL";
  if (!column.fallback.empty())
    text += " DEFAULT " + literal(column);
  else if (!column.nullable)
    text += column.type == Column::Type::text || column.type == Column::Type::time ? " DEFAULT ''" : " DEFAULT 0";
  return text;
}

bool known(const Table& table, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [&](const auto& name) { return columnIndex(table, name) < table.columns.size(); });
}

}  // namespace

bool isIdentifier(std::string_view name) {
  if (name.empty() || name.size() > 64 || !isLetter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return isLetter(c) || (c >= '0' && c <= '9'); });
}

size_t columnIndex(const Table& table, const std::string& name) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(), [&](const Column& column) { return column.name == name; });
  return static_cast<size_t>(found - table.columns.begin());
}

std::string SqliteDialect::fault(const Table& table) {
  if (!isIdentifier(table.name)) return "'" + table.name + "' is no table name: letters, digits and underscores, at most 64";
  if (table.columns.empty() || table.key.empty()) return "table '" + table.name + "' needs columns and a key";
  for (const auto& column : table.columns)
    if (!isIdentifier(column.name)) return "table '" + table.name + "': '" + column.name + "' is no column name";
  if (!known(table, table.key)) return "table '" + table.name + "': the key names a column that it has not";
  for (const auto& index : table.indexes)
    if (index.empty() || !known(table, index)) return "table '" + table.name + "': an index names a column that it has not";
  return {};
}

std::vector<std::string> SqliteDialect::create(const Table& table) {
  std::string text = "CREATE TABLE " + quoted(table.name) + " (";
  for (const auto& column : table.columns) text += definition(column) + ", ";
  text += "PRIMARY KEY (" + joined(table.key, ", ", quoted) + "))";
  std::vector<std::string> statements{text};
  for (const auto& index : table.indexes) {
    const std::string name = table.name + "_" + joined(index, "_", [](const auto& column) { return column; });
    statements.push_back("CREATE INDEX " + quoted(name) + " ON " + quoted(table.name) + " (" + joined(index, ", ", quoted) + ")");
  }
  return statements;
}

std::string SqliteDialect::upsert(const Table& table) {
  std::vector<std::string> others;
  for (const auto& column : table.columns)
    if (std::find(table.key.begin(), table.key.end(), column.name) == table.key.end()) others.push_back(column.name);
  const auto names = namesOf(table);
  std::string text = "INSERT INTO " + quoted(table.name) + " (" + joined(names, ", ", quoted) + ") VALUES (" +
                     joined(names, ", ", [](const auto&) { return "?"; }) + ") ON CONFLICT (" + joined(table.key, ", ", quoted) + ") DO ";
  if (others.empty()) return text + "NOTHING";
  return text + "UPDATE SET " + joined(others, ", ", [](const auto& name) { return quoted(name) + " = excluded." + quoted(name); });
}

std::string SqliteDialect::removal(const Table& table) {
  return "DELETE FROM " + quoted(table.name) + " WHERE " +
         joined(table.key, " AND ", [](const auto& name) { return quoted(name) + " = ?"; });
}

std::string SqliteDialect::select(const Table& table, const std::vector<std::string>& columns) {
  std::string text = "SELECT " + joined(namesOf(table), ", ", quoted) + " FROM " + quoted(table.name);
  if (!columns.empty()) text += " WHERE " + joined(columns, " AND ", [](const auto& name) { return quoted(name) + " IS ?"; });
  return text;
}

}  // namespace Patchbay::Data
