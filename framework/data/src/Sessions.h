#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "SqliteSession.h"

namespace Patchbay::Data {

/// The connections to one database: as many as are used at once. A database in memory has one only, lent to one thread at a time.
class Sessions {
 public:
  explicit Sessions(SqliteSettings settings) : _settings(std::move(settings)) {}

  const SqliteSettings& settings() const { return _settings; }
  /// Runs `work` with a connection; what it throws is a failure, and the connection is thrown away.
  Failure with(const std::function<void(SqliteSession&)>& work);
  std::string description() const { return "sqlite:" + _settings.file; }

 private:
  std::unique_ptr<SqliteSession> take();
  void giveBack(std::unique_ptr<SqliteSession> session);

  const SqliteSettings _settings;
  std::mutex _memoryMutex;  // held over the work: SQL in memory only, in tests
  std::mutex _mutex;
  std::vector<std::unique_ptr<SqliteSession>> _idle;
};

}  // namespace Patchbay::Data
