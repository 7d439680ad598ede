#pragma once

#include <functional>

#include "patchbay/admin/Operation.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Admin {

/// For operations: makes a change and waits until it is committed, 5 s at most. A failure of kind timeout then: it still waits, and is
/// written when the database takes it. `change` is given what it has to pass to Database::upsert or remove.
PATCHBAY_API Data::Failure commit(const std::function<void(Data::Database::Committed)>& change);
/// 503 for a database that is away or too slow, else 500.
PATCHBAY_API Answer refusal(const Data::Failure& failure);

}  // namespace Patchbay::Admin
