#pragma once

#include <string_view>

#include "patchbay/pipeline/Node.h"

namespace Patchbay::Pipeline {

/// Reports what a tree holds that the other spelling could not: names that are no XML names, values with octets that are no UTF-8 or with
/// control characters other than tab and line ends. What is read can then be written either way.
void checkCharacters(const Node& node, Problems& problems);

}  // namespace Patchbay::Pipeline
