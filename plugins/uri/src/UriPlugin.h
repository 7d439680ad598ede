#pragma once

#include "Mapping.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Uris {

/// Which addresses whoever has proved who he is may use, and which addresses there are.
class UriPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override { _core = &host.services().find<Core::Service>(); }
  void start() override;
  void stop() noexcept override { _started = false; }

  // For its actions; constant once started.
  const Mapping& mapping() const { return _mapping; }
  const Data::Table& users() const { return _users; }
  Data::Database& database() const { return *_database; }
  const Core::Service& core() const { return *_core; }
  bool usesMapping() const { return _useTable; }

 private:
  void open();
  /// Rules ask for users: their table is opened, now when the server runs already.
  void ask();
  Bundle::Host* _host = nullptr;
  Data::Database* _database = nullptr;
  const Core::Service* _core = nullptr;
  Mapping _mapping;
  Data::Table _users;
  bool _useTable = false, _asked = false, _started = false;
};

}  // namespace Patchbay::Uris
