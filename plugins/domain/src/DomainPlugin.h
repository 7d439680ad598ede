#pragma once

#include "DomainList.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/data/Refresh.h"

namespace Patchbay::Domain {

/// Domains from the database join the configured ones.
class DomainPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void furnish(Pipeline::Snapshot& next) override;
  void start() override;
  void stop() noexcept override;

 private:
  std::vector<Admin::Operation> operations();
  Admin::Answer add(const Admin::Arguments& arguments);
  Admin::Answer remove(const Admin::Arguments& arguments);
  Admin::Answer show() const;
  Admin::Answer reload();
  void require() const;
  /// What the table holds now; the failure is told to health, too.
  Data::Failure load();
  void tell(const Data::Failure& failure);

  Bundle::Host* _host = nullptr;
  Core::Service* _core = nullptr;
  Data::Database* _database = nullptr;  ///< null when there is no table
  Data::Table _table;
  Runtime::Duration _every{};
  std::unique_ptr<DomainList> _list;
  std::unique_ptr<Data::Refresh> _refresh;
  std::atomic<bool> _well{true};
};

}  // namespace Patchbay::Domain
