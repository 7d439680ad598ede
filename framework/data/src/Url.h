#pragma once

#include <string>
#include <variant>

#include "MysqlDriver.h"
#include "SqliteDriver.h"

namespace Patchbay::Data {

/// What a database's URL says. Throws Poco::InvalidArgumentException, whose text says what is allowed and holds no password.
PATCHBAY_API std::variant<SqliteSettings, MysqlSettings> readUrl(const std::string& url);

/// The URL with `***` for its password: for errors.
std::string withoutPassword(const std::string& url);

}  // namespace Patchbay::Data
