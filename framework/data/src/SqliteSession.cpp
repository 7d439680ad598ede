#include "SqliteSession.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/Statement.h>

namespace Patchbay::Data {

namespace {

using namespace Poco::Data::Keywords;
namespace SQLite = Poco::Data::SQLite;

template <class... Exceptions>
bool isOneOf(const Poco::Exception& exception) {
  return (... || (dynamic_cast<const Exceptions*>(&exception) != nullptr));
}

Failure::Kind kindOf(const Poco::Exception& exception) {
  using Kind = Failure::Kind;
  if (isOneOf<SQLite::ConstraintViolationException, SQLite::DataTypeMismatchException, SQLite::RowTooBigException>(exception))
    return Kind::constraint;
  if (isOneOf<SQLite::DBLockedException, SQLite::TableLockedException, SQLite::LockProtocolException>(exception)) return Kind::timeout;
  if (isOneOf<SQLite::CantOpenDBFileException, SQLite::IOErrorException, Poco::Data::ConnectionFailedException>(exception))
    return Kind::unreachable;
  if (isOneOf<SQLite::CorruptImageException, SQLite::TableNotFoundException, SQLite::SchemaDiffersException>(exception))
    return Kind::schema;
  return Kind::other;
}

/// Asked for by its number rather than by its exception, which depends on where SQLite notices it.
bool saysNotADatabase(const std::string& text) {
  return text.find("not a database") != std::string::npos || text.find("malformed") != std::string::npos;
}

}  // namespace

Failure failureOf(const Poco::Exception& exception, const std::string& where) {
  const std::string text = exception.displayText();
  if (saysNotADatabase(text))
    return {Failure::Kind::schema,
            where + " is damaged or no SQLite database (" + text + "): put a sound copy in its place, or move it away to begin anew"};
  return {kindOf(exception), where + ": " + text};
}

SqliteSession::SqliteSession(const SqliteSettings& settings) : _session(SQLite::Connector::KEY, settings.file) {
  execute("PRAGMA busy_timeout = " + std::to_string(settings.busy.count()));
  std::string mode;
  _session << "PRAGMA journal_mode = WAL", into(mode), now;
  execute(settings.full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

void SqliteSession::execute(const std::string& statement) {
  _session << statement, now;
}

int64_t SqliteSession::number(const std::string& query) {
  Poco::Int64 number = 0;
  _session << query, into(number), now;
  return number;
}

void SqliteSession::transaction(const std::function<void()>& work) {
  execute("BEGIN IMMEDIATE");
  try {
    work();
    execute("COMMIT");
  } catch (...) {
    forgetStatements();  // an unfinished one would keep the transaction open
    try {
      execute("ROLLBACK");
    } catch (const Poco::Exception&) {
      // SQLite has rolled back itself
    }
    throw;
  }
}

SqliteSession::Prepared::Prepared(Poco::Data::Session& session, const OpenTable& open, bool removal) : statement(session) {
  statement << (removal ? open.removal : open.upsert);
  if (removal)
    for (const size_t column : open.keyColumns) columns.emplace_back(open.table.columns[column]);
  else
    for (const auto& column : open.table.columns) columns.emplace_back(column);
}

void SqliteSession::Prepared::execute(const std::vector<const Change*>& changes) {
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i].resize(changes.size());
    for (size_t row = 0; row < changes.size(); ++row) {
      const Row& values = changes[row]->values;
      columns[i].set(row, i < values.size() ? values[i] : Field());
    }
  }
  if (!bound)  // only now: the first execution uses what the vectors were when they were bound, later ones look again
    for (auto& column : columns) column.bindTo(statement);
  bound = true;
  statement.execute();
}

void SqliteSession::write(const OpenTable& table, bool removal, const std::vector<const Change*>& changes) {
  auto& prepared = _prepared[{&table, removal}];
  if (!prepared) prepared = std::make_unique<Prepared>(_session, table, removal);
  prepared->execute(changes);
}

void SqliteSession::write(std::span<const Change> group) {
  std::map<std::pair<const OpenTable*, bool>, std::vector<const Change*>> kinds;
  for (const Change& change : group) kinds[{change.table, change.removal}].push_back(&change);
  for (const auto& [kind, changes] : kinds) write(*kind.first, kind.second, changes);
}

void SqliteSession::select(const Table& table, const std::vector<std::string>& columns, const Row& values,
                           const std::function<void(Row&&)>& each) {
  std::deque<ReadColumn> results;
  std::deque<BoundColumn> conditions;
  std::deque<Column> asked;  // may be null, whatever the table says
  Poco::Data::Statement statement(_session);
  statement << SqliteDialect::select(table, columns);
  for (size_t i = 0; i < columns.size(); ++i) {
    asked.push_back(table.columns.at(columnIndex(table, columns[i])));
    asked.back().nullable = true;
    conditions.emplace_back(asked.back()).set(0, i < values.size() ? values[i] : Field());
    conditions.back().bindTo(statement);
  }
  for (const auto& column : table.columns) results.emplace_back(column.type).readFrom(statement);
  statement, limit(256);
  while (!statement.done()) {
    for (auto& result : results) result.clear();
    statement.execute();
    for (size_t row = 0; row < results[0].rows(); ++row) {
      Row fields;
      fields.reserve(results.size());
      for (const auto& result : results) fields.push_back(result.get(row));
      each(std::move(fields));
    }
  }
}

}  // namespace Patchbay::Data
