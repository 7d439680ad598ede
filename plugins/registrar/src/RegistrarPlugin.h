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

 private:
  Pipeline::ActionDeclaration save();
  Pipeline::ActionDeclaration lookup();
  Pipeline::ActionDeclaration registered();
  Usrloc::Table* table(Pipeline::Binding& binding);
  Services _services;
  ContactOperations _contacts;
  AliasOperations _aliases;
};

}  // namespace Patchbay::Registrar
