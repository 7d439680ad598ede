#include "SqliteDatabase.h"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Exception.h>

#include "Schema.h"

namespace Patchbay::Data {

namespace {

/// The folder (for its owner only) and an empty file, where they are missing. Empty text: done.
std::string makeFile(const std::filesystem::path& file) {
  std::filesystem::path folder;
  for (const auto& part : file.parent_path()) {
    folder /= part;
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
      return "cannot make the folder " + folder.string() + ": " + std::generic_category().message(errno);
  }
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOCTTY, 0600);
  if (descriptor < 0) return "cannot open " + file.string() + " for writing: " + std::generic_category().message(errno);
  ::close(descriptor);
  return {};
}

FileMark markOf(const std::string& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? FileMark{status.st_dev, status.st_ino} : FileMark{};
}

void answer(Runtime::Worker* worker, const std::shared_ptr<std::function<void(Result&&)>>& done, Result result) {
  auto run = [done, result = std::move(result)]() mutable { (*done)(std::move(result)); };
  if (worker)
    worker->post(std::move(run));
  else
    run();
}

}  // namespace

SqliteDatabase::SqliteDatabase(SqliteSettings settings, Runtime::Environment& environment)
    : _environment(environment),
      _sessions(std::make_shared<Sessions>(std::move(settings))),
      _tables(std::make_shared<std::deque<OpenTable>>()),
      _opened(std::make_shared<FileMark>()) {
  Poco::Data::SQLite::Connector::registerConnector();
  auto write = [sessions = _sessions, tables = _tables, opened = _opened](std::span<const Change> group) {
    if (auto failure = checkInPlace(*sessions, *opened)) return failure;
    return sessions->with([group](SqliteSession& session) { session.transaction([&] { session.write(group); }); });
  };
  _writer = std::make_shared<GroupWriter>(environment, std::move(write), _sessions->settings().queue);
  environment.workers.at(0).add(*this);
}

SqliteDatabase::~SqliteDatabase() {
  _writer->watch({});
  _environment.workers.at(0).remove(*this);
}

Failure SqliteDatabase::open(const Table& table) {
  if (const std::string fault = SqliteDialect::fault(table); !fault.empty()) return {Failure::Kind::schema, fault};
  if (!_sessions->settings().inMemory()) {
    const std::string fault = makeFile(_sessions->settings().file);
    if (!fault.empty()) return {Failure::Kind::unreachable, fault};
  }
  *_opened = markOf(_sessions->settings().file);
  std::string mismatch;
  Failure failure =
      _sessions->with([&](SqliteSession& session) { session.transaction([&] { mismatch = Schema::establish(session, table); }); });
  if (failure) return failure;
  if (!mismatch.empty()) return {Failure::Kind::schema, description() + ": " + mismatch};
  OpenTable open{table, &table, static_cast<uint16_t>(_tables->size()), {}, SqliteDialect::upsert(table), SqliteDialect::removal(table)};
  for (const auto& name : table.key) open.keyColumns.push_back(columnIndex(table, name));
  _tables->push_back(std::move(open));
  return {};
}

/// What is written into a file that has lost its name is lost with the next start, so it must not count as stored.
Failure SqliteDatabase::checkInPlace(const Sessions& sessions, const FileMark& opened) {
  if (sessions.settings().inMemory() || markOf(sessions.settings().file) == opened) return {};
  return {Failure::Kind::unreachable,
          sessions.description() + " was removed, moved or replaced while in use: put the same file back, or start the server again"};
}

const OpenTable& SqliteDatabase::find(const Table& table) const {
  for (const auto& open : *_tables)
    if (open.declaredAt == &table && open.table.name == table.name) return open;
  for (const auto& open : *_tables)
    if (open.table.name == table.name) return open;
  throw Poco::IllegalStateException("table '" + table.name + "' has not been opened");
}

Failure SqliteDatabase::read(const Table& table, const std::function<void(const Row&)>& each, const std::string& column,
                             const Field& value) {
  const OpenTable& open = find(table);
  if (!column.empty() && columnIndex(open.table, column) == open.table.columns.size())
    return {Failure::Kind::schema, "table '" + table.name + "' has no column '" + column + "'"};
  const std::vector<std::string> columns = column.empty() ? std::vector<std::string>() : std::vector<std::string>{column};
  return _sessions->with([&](SqliteSession& session) { session.select(open.table, columns, {value}, [&](Row&& row) { each(row); }); });
}

void SqliteDatabase::query(const Table& table, const std::vector<std::string>& columns, Row values, std::function<void(Result&&)> done) {
  const OpenTable& open = find(table);
  auto shared = std::make_shared<std::function<void(Result &&)>>(std::move(done));
  for (const auto& column : columns)
    if (columnIndex(open.table, column) == open.table.columns.size())
      return answer(Runtime::Worker::current(), shared,
                    {{Failure::Kind::schema, "table '" + table.name + "' has no column '" + column + "'"}, {}});
  _environment.pool.submit(
      [sessions = _sessions, tables = _tables, &open, columns, values = std::move(values), shared, worker = Runtime::Worker::current()] {
        Result result;
        result.failure = sessions->with([&](SqliteSession& session) {
          session.select(open.table, columns, values, [&](Row&& row) { result.rows.push_back(std::move(row)); });
        });
        answer(worker, shared, std::move(result));
      });
}

void SqliteDatabase::upsert(const Table& table, Row row, Committed committed) {
  const OpenTable& open = find(table);
  Change change{&open, false, std::move(row), {}, {}};
  change.key = open.keyOfRow(change.values);
  if (committed) change.waiters.push_back({Runtime::Worker::current(), std::move(committed)});
  _writer->add(std::move(change));
}

void SqliteDatabase::remove(const Table& table, Row key, Committed committed) {
  const OpenTable& open = find(table);
  Change change{&open, true, std::move(key), {}, {}};
  change.key = open.keyOfKey(change.values);
  if (committed) change.waiters.push_back({Runtime::Worker::current(), std::move(committed)});
  _writer->add(std::move(change));
}

void SqliteDatabase::tick(Runtime::Instant now) {
  const auto due = _writer->retryDue();
  if (due && *due <= now) _writer->retry();
}

}  // namespace Patchbay::Data
