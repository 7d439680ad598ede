#pragma once

#include <memory>

#include "Policy.h"
#include "Removals.h"
#include "patchbay/core/Core.h"
#include "patchbay/runtime/Counter.h"
#include "patchbay/transport/Transport.h"
#include "patchbay/usrloc/Usrloc.h"

namespace Patchbay::Registrar {

/// What the actions work with; found once.
struct Services {
  /// What rules that are bound now work with: actions keep the one that they were bound with.
  std::shared_ptr<const Policy> policy;
  Core::Service* core = nullptr;
  Usrloc::Service* usrloc = nullptr;
  const Transport::Service* transport = nullptr;
  std::unique_ptr<Removals> removals;
  Runtime::Counter* accepted = nullptr;
  Runtime::Counter* refused = nullptr;
  Runtime::Counter* found = nullptr;
  Runtime::Counter* missed = nullptr;
};

}  // namespace Patchbay::Registrar
