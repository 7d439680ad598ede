#pragma once

#include "Explanation.h"
#include "Recorder.h"
#include "TrailOperations.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Explain {

/// Dry runs and trails.
class PATCHBAY_API ExplainPlugin final : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void furnish(Pipeline::Snapshot& next) override { _recorder.furnish(next); }

 private:
  Admin::Operation explainOperation();
  Admin::Answer explain(const Admin::Arguments& arguments);
  Transport::Flow flowOf(const Admin::Arguments& arguments) const;
  std::string messageOf(const Admin::Arguments& arguments, const Transport::Flow& flow) const;

  Bundle::Host* _host = nullptr;
  Transport::Service* _transport = nullptr;
  Means _means;
  Recorder _recorder;
  TrailOperations _trails{_recorder};
};

}  // namespace Patchbay::Explain
