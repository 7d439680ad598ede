#pragma once

#include "OperatorsTable.h"

namespace Patchbay::Registrar {

/// alias show|add|rm: further addresses of users (REQ 41, 44). The table is `aliases`, as lookup('aliases') reads it.
class AliasOperations {
 public:
  void bind(const OperatorsServices& services) { _services = services; }
  std::vector<Admin::Operation> operations();

 private:
  using Arguments = Admin::Arguments;
  OperatorsTable table() const { return OperatorsTable(_services, "aliases"); }
  Admin::Answer show(const Arguments& arguments) const;
  Admin::Answer add(const Arguments& arguments) const;
  Admin::Answer remove(const Arguments& arguments) const;
  void checkLoops(const OperatorsTable& table, const std::string& alias, const std::string& target) const;
  OperatorsServices _services;
};

}  // namespace Patchbay::Registrar
