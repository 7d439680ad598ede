#pragma once

#include <map>
#include <string>
#include <vector>

#include "patchbay/bundle/Loader.h"

namespace Patchbay::Application {

/// Which bundle gives an action: a file `actions.index` in the bundle folder, made with the bundles, so that a missing one can be named.
/// Lines `action bundle`, sorted.
using ActionIndex = std::map<std::string, std::string, std::less<>>;

ActionIndex readIndex(const std::string& bundleFolder);
/// Throws Poco::FileException.
void writeIndex(const std::string& bundleFolder, const std::vector<Bundle::Loaded>& bundles);

}  // namespace Patchbay::Application
