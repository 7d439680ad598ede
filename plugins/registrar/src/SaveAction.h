#pragma once

#include "Registration.h"
#include "Services.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Registrar {

/// save: registers the contacts of a REGISTER and answers it. With a write-through table the 200 waits for the commit.
class SaveAction : public Pipeline::Action {
 public:
  SaveAction(const Services& services, Usrloc::Table& table) : _services(services), _policy(services.policy), _table(table) {}
  Pipeline::Verdict run(Pipeline::Machine& machine) override;

  /// A 200 that waits; kept for the next one.
  class Pending;

 private:
  void refuse(Core::Request& request, const Registration& registration, const Refusal& refusal);
  Pipeline::Verdict register_(Pipeline::Machine& machine, Core::Request& request, const Registration& registration);
  void writeRest(const Registration& registration, Runtime::WallTime now, Parser::Writer& lines) const;

  const Services& _services;
  const std::shared_ptr<const Policy> _policy;
  Usrloc::Table& _table;
};

}  // namespace Patchbay::Registrar
