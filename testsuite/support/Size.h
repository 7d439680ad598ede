#pragma once

#include <cstdlib>
#include <string_view>

namespace Patchbay::Testsuite {

/// Long tests have two sizes with the same code: a few seconds, and what a release wants. PATCHBAY_TEST_SIZE=release chooses the latter.
inline bool releaseSize() {
  const char* size = std::getenv("PATCHBAY_TEST_SIZE");
  return size && std::string_view(size) == "release";
}

}  // namespace Patchbay::Testsuite
