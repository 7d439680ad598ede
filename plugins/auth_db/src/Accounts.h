#pragma once

#include <functional>
#include <map>
#include <string>

#include "Subscribers.h"
#include "patchbay/admin/Operation.h"
#include "patchbay/data/Database.h"
#include "patchbay/runtime/Guarded.h"

namespace Patchbay::AuthDb {

/// Users, as operators manage them. Runs on HTTP threads: may block.
class Accounts : public Core::Accounts {
 public:
  struct Settings {
    bool plain = false;  ///< the password itself is stored, too
    bool hashes = true;  ///< there is a table for the hashes that Kamailio's has no columns for
  };
  /// A user's credentials have changed: nothing cached counts any more.
  using Changed = std::function<void(const Subscribers& table, const std::string& user, const std::string& domain)>;

  void use(Data::Database& database, const Settings& settings, Changed changed);
  /// A table that is open, from now on.
  void add(const Subscribers& table) {
    _tables.with([&](auto& tables) { tables[table.name()] = &table; });
  }
  /// `domain`: of users given without one.
  void use(const Core::Service& core, std::string domain) {
    _core = &core;
    _domain = std::move(domain);
  }
  std::vector<Admin::Operation> operations();
  std::optional<bool> exists(const Core::Account& account) const override;
  void add(Core::AccountObserver& observer) override { _observers.push_back(&observer); }

 private:
  using Parameters = Admin::Arguments;
  using User = Core::Account;
  Admin::Answer addUser(const Parameters& parameters);
  Admin::Answer password(const Parameters& parameters);
  Admin::Answer remove(const Parameters& parameters);
  Admin::Answer show(const Parameters& parameters);
  Admin::Answer list(const Parameters& parameters);
  const Subscribers* tableNamed(const std::string& name) const;
  Admin::Answer withTable(const Parameters& parameters, const std::function<Admin::Answer(const Subscribers&)>& work) const;
  Admin::Answer withUser(const Parameters& parameters, const std::function<Admin::Answer(const Subscribers&, const User&)>& work) const;
  Admin::Answer store(const Subscribers& table, const User& user, const std::string& password, const std::string& email, int status);
  Data::Failure find(const Subscribers& table, const User& user, bool& exists, std::string* email = nullptr) const;
  Admin::Answer mail(const Parameters& parameters);

  const Core::Service* _core = nullptr;
  Data::Database* _database = nullptr;
  Runtime::Guarded<std::map<std::string, const Subscribers*>> _tables;
  Settings _settings;
  Changed _changed;
  std::string _domain;
  std::vector<Core::AccountObserver*> _observers;
};

}  // namespace Patchbay::AuthDb
