#pragma once

#include "OperatorsTable.h"
#include "patchbay/core/Account.h"

namespace Patchbay::Registrar {

/// ul show|add|rm, online, showdb: contacts as operators see and change them (REQ 37, 38, 40).
class ContactOperations : public Core::AccountObserver {
 public:
  void bind(const OperatorsServices& services) { _services = services; }
  std::vector<Admin::Operation> operations();
  /// Of the table `location`, when rules use it.
  void removed(const Core::Account& account) override;

 private:
  using Arguments = Admin::Arguments;
  OperatorsTable tableOf(const Arguments& arguments) const;
  Admin::Answer show(const Arguments& arguments) const;
  Admin::Answer add(const Arguments& arguments) const;
  Admin::Answer remove(const Arguments& arguments) const;
  Admin::Answer online(const Arguments& arguments) const;
  Admin::Answer compare(const Arguments& arguments) const;
  OperatorsServices _services;
};

/// For people, with what is left of its time at `now`.
Poco::JSON::Object written(const ShownContact& contact, Runtime::WallTime now);
/// "Username joe@example.org in table location not found", as it has always been said.
[[noreturn]] void notFound(const std::string& key, const std::string& table);

}  // namespace Patchbay::Registrar
