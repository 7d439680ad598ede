#pragma once

#include <string>
#include <vector>

#include "patchbay/admin/Operation.h"
#include "patchbay/core/Account.h"
#include "patchbay/data/Database.h"
#include "patchbay/runtime/Clock.h"

namespace Patchbay::Group {

/// The table of members, as Kamailio has it, and what operators do with it.
class Groups : public Core::AccountObserver {
 public:
  struct Settings {
    std::string table = "grp";
    std::string defaultDomain;         ///< of rows, and of users given without one
    std::vector<std::string> allowed;  ///< groups that may be granted; empty: all
  };
  void configure(const Settings& settings);
  void use(Data::Database& database, const Runtime::Clock& clock, const Core::Service& core);
  /// Who knows the users; groups are granted to those only.
  void ask(const Core::Accounts& accounts) { _accounts = &accounts; }

  const Data::Table& table() const { return _table; }
  Data::Database& database() const { return *_database; }
  const Core::Service& core() const { return *_core; }
  /// Whether one of the rows makes this account a member; rows of the same user and group.
  bool isMember(const std::vector<Data::Row>& rows, const Core::Account& account) const;

  std::vector<Admin::Operation> operations();
  /// A user who is gone is in no group any more: who gets his name later must not inherit them.
  void removed(const Core::Account& account) override;

 private:
  Admin::Answer grant(const Admin::Arguments& arguments);
  Admin::Answer revoke(const Admin::Arguments& arguments);
  Admin::Answer show(const Admin::Arguments& arguments) const;
  Core::Account accountOf(const Admin::Arguments& arguments) const;
  std::vector<Data::Row> rowsOf(const Core::Account& account) const;
  void checkAllowed(const std::string& group) const;
  void checkUser(const Core::Account& account, const Admin::Arguments& arguments) const;
  void require() const;

  Settings _settings;
  Data::Table _table;
  Data::Database* _database = nullptr;
  const Runtime::Clock* _clock = nullptr;
  const Core::Service* _core = nullptr;
  const Core::Accounts* _accounts = nullptr;
  std::string _domain;
};

}  // namespace Patchbay::Group
