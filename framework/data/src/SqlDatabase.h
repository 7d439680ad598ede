#pragma once

#include <memory>
#include <vector>

#include "Asker.h"
#include "GroupWriter.h"
#include "OpenTable.h"
#include "Sessions.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Data {

/// A database of any kind: tables, changes, questions; the kind is its driver.
class SqlDatabase final : public Database, private Runtime::Ticker {
 public:
  SqlDatabase(std::unique_ptr<Driver> driver, Runtime::Environment& environment);
  ~SqlDatabase() override;

  std::string description() const override { return _sessions->driver().description(); }
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
  size_t flush(Runtime::Duration deadline) override;
  void opening(Opening opening) override { _opening = opening; }
  std::vector<TableStatus> status() override;
  Failure upgrade(const std::string& table) override;

 private:
  std::optional<Runtime::Instant> nextDue() override;
  void tick(Runtime::Instant now) override;
  OpenTable& find(const Table& table) const;
  void add(Change change, Committed committed);
  void measure();
  void submitProbe();

  Runtime::Environment& _environment;
  const std::shared_ptr<OpenTables> _tables;  // jobs on the pool hold them too
  std::shared_ptr<Sessions> _sessions;
  std::shared_ptr<GroupWriter> _writer;
  std::shared_ptr<Queries> _queries;
  std::vector<std::unique_ptr<Asker>> _askers;  // by worker
  Opening _opening = Opening::make;
  const std::shared_ptr<std::atomic<bool>> _flushing = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace Patchbay::Data
