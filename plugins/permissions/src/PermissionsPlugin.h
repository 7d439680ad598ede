#pragma once

#include "AddressList.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/data/Database.h"
#include "patchbay/data/Refresh.h"
#include "patchbay/runtime/Published.h"

namespace Patchbay::Permissions {

/// Trusted peers. The table is used when a rule asks for it.
class PermissionsPlugin : public Bundle::Plugin {
 public:
  /// What is known of the table.
  struct Known {
    enum class State : uint8_t {
      unknown,  ///< never read
      closed,   ///< something in it is wrong: nobody is trusted
      good
    } state = State::unknown;
    AddressList list;
  };

  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void furnish(Pipeline::Snapshot& next) override;
  void start() override;
  void stop() noexcept override;

 private:
  Pipeline::ActionDeclaration allowSourceAddress();
  std::vector<Admin::Operation> operations();
  Admin::Answer add(const Admin::Arguments& arguments);
  Admin::Answer remove(const Admin::Arguments& arguments);
  Admin::Answer reload();
  Admin::Answer show() const;
  void open();
  void require() const;
  /// Reads the table; empty text when it is used from now on, else what is wrong, and what was known stays.
  std::string load();
  void refresh();
  void tell(const std::string& fault);

  Bundle::Host* _host = nullptr;
  Data::Database* _database = nullptr;
  Data::Table _table;
  Runtime::Duration _every{};
  Runtime::Published<Known> _known;
  std::unique_ptr<Data::Refresh> _refresh;
  bool _asked = false, _started = false;
  std::atomic<bool> _well{true};
};

}  // namespace Patchbay::Permissions
