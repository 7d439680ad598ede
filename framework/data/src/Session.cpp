#include "Session.h"

#include <algorithm>
#include <bit>

#include "Asking.h"
#include "Writing.h"

namespace Patchbay::Data {

using namespace Poco::Data::Keywords;

Session::Session(Poco::Data::Session session, const Dialect& dialect) : _session(std::move(session)), _dialect(dialect) {}

Session::~Session() = default;

void Session::forgetStatements() {
  _writings.clear();
  _askings.clear();
}

void Session::execute(const std::string& statement) {
  _session << statement, now;
}

std::vector<std::vector<std::string>> Session::texts(const std::string& query, size_t columns) {
  std::vector<std::vector<Poco::Nullable<std::string>>> found(columns);
  Poco::Data::Statement statement(_session);
  statement << query;
  for (auto& column : found) statement, into(column);
  statement.execute();
  std::vector<std::vector<std::string>> rows(found.empty() ? 0 : found[0].size());
  for (size_t row = 0; row < rows.size(); ++row)
    for (const auto& column : found) rows[row].push_back(column[row].isNull() ? std::string() : column[row].value());
  return rows;
}

void Session::transaction(const std::function<void()>& work) {
  execute(_dialect.begin());
  try {
    work();
    execute("COMMIT");
  } catch (...) {
    forgetStatements();  // an unfinished one would keep the transaction open
    try {
      execute("ROLLBACK");
    } catch (const Poco::Exception&) {
      // the database has rolled back itself, or is gone
    }
    throw;
  }
}

void Session::write(std::span<const Change> group) {
  std::map<std::pair<const OpenTable*, Kind>, Changes> kinds;
  for (const Change& change : group) {
    const bool replaced = change.table->replaced.load(std::memory_order_relaxed);
    if (change.removal || replaced) kinds[{change.table, Kind::removal}].push_back(&change);
    if (!change.removal) kinds[{change.table, replaced ? Kind::insertion : Kind::upsert}].push_back(&change);
  }
  for (const bool removals : {true, false})
    for (const auto& [kind, changes] : kinds)
      if ((kind.second == Kind::removal) == removals) write(*kind.first, kind.second, changes);
}

void Session::write(const OpenTable& table, Kind kind, std::span<const Change* const> changes) {
  const bool many = _dialect.manyRows();
  while (!changes.empty()) {
    const size_t rows = many ? std::min(std::bit_floor(changes.size()), MostAtOnce) : changes.size();
    writing(table, kind, many ? rows : 0).execute(changes.first(rows), kind == Kind::removal);
    changes = changes.subspan(rows);
  }
}

Writing& Session::writing(const OpenTable& table, Kind kind, size_t rows) {
  auto& kept = _writings[{&table, kind, rows}];
  if (kept) return *kept;
  std::vector<const Column*> columns;
  if (kind == Kind::removal)
    for (const size_t column : table.keyColumns) columns.push_back(&table.table.columns[column]);
  else
    for (const Column& column : table.table.columns) columns.push_back(&column);
  const size_t inText = std::max<size_t>(rows, 1);
  const std::string text =
      kind == Kind::removal ? _dialect.removal(table.table, inText) : _dialect.insert(table.table, inText, kind == Kind::upsert);
  kept = std::make_unique<Writing>(_session, text, columns, rows);
  return *kept;
}

Asking& Session::asking(const OpenTable& table, const std::vector<std::string>& columns, size_t askers) {
  auto& kept = _askings[{&table, columns, askers}];
  if (!kept)
    kept = std::make_unique<Asking>(_session, _dialect.select(table.table, columns, askers), table.table, columns, askers,
                                    _dialect.wholeText());
  return *kept;
}

void Session::select(const Table& table, const std::vector<std::string>& columns, const Row& values,
                     const std::function<void(Row&&)>& each) {
  const Row* const asked = &values;
  Asking(_session, _dialect.select(table, columns), table, columns, 0, _dialect.wholeText())
      .execute(
          {&asked, 1}, [&](size_t, Row&& row) { each(std::move(row)); }, progress);
}

void Session::select(const OpenTable& table, const std::vector<std::string>& columns, std::span<const Row* const> asked,
                     const std::function<void(size_t, Row&&)>& each) {
  asking(table, columns, std::bit_ceil(asked.size())).execute(asked, each, progress);
}

}  // namespace Patchbay::Data
