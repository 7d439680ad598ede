#include "patchbay/data/Database.h"

#include "SqlDatabase.h"
#include "Url.h"

namespace Patchbay::Data {

namespace {

std::unique_ptr<Driver> driverOf(const std::string& url) {
  auto settings = readUrl(url);
  if (auto* mysql = std::get_if<MysqlSettings>(&settings)) return std::make_unique<MysqlDriver>(std::move(*mysql));
  return std::make_unique<SqliteDriver>(std::move(std::get<SqliteSettings>(settings)));
}

}  // namespace

std::unique_ptr<Database> Database::make(const std::string& url, Runtime::Environment& environment) {
  return std::make_unique<SqlDatabase>(driverOf(url), environment);
}

}  // namespace Patchbay::Data
