#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include "Columns.h"
#include "Dialect.h"
#include "OpenTable.h"
#include "WriteQueue.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Data {

struct SqliteSettings {
  std::string file;   ///< ":memory:" too
  bool full = false;  ///< synchronous=FULL: survives power loss
  std::chrono::milliseconds busy{1000};
  size_t queue = 100000;  ///< how many changes may wait
  bool inMemory() const { return file == ":memory:"; }
};

/// What an exception of Poco::Data means.
Failure failureOf(const Poco::Exception& exception, const std::string& where);

/// One connection with its prepared statements. Used by one thread at a time. Throws Poco::Exceptions; after one its statements are gone,
/// and a connection to a file is not to be used again.
class SqliteSession {
 public:
  explicit SqliteSession(const SqliteSettings& settings);

  void execute(const std::string& statement);
  int64_t number(const std::string& query);
  /// Everything of one transaction; rolled back when it throws.
  void transaction(const std::function<void()>& work);
  /// Inside a transaction: each table's upserts and removals, by one statement each. The rows' keys differ.
  void write(std::span<const Change> group);
  void select(const Table& table, const std::vector<std::string>& columns, const Row& values, const std::function<void(Row&&)>& each);
  void forgetStatements() { _prepared.clear(); }

 private:
  /// An upsert or a removal with the values it is bound to.
  struct Prepared {
    Prepared(Poco::Data::Session& session, const OpenTable& table, bool removal);
    void execute(const std::vector<const Change*>& changes);
    std::deque<BoundColumn> columns;
    Poco::Data::Statement statement;
    bool bound = false;
  };
  void write(const OpenTable& table, bool removal, const std::vector<const Change*>& changes);

  Poco::Data::Session _session;
  std::map<std::pair<const OpenTable*, bool>, std::unique_ptr<Prepared>> _prepared;
};

}  // namespace Patchbay::Data
