#pragma once

#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Parser {

/// A library of types: it adds nothing to the rules.
class PATCHBAY_API ParserPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
};

}  // namespace Patchbay::Parser
