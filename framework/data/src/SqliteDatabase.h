#pragma once

#include <deque>
#include <memory>

#include "GroupWriter.h"
#include "Sessions.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Data {

/// A file whatever its name: one that was removed while open can still be written, but nobody will find it again.
struct FileMark {
  uint64_t device = 0, number = 0;
  bool operator==(const FileMark&) const = default;
};

/// SQLite in a file (WAL), made with its folder at the first start, for the owner only; or in memory, for tests.
class SqliteDatabase final : public Database, private Runtime::Ticker {
 public:
  SqliteDatabase(SqliteSettings settings, Runtime::Environment& environment);
  ~SqliteDatabase() override;

  std::string description() const override { return _sessions->description(); }
  Failure open(const Table& table) override;
  Failure read(const Table& table, const std::function<void(const Row&)>& each, const std::string& column, const Field& value) override;
  void query(const Table& table, const std::vector<std::string>& columns, Row values, std::function<void(Result&&)> done) override;
  void upsert(const Table& table, Row row, Committed committed) override;
  void remove(const Table& table, Row key, Committed committed) override;
  size_t waiting() const override { return _writer->waiting(); }
  size_t room() const override { return _writer->room(); }
  uint64_t lastQueued() const override { return _writer->lastQueued(); }
  uint64_t committedUpTo() const override { return _writer->committedUpTo(); }
  void watch(std::function<void(const Failure&)> told) override { _writer->watch(std::move(told)); }
  size_t flush(Runtime::Duration deadline) override { return _writer->flush(deadline); }

 private:
  std::optional<Runtime::Instant> nextDue() override { return _writer->retryDue(); }
  void tick(Runtime::Instant now) override;
  const OpenTable& find(const Table& table) const;
  static Failure checkInPlace(const Sessions& sessions, const FileMark& opened);

  Runtime::Environment& _environment;
  std::shared_ptr<Sessions> _sessions;  // jobs on the pool hold them too
  std::shared_ptr<std::deque<OpenTable>> _tables;
  std::shared_ptr<FileMark> _opened;
  std::shared_ptr<GroupWriter> _writer;
};

}  // namespace Patchbay::Data
