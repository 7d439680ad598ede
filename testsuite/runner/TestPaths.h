#pragma once

#include <string>

namespace Patchbay::Testsuite {

/// The source tree, without a slash at its end.
std::string sourceFolder();
/// The build folder of this preset.
std::string buildFolder();
/// Where this build's bundles are, in <name>.bundle/ each.
std::string bundlesFolder();
/// Where this build's test bundles are.
std::string testBundlesFolder();
/// The path of testsuite/fixtures/NAME.
std::string fixture(const std::string& name);

}  // namespace Patchbay::Testsuite
