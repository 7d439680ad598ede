#include "TestPaths.h"

namespace Patchbay::Testsuite {

std::string sourceFolder() {
  return PATCHBAY_SOURCE;
}

std::string buildFolder() {
  return PATCHBAY_BUILD;
}

std::string bundlesFolder() {
  return PATCHBAY_BUNDLES;
}

std::string testBundlesFolder() {
  return PATCHBAY_TEST_BUNDLES;
}

std::string fixture(const std::string& name) {
  return sourceFolder() + "/testsuite/fixtures/" + name;
}

}  // namespace Patchbay::Testsuite
