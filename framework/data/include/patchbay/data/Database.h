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
  enum class Kind : uint8_t { none, unreachable, timeout, constraint, schema, full, other } kind = Kind::none;
  std::string text;
  explicit operator bool() const { return kind != Kind::none; }
};

struct Result {
  Failure failure;
  std::vector<Row> rows;
};

/// A database behind futures: nothing here ever holds a SIP worker. Chosen by one URL: `sqlite:FILE` (made with its folder when absent;
/// `sqlite::memory:`), later `mysql://...`. Sessions belong to pool threads. Offered to bundles as a service.
class PATCHBAY_API Database {
 public:
  /// Throws Poco::InvalidArgumentException for a URL that it does not know, naming those it does. Opens nothing yet.
  static std::unique_ptr<Database> make(const std::string& url, Runtime::Environment& environment);
  virtual ~Database() = default;

  /// Where the data is, for the start-up lines and errors; no password in it.
  virtual std::string description() const = 0;
  /// Load time, blocking: connects, makes the table when it is absent, checks its version. The failure's text says what to do.
  virtual Failure open(const Table& table) = 0;
  /// Load time, blocking: all rows, or those where `column` = value, given one by one in the table's column order.
  virtual Failure read(const Table& table, const std::function<void(const Row&)>& each, const std::string& column = {},
                       const Field& value = {}) = 0;
  /// From a worker: rows where the given columns have these values; `done` runs on the asking worker. Deadline: the caller's suspension.
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
  /// Load time: who is told when the database begins to refuse changes, and (no failure) when it takes them again. On any thread.
  virtual void watch(std::function<void(const Failure&)> told) = 0;
  /// Blocking, at shutdown: writes what waits, gives up at `deadline`; how many are left.
  virtual size_t flush(Runtime::Duration deadline) = 0;
};

/// "2026-01-31 12:00:00" and back.
PATCHBAY_API std::string timeText(Runtime::WallTime time);
PATCHBAY_API std::optional<Runtime::WallTime> timeOf(std::string_view text);

}  // namespace Patchbay::Data
