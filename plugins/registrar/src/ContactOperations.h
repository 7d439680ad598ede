#pragma once

#include <Poco/JSON/Array.h>

#include "OperatorsTable.h"
#include "patchbay/core/Account.h"
#include "patchbay/core/Locations.h"

namespace Patchbay::Registrar {

/// ul show|add|rm, online, showdb: contacts as operators see and change them (REQ 37, 38, 40), and as requests of our own find them.
class ContactOperations : public Core::AccountObserver, public Core::Locations {
 public:
  void bind(const OperatorsServices& services) { _services = services; }
  std::vector<Admin::Operation> operations();
  /// Of the table `location`, when rules use it.
  void removed(const Core::Account& account) override;
  /// Of the table `location`.
  std::vector<Core::Location> of(const Parser::Uri& user) const override;

 private:
  using Arguments = Admin::Arguments;
  OperatorsTable tableOf(const Arguments& arguments) const;
  Admin::Answer show(const Arguments& arguments) const;
  Admin::Answer add(const Arguments& arguments) const;
  Admin::Answer remove(const Arguments& arguments) const;
  Admin::Answer online(const Arguments& arguments) const;
  Admin::Answer compare(const Arguments& arguments) const;
  void compare(const OperatorsTable& table, const std::string& key, Poco::JSON::Array& rows) const;
  OperatorsServices _services;
};

/// For people, with what is left of its time at `now`.
Poco::JSON::Object written(const ShownContact& contact, Runtime::WallTime now);
/// "Username joe@example.org in table location not found", as it has always been said.
[[noreturn]] void notFound(const std::string& key, const std::string& table);

}  // namespace Patchbay::Registrar
