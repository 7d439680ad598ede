#pragma once

#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Echo {

/// The actions and variables of the echo service.
void declareWords(Bundle::Declaration& declaration);

}  // namespace Patchbay::Echo
