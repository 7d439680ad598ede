#pragma once

#include <memory>
#include <utility>

#include "patchbay/data/Database.h"

namespace Patchbay::Testsuite {

/// The server's database, whose queries a scenario can let fail, or never be answered.
class VirtualDatabase : public Data::Database {
 public:
  enum class Mode { answers, fails, silent };
  explicit VirtualDatabase(std::unique_ptr<Data::Database> real) : _real(std::move(real)) {}
  void set(Mode mode) { _mode = mode; }

  std::string description() const override { return _real->description(); }
  Data::Failure open(const Data::Table& table) override { return _real->open(table); }
  Data::Failure read(const Data::Table& table, const std::function<void(const Data::Row&)>& each, const std::string& column,
                     const Data::Field& value) override {
    if (_mode != Mode::answers) return {Data::Failure::Kind::unreachable, "the scenario says so"};
    return _real->read(table, each, column, value);
  }
  void query(const Data::Table& table, const std::vector<std::string>& columns, Data::Row values,
             std::function<void(Data::Result&&)> done) override {
    if (_mode == Mode::answers) return _real->query(table, columns, std::move(values), std::move(done));
    if (_mode == Mode::silent) return;
    Runtime::Worker::current()->post([done = std::move(done)] { done({{Data::Failure::Kind::unreachable, "the scenario says so"}, {}}); });
  }
  void upsert(const Data::Table& table, Data::Row row, Committed committed) override {
    _real->upsert(table, std::move(row), std::move(committed));
  }
  void remove(const Data::Table& table, Data::Row key, Committed committed) override {
    _real->remove(table, std::move(key), std::move(committed));
  }
  size_t waiting() const override { return _real->waiting(); }
  size_t room() const override { return _real->room(); }
  uint64_t lastQueued() const override { return _real->lastQueued(); }
  uint64_t committedUpTo() const override { return _real->committedUpTo(); }
  void watch(std::function<void(const Data::Failure&)> told) override { _real->watch(std::move(told)); }
  size_t flush(Runtime::Duration deadline) override { return _real->flush(deadline); }

 private:
  std::unique_ptr<Data::Database> _real;
  Mode _mode = Mode::answers;
};

}  // namespace Patchbay::Testsuite
