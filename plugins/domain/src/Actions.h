#pragma once

#include <memory>

#include "DomainList.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Domain {

/// is_uri_host_local and is_from_local.
Pipeline::ActionDeclaration localAction(Core::Service*& core, bool from);
Pipeline::ActionDeclaration lookupAction(const std::unique_ptr<DomainList>& list);

}  // namespace Patchbay::Domain
