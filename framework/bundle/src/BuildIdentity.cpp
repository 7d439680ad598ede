#include "patchbay/bundle/BuildId.h"
#include "patchbay/bundle/Loader.h"

namespace Patchbay::Bundle {

const char* buildId() {
  return PATCHBAY_BUILD_ID;
}

const char* version() {
  return PATCHBAY_VERSION;
}

}  // namespace Patchbay::Bundle
