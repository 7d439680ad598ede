#pragma once

#include "AliasOperations.h"
#include "ContactOperations.h"
#include "Services.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Registrar {

/// REGISTER and location look-ups.
class PATCHBAY_API RegistrarPlugin final : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void prepare(Bundle::Host& next) override;
  void commit() noexcept override { _before.reset(); }
  void discard() noexcept override;

 private:
  Pipeline::ActionDeclaration save();
  Pipeline::ActionDeclaration lookup();
  Pipeline::ActionDeclaration registered();
  Usrloc::Table* table(Pipeline::Binding& binding);
  static std::shared_ptr<const Policy> policyOf(Bundle::Host& host);
  Services _services;
  std::shared_ptr<const Policy> _before;  ///< while a reload is under way
  ContactOperations _contacts;
  AliasOperations _aliases;
};

}  // namespace Patchbay::Registrar
