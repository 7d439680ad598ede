#pragma once

#include <string>

#include "patchbay/pipeline/Machine.h"
#include "patchbay/pipeline/Snapshot.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Echo {

class EchoPlugin;

/// One received line and its run through the rules. Pooled: machines must not be freed while the server runs.
class Line : public Pipeline::Subject, public Pipeline::MachineOwner {
 public:
  explicit Line(EchoPlugin& plugin) : plugin(plugin) {}
  void ended(Pipeline::Machine& machine, Pipeline::Ending ending) override;

  EchoPlugin& plugin;
  std::string text;
  Runtime::Endpoint source;
  Pipeline::SnapshotHold snapshot;
  Pipeline::Machine machine;
};

}  // namespace Patchbay::Echo
