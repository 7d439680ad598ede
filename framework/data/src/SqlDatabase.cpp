#include "SqlDatabase.h"

#include <algorithm>

#include <Poco/Exception.h>

#include "Establishing.h"

namespace Patchbay::Data {

namespace {

constexpr std::string_view Gauges[] = {"data_state",       "data_waiting",       "data_questions_waiting",
                                       "data_connections", "data_query_seconds", "data_abandoned_threads"};

std::shared_ptr<GroupWriter> makeWriter(Runtime::Environment& environment, const std::shared_ptr<Sessions>& sessions,
                                        const std::shared_ptr<std::atomic<bool>>& flushing) {
  auto write = [sessions, flushing](std::span<const Change> group) {
    if (auto failure = sessions->driver().checkInPlace()) return failure;
    return sessions->with([group](Session& session) { session.transaction([&] { session.write(group); }); }, sessions->timeout(),
                          flushing->load());
  };
  const bool remote = sessions->driver().isRemote();
  return std::make_shared<GroupWriter>(environment, std::move(write), sessions->driver().settings().queue,
                                       remote ? sessions->timeout() + Sessions::Grace : Runtime::Duration{});
}

Failure unknownColumn(const Table& table, const std::vector<std::string>& columns) {
  for (const auto& column : columns)
    if (columnIndex(table, column) == table.columns.size())
      return {Failure::Kind::schema, "table '" + table.name + "' has no column '" + column + "'"};
  return {};
}

}  // namespace

SqlDatabase::SqlDatabase(std::unique_ptr<Driver> driver, Runtime::Environment& environment)
    : _environment(environment), _tables(std::make_shared<OpenTables>()) {
  const auto writer = std::make_shared<std::weak_ptr<GroupWriter>>();
  const auto told = [writer](const Failure& failure) {
    const auto known = writer->lock();
    if (known) known->tell(failure);
    if (known && !failure) known->retry();
  };
  _sessions = std::make_shared<Sessions>(std::move(driver), environment, told, _tables);
  _writer = makeWriter(environment, _sessions, _flushing);
  *writer = _writer;
  _queries = std::make_shared<Queries>(environment, _sessions);
  for (size_t i = 0; i < environment.workers.count(); ++i)
    _askers.push_back(std::make_unique<Asker>(environment.workers.at(i), _queries, _sessions));
  environment.workers.at(0).add(*this);
  measure();
}

SqlDatabase::~SqlDatabase() {
  for (const auto gauge : Gauges) _environment.metrics.forget(gauge);
  _writer->watch({});
  _environment.workers.at(0).remove(*this);
}

void SqlDatabase::measure() {
  auto& metrics = _environment.metrics;
  metrics.gauge("data_state", "The database: 0 is well, 1 away, 2 being asked whether it is back.",
                [this] { return static_cast<double>(_sessions->breaker().state()); });
  metrics.gauge("data_waiting", "Changes that wait for the database.", [this] { return static_cast<double>(waiting()); });
  metrics.gauge("data_questions_waiting", "Questions that wait for a connection to the database.",
                [this] { return static_cast<double>(_queries->waiting()); });
  metrics.gauge("data_query_seconds", "What all queries took together, in the database's client.", [this] { return _queries->seconds(); });
  metrics.gauge("data_connections", "Connections to the database.", [this] { return static_cast<double>(_sessions->connections()); });
  metrics.gauge("data_abandoned_threads", "Threads that hang in a library and have been replaced.",
                [this] { return static_cast<double>(_environment.pool.abandoned()); });
}

Failure SqlDatabase::open(const Table& table) {
  if (const std::string fault = Dialect::fault(table); !fault.empty()) return {Failure::Kind::schema, fault};
  if (auto failure = _sessions->driver().prepare()) return failure;
  OpenTable& open = _tables->add(table);
  return Establishing(*_sessions).open(open, _opening);
}

OpenTable& SqlDatabase::find(const Table& table) const {
  OpenTable* const found = _tables->find(table);
  if (found == nullptr) throw Poco::IllegalStateException("table '" + table.name + "' has not been opened");
  return *found;
}

Failure SqlDatabase::read(const Table& table, const std::function<void(const Row&)>& each, const std::string& column, const Field& value) {
  const OpenTable& open = find(table);
  if (_opening == Opening::look) return {};
  const std::vector<std::string> columns = column.empty() ? std::vector<std::string>() : std::vector<std::string>{column};
  if (auto failure = unknownColumn(open.table, columns)) return failure;
  bool begun = false;  // when a connection dies in the middle, rows must not be given twice
  return _sessions->with(
      [&](Session& session) {
        if (begun) throw Poco::DataException("the connection was lost while rows were read");
        session.select(open.table, columns, {value}, [&](Row&& row) {
          begun = true;
          each(row);
        });
      },
      Sessions::LoadTime);
}

void SqlDatabase::query(const Table& table, const std::vector<std::string>& columns, Row values, std::function<void(Result&&)> done) {
  OpenTable& open = find(table);
  auto ask = std::make_shared<Ask>(Ask{&open, columns, std::move(values), std::move(done)});
  auto* const worker = Runtime::Worker::current();
  if (auto failure = unknownColumn(open.table, columns)) {
    auto run = [ask, failure] { Queries::answer(*ask, {failure, {}}); };
    return worker ? worker->post(std::move(run)) : run();
  }
  if (worker) return _askers.at(worker->index())->ask(std::move(ask));
  std::vector<AskPointer> one;
  one.push_back(std::move(ask));
  _queries->add(std::move(one));
}

void SqlDatabase::add(Change change, Committed committed) {
  if (committed) change.waiters.push_back({Runtime::Worker::current(), std::move(committed)});
  if (!_sessions->breaker().isOpen()) return _writer->add(std::move(change));
  const Failure away = _sessions->breaker().failure();
  _writer->add(std::move(change), &away);
}

void SqlDatabase::upsert(const Table& table, Row row, Committed committed) {
  const OpenTable& open = find(table);
  Change change{&open, false, std::move(row), {}, {}};
  change.key = open.keyOfRow(change.values);
  add(std::move(change), std::move(committed));
}

void SqlDatabase::remove(const Table& table, Row key, Committed committed) {
  const OpenTable& open = find(table);
  Change change{&open, true, std::move(key), {}, {}};
  change.key = open.keyOfKey(change.values);
  add(std::move(change), std::move(committed));
}

std::optional<Runtime::Instant> SqlDatabase::nextDue() {
  const auto probe = _sessions->breaker().probeDue(), retry = _writer->retryDue();
  return probe && retry ? std::min(probe, retry) : probe ? probe : retry;
}

/// While the database is away a retry fails at once, and tells those who wait.
void SqlDatabase::tick(Runtime::Instant now) {
  if (_sessions->breaker().beginProbe(now)) submitProbe();
  if (const auto due = _writer->retryDue(); due && *due <= now) _writer->retry();
}

/// Checks as well the tables that could not be checked when they were opened.
void SqlDatabase::submitProbe() {
  const Runtime::Duration longest = _sessions->timeout() + Sessions::Grace;
  _environment.pool.submit(
      [sessions = _sessions, tables = _tables, longest, &pool = _environment.pool] {
        const Failure lost{Failure::Kind::timeout, sessions->driver().description() + ": connecting to it hangs"};
        const auto watch = pool.watch(longest, [&] { sessions->breaker().failed(lost); });
        Establishing(*sessions).probe(*tables);
      },
      longest);
}

/// Perhaps the workers have ended, and with them the probes.
size_t SqlDatabase::flush(Runtime::Duration deadline) {
  _flushing->store(true);
  const size_t left = _writer->flush(deadline);
  _flushing->store(false);
  return left;
}

std::vector<TableStatus> SqlDatabase::status() {
  return Establishing(*_sessions).status(*_tables);
}

Failure SqlDatabase::upgrade(const std::string& table) {
  for (size_t i = 0; i < _tables->size(); ++i)
    if (_tables->at(i).table.name == table) return Establishing(*_sessions).open(_tables->at(i), Opening::upgrade);
  return {Failure::Kind::schema, "there is no table '" + table + "' among those in use"};
}

}  // namespace Patchbay::Data
