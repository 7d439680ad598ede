#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/data/Table.h"
#include "patchbay/runtime/Environment.h"
#include "patchbay/runtime/Task.h"

namespace Patchbay::Data {

/// Why a query gave nothing. The text is for the log.
struct Failure {
  /// denied: it is there, but does not let us in (password, rights, no such database).
  enum class Kind : uint8_t { none, unreachable, timeout, constraint, schema, full, other, denied } kind = Kind::none;
  std::string text;
  explicit operator bool() const { return kind != Kind::none; }
};

struct Result {
  Failure failure;
  std::vector<Row> rows;
};

/// A table of the database beside its declaration.
struct TableStatus {
  enum class State : uint8_t {
    good,         ///< serves as it is
    absent,       ///< `open` makes it
    upgradable,   ///< older, or columns are missing: `upgrade` mends it
    unfit,        ///< newer, or not ours: see the text
    unreachable,  ///< the database cannot be asked now
  };
  std::string name;
  int declared = 0;   ///< version
  int64_t found = 0;  ///< version, 0 without
  State state = State::good;
  std::string text;  ///< what is wrong and what to do; empty when good
};

/// A database behind futures: nothing here ever holds a SIP worker. Chosen by one URL: `sqlite:FILE` (made with its folder when absent;
/// `sqlite::memory:`) or `mysql://user[:password]@host[:port]/database`, options behind `?`; doc/operating.md has them all. Sessions belong
/// to pool threads. Offered to bundles as a service.
///
/// A database on the network that does not answer is not asked again and again: it is marked as away, everything that asks fails at once
/// (Failure::Kind::unreachable), changes wait, and one attempt at a time finds out when it is back.
class PATCHBAY_API Database {
 public:
  /// Throws Poco::InvalidArgumentException for a URL that it does not know, naming those it does. Opens nothing yet.
  static std::unique_ptr<Database> make(const std::string& url, Runtime::Environment& environment);
  virtual ~Database() = default;

  /// Where the data is, for the start-up lines and errors; no password in it.
  virtual std::string description() const = 0;
  /// Load time, blocking: connects, makes the table when it is absent, checks its version. The failure's text says what to do. Of a
  /// database that is away and has `start=wait` (the default of mysql) the check is done when it comes: no failure now. The same table may
  /// be opened by several.
  virtual Failure open(const Table& table) = 0;
  /// Blocking, for load time and the admin endpoint's threads: all rows, or those where `column` = value, given one by one in the table's
  /// column order.
  virtual Failure read(const Table& table, const std::function<void(const Row&)>& each, const std::string& column = {},
                       const Field& value = {}) = 0;
  /// From a worker: rows where the given columns have these values (null included), as the database compares them (MariaDB: by the column's
  /// collation, mostly without regard to case; SQLite: octets). `done` runs on the asking worker, in a later turn, once, and within
  /// `timeout` of the URL (2 s; with Failure::Kind::timeout then). What is asked of the same table and columns in one turn, or while the
  /// database is busy, goes as one query. From other threads `done` runs on a pool thread.
  virtual void query(const Table& table, const std::vector<std::string>& columns, Row values, std::function<void(Result&&)> done) = 0;

  /// Queues a change; safe from any worker; never blocks. Changes of one key keep their order; changes that wait are committed in groups of
  /// up to 512, and of several for one key only the last is written (they are idempotent). `committed` (may be empty) runs on the worker
  /// that queued it, after the commit that holds the change or a later one of the same key. When the database fails, changes wait and are
  /// tried again; a `committed` with a failure then means: not durable now, still queued. When as many wait as may (`queue` in the URL), a
  /// change of a key that does not wait yet is not queued, and told so (Failure::Kind::full).
  using Committed = std::function<void(const Failure&)>;
  virtual void upsert(const Table& table, Row row, Committed committed = {}) = 0;
  /// `key` in the order of Table::key.
  virtual void remove(const Table& table, Row key, Committed committed = {}) = 0;
  /// How many changes wait.
  virtual size_t waiting() const = 0;
  /// How many more would be queued now.
  virtual size_t room() const = 0;
  /// Changes are numbered as they are queued, from 1: the last one's number, 0 before the first.
  virtual uint64_t lastQueued() const = 0;
  /// All changes up to this one are committed, or were refused for good.
  virtual uint64_t committedUpTo() const = 0;
  /// Load time: who is told when the database begins to refuse changes or is away, and (no failure) when it is well again. On any thread.
  virtual void watch(std::function<void(const Failure&)> told) = 0;
  /// Blocking, at shutdown: writes what waits, gives up at `deadline`; how many are left.
  virtual size_t flush(Runtime::Duration deadline) = 0;

  /// What `open` does from now on: `make` what is absent and refuse what does not fit (the default); `look` only, and find everything good;
  /// or `upgrade` as well: missing columns are added, and the version is set. Nothing is ever taken away.
  enum class Opening : uint8_t { make, look, upgrade };
  virtual void opening(Opening) {}
  /// Blocking: every table that has been opened, as it is now.
  virtual std::vector<TableStatus> status() { return {}; }
  /// Blocking, for one that has been opened: makes or mends it.
  virtual Failure upgrade(const std::string& table) { return {Failure::Kind::schema, "table '" + table + "' cannot be upgraded here"}; }
};

/// "2026-01-31 12:00:00" and back.
PATCHBAY_API std::string timeText(Runtime::WallTime time);
PATCHBAY_API std::optional<Runtime::WallTime> timeOf(std::string_view text);

}  // namespace Patchbay::Data
