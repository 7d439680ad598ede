#pragma once

#include "LooseRoute.h"
#include "RecordRoute.h"
#include "Signature.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Rr {

/// Record-Route and loose routing (RFC 3261, 16.4, 16.6 and 16.12), signed.
class PATCHBAY_API RrPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void start() override;

 private:
  void describeActions(Bundle::Declaration& declaration);
  void describeVariables(Bundle::Declaration& declaration);

  Core::Service* _core = nullptr;
  Signature _signature{{}};
  LooseRoute::Common _common{nullptr, nullptr, _signature, {}, nullptr, nullptr};
  Runtime::Counter* _recorded = nullptr;
};

}  // namespace Patchbay::Rr
