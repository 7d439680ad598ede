#pragma once

#include "GuardPlugin.h"

namespace Patchbay::Guard {

/// ban, suspect, vouch.
std::vector<Pipeline::ActionDeclaration> actionsOf(GuardPlugin& plugin);

}  // namespace Patchbay::Guard
