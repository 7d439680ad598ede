#pragma once

#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Maxfwd {

/// Max-Forwards, RFC 3261, 16.3 and 16.6 step 3.
class PATCHBAY_API MaxfwdPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
};

}  // namespace Patchbay::Maxfwd
