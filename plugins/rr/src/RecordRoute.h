#pragma once

#include <string>

#include "Signature.h"
#include "patchbay/core/Core.h"
#include "patchbay/pipeline/Declaration.h"
#include "patchbay/runtime/Counter.h"

namespace Patchbay::Rr {

/// record_route: puts our signed Record-Route on top of the others, once a request.
class RecordRoute : public Pipeline::Action {
 public:
  /// Borrowed things outlive the program.
  RecordRoute(Core::Service* const& core, const Signature& signature, Runtime::Counter& recorded, std::string dialogClass, uint8_t doneFlag)
      : _core(core), _signature(signature), _recorded(recorded), _class(std::move(dialogClass)), _done(uint64_t{1} << doneFlag) {}
  Pipeline::Verdict run(Pipeline::Machine& machine) override;

 private:
  bool write(Core::Request& request, Runtime::WallTime now) const;
  Core::Service* const& _core;  ///< found after the rules were bound
  const Signature& _signature;
  Runtime::Counter& _recorded;
  std::string _class;
  uint64_t _done;
};

}  // namespace Patchbay::Rr
