#pragma once

#include "patchbay/bundle/Plugin.h"

namespace Patchbay::EchoTwin {

class EchoTwinPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
};

}  // namespace Patchbay::EchoTwin
