#pragma once

#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Textops {

/// Searching in messages and editing what goes out, by rule: SER's textops.
class PATCHBAY_API TextopsPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
};

void declareHeaderActions(Bundle::Declaration& declaration);
void declareTextActions(Bundle::Declaration& declaration);

}  // namespace Patchbay::Textops
