#pragma once

#include "patchbay/bundle/Plugin.h"
#include "patchbay/parser/Message.h"

namespace Patchbay::Parser {

/// A library of types: it adds nothing to the rules, and offers the configured `Limits`.
class PATCHBAY_API ParserPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;

 private:
  void refuseContradictions(Bundle::Host& host) const;
  Limits _limits;
};

}  // namespace Patchbay::Parser
