#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <Poco/Data/Session.h>

#include "Dialect.h"
#include "OpenTable.h"
#include "WriteQueue.h"

namespace Patchbay::Data {

class Writing;
class Asking;

/// One connection with its prepared statements. Used by one thread at a time. Throws Poco::Exceptions; after one its statements are gone,
/// and a connection to a file or a server is not to be used again.
class Session {
 public:
  /// The most rows or askers of one statement where the dialect has statements for many.
  static constexpr size_t MostAtOnce = 64;

  Session(Poco::Data::Session session, const Dialect& dialect);
  virtual ~Session();

  const Dialect& dialect() const { return _dialect; }
  void execute(const std::string& statement);
  /// All rows of a query, as text; null is empty.
  std::vector<std::vector<std::string>> texts(const std::string& query, size_t columns);
  /// Everything of one transaction; rolled back when it throws.
  void transaction(const std::function<void()>& work);
  /// Inside a transaction: each table's upserts and removals, by as few statements as can be. The rows' keys differ.
  void write(std::span<const Change> group);
  /// All rows, or those where `columns` have `values`.
  void select(const Table& table, const std::vector<std::string>& columns, const Row& values, const std::function<void(Row&&)>& each);
  /// The same for several askers, at most MostAtOnce: `each` gets the asker's place in `asked`. By one query, whose statement is kept.
  void select(const OpenTable& table, const std::vector<std::string>& columns, std::span<const Row* const> asked,
              const std::function<void(size_t asker, Row&&)>& each);
  void forgetStatements();
  /// From any thread, while another one works with this: makes it fail, as far as that can be done.
  virtual void interrupt() {}

  /// Called now and then while many rows are read.
  std::function<void()> progress;

 private:
  enum class Kind : uint8_t { insertion, upsert, removal };
  using Changes = std::vector<const Change*>;
  void write(const OpenTable& table, Kind kind, std::span<const Change* const> changes);
  Writing& writing(const OpenTable& table, Kind kind, size_t rows);
  Asking& asking(const OpenTable& table, const std::vector<std::string>& columns, size_t askers);

  Poco::Data::Session _session;
  const Dialect& _dialect;
  std::map<std::tuple<const OpenTable*, Kind, size_t>, std::unique_ptr<Writing>> _writings;
  std::map<std::tuple<const OpenTable*, std::vector<std::string>, size_t>, std::unique_ptr<Asking>> _askings;
};

}  // namespace Patchbay::Data
