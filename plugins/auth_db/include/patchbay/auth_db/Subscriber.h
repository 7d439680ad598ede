#pragma once

#include <string>

#include "patchbay/data/Table.h"

namespace Patchbay::AuthDb {

/// A table of users with the columns that Kamailio 5 has: username, domain, password, ha1, ha1b.
PATCHBAY_API Data::Table subscriberTable(const std::string& name);

}  // namespace Patchbay::AuthDb
