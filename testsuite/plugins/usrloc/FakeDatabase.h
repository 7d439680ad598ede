#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "patchbay/data/Database.h"

namespace Patchbay::Testsuite {

/// Rows in a map by their first column. Commits when told to.
class FakeDatabase : public Data::Database {
 public:
  std::string description() const override { return "fake:"; }
  Data::Failure open(const Data::Table& table) override {
    opened.push_back(table.name);
    return failure;
  }
  Data::Failure read(const Data::Table&, const std::function<void(const Data::Row&)>& each, const std::string&,
                     const Data::Field&) override {
    const auto found = rows;
    for (const auto& [key, row] : found) each(row);
    return failure;
  }
  void query(const Data::Table&, const std::vector<std::string>&, Data::Row, std::function<void(Data::Result&&)> done) override {
    done({});
  }
  void upsert(const Data::Table& table, Data::Row row, Committed committed) override {
    ++upserts;
    row.resize(table.columns.size());
    const std::string key = std::get<std::string>(row[0]);
    rows[key] = std::move(row);
    waiters.push_back(std::move(committed));
  }
  void remove(const Data::Table&, Data::Row key, Committed committed) override {
    ++removals;
    rows.erase(std::get<std::string>(key[0]));
    waiters.push_back(std::move(committed));
  }
  size_t waiting() const override { return lastQueued() - committed; }
  size_t room() const override { return most - std::min(most, waiting()); }
  uint64_t lastQueued() const override { return upserts + removals; }
  uint64_t committedUpTo() const override { return committed; }
  void watch(std::function<void(const Data::Failure&)>) override {}
  size_t flush(Runtime::Duration) override {
    commit(failure);
    return waiting();
  }
  void commit(const Data::Failure& outcome = {}) {
    if (!outcome) {
      committed = lastQueued();
      durable = rows;
    }
    auto calls = std::move(waiters);
    waiters.clear();
    for (const auto& call : calls)
      if (call) call(outcome);
  }

  /// What a crash leaves.
  void crash() {
    rows = durable;
    waiters.clear();
    committed = lastQueued();
  }

  std::map<std::string, Data::Row> rows, durable;  ///< as changed, as committed
  std::vector<Committed> waiters;
  std::vector<std::string> opened;
  uint64_t committed = 0;
  size_t upserts = 0, removals = 0, most = 1000000;
  Data::Failure failure;
};

}  // namespace Patchbay::Testsuite
