#pragma once

#include "Driver.h"

namespace Patchbay::Data {

struct SqliteSettings : CommonSettings {
  std::string file;   ///< ":memory:" too
  bool full = false;  ///< synchronous=FULL: survives power loss
  std::chrono::milliseconds busy{1000};
};

/// A file whatever its name: one that was removed while open can still be written, but nobody will find it again.
struct FileMark {
  uint64_t device = 0, number = 0;
  bool operator==(const FileMark&) const = default;
};

/// SQLite in a file (WAL), made with its folder at the first start, for the owner only; or in memory, for tests.
class SqliteDriver final : public Driver {
 public:
  explicit SqliteDriver(SqliteSettings settings);
  const Dialect& dialect() const override { return _dialect; }
  const CommonSettings& settings() const override { return _settings; }
  std::string description() const override { return "sqlite:" + _settings.file; }
  std::unique_ptr<Session> connect() override;
  Failure failureOf(const Poco::Exception& exception) const override;
  Failure prepare() override;
  Failure checkInPlace() const override;
  bool isSingle() const override { return _settings.file == ":memory:"; }

 private:
  const SqliteSettings _settings;
  const SqliteDialect _dialect;
  FileMark _opened;
};

}  // namespace Patchbay::Data
