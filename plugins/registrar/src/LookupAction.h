#pragma once

#include "Services.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Registrar {

/// lookup: the Request-URI becomes the best contact of its user, the others are further targets.
class LookupAction : public Pipeline::Action {
 public:
  LookupAction(const Services& services, Usrloc::Table& table) : _services(services), _policy(services.policy), _table(table) {}
  Pipeline::Verdict run(Pipeline::Machine& machine) override;

 private:
  const Services& _services;
  const std::shared_ptr<const Policy> _policy;
  Usrloc::Table& _table;
};

/// registered: whether the user of a URI has a contact.
class RegisteredAction : public Pipeline::Action {
 public:
  RegisteredAction(const Services& services, Usrloc::Table& table, Pipeline::TextArgument uri, bool given)
      : _services(services), _table(table), _uri(std::move(uri)), _given(given) {}
  Pipeline::Verdict run(Pipeline::Machine& machine) override;

 private:
  const Services& _services;
  Usrloc::Table& _table;
  Pipeline::TextArgument _uri;
  bool _given;
};

}  // namespace Patchbay::Registrar
