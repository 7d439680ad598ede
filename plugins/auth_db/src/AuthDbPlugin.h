#pragma once

#include <map>
#include <memory>
#include <vector>

#include "Accounts.h"
#include "AuthorizeAction.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::AuthDb {

/// Looks passwords up in the database. A table is used from when a rule names it.
class AuthDbPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void start() override;
  void stop() noexcept override;

 private:
  const Subscribers* table(Pipeline::Binding& binding);
  void open(const Subscribers& table);
  void changed(const Subscribers& table, const std::string& user, const std::string& domain);

  Bundle::Host* _host = nullptr;
  Means _means;
  std::unique_ptr<CredentialCache> _cache;
  Runtime::SipHash::Key _cacheKey{};
  std::string _defaultDomain;
  Accounts::Settings _accountSettings;
  Accounts _accounts;
  std::map<std::string, std::unique_ptr<Subscribers>> _tables;
  std::vector<std::shared_ptr<Attempts>> _attempts;
  bool _started = false;
};

}  // namespace Patchbay::AuthDb
