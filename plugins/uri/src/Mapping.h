#pragma once

#include <string>
#include <vector>

#include "patchbay/admin/Operation.h"
#include "patchbay/core/Account.h"
#include "patchbay/data/Database.h"
#include "patchbay/runtime/Clock.h"

namespace Patchbay::Uris {

/// Which further names a user may use: the table `uri` as Kamailio has it.
class Mapping {
 public:
  void configure(const std::string& table, const std::string& defaultDomain);
  void use(Data::Database& database, const Runtime::Clock& clock, const Core::Service& core);
  const Data::Table& table() const { return _table; }
  const std::string& rowDomain() const { return _rowDomain; }

  /// Whether one of the rows (of the owner's name and the used name) lets this account use that name.
  bool allows(const std::vector<Data::Row>& rows, const Core::Account& owner, std::string_view name) const;
  /// Whether one of the rows (of the used name) has that name in that domain.
  bool has(const std::vector<Data::Row>& rows, const Core::Account& used) const;

  std::vector<Admin::Operation> operations();

 private:
  Admin::Answer add(const Admin::Arguments& arguments);
  Admin::Answer remove(const Admin::Arguments& arguments);
  Admin::Answer show(const Admin::Arguments& arguments) const;
  Core::Account accountOf(const Admin::Arguments& arguments) const;
  Data::Table _table;
  std::string _rowDomain, _domain;
  Data::Database* _database = nullptr;
  const Runtime::Clock* _clock = nullptr;
  const Core::Service* _core = nullptr;
};

}  // namespace Patchbay::Uris
