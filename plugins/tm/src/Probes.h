#pragma once

#include "Transactions.h"
#include "patchbay/admin/Operation.h"
#include "patchbay/core/Locations.h"
#include "patchbay/runtime/Environment.h"

namespace Patchbay::Tm {

/// ping, notify, cisco_restart: requests that operators have the server send, and what came back (REQ 40). To a user of ours they go to
/// each of his contacts.
class Probes {
 public:
  explicit Probes(Transactions& transactions) : _transactions(transactions) {}
  /// `locations`: who knows where our users are; null when nobody does.
  void bind(Runtime::Environment& environment, const Core::Locations* locations) {
    _environment = &environment;
    _locations = locations;
  }
  std::vector<Admin::Operation> operations();

 private:
  using Arguments = Admin::Arguments;
  Admin::Answer notify(const Arguments& arguments, const std::string& event) const;
  Admin::Answer send(const Arguments& arguments, const std::string& method, const std::string& lines) const;
  std::vector<Core::Location> targetsOf(const std::string& uri) const;
  std::string domain() const;
  Transactions& _transactions;
  Runtime::Environment* _environment = nullptr;
  const Core::Locations* _locations = nullptr;
};

}  // namespace Patchbay::Tm
