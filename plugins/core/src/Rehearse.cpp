#include <memory>

#include "CorePlugin.h"

namespace Patchbay::Core {

namespace {

/// Owns one dry run until its end; a pipeline may wait in it.
class DryRun : public Pipeline::MachineOwner {
 public:
  DryRun(Request& request, Rehearsal& rehearsal) : _hold(request), _rehearsal(rehearsal) {}
  void ended(Pipeline::Machine&, Pipeline::Ending ending) override { finish(ending, {}); }
  void finish(Pipeline::Ending ending, Parser::Fault fault) {
    const std::unique_ptr<DryRun> self(this);
    _hold->machine.setDry(false);
    _rehearsal.done(*_hold, ending, fault);
  }

 private:
  RequestHold _hold;
  Rehearsal& _rehearsal;
};

}  // namespace

void Dispatcher::rehearse(std::string_view octets, const Transport::Flow& flow, Rehearsal& rehearsal) {
  Request& request = _pool.take();
  auto* run = new DryRun(request, rehearsal);
  request.release();  // the pool's; the run holds it
  request.begin(octets, flow, Runtime::Worker::current()->now(), *_limits);
  request.retain();
  auto fault = request.message.fault();
  if (!fault) fault = request.message.validate();
  if (fault || !request.message.isRequest()) return run->finish(Pipeline::Ending::failed, fault);
  const auto& snapshot = _core.snapshot();
  request.snapshot = Pipeline::SnapshotHold(snapshot);
  const auto entry = snapshot.program().entry("request");
  if (!entry) return run->finish(Pipeline::Ending::failed, {});
  request.machine.setDry(true);
  request.machine.start(_core.engine(), snapshot.program(), *entry, request, *run, &rehearsal);
}

}  // namespace Patchbay::Core
