#pragma once

#include "Groups.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Group {

/// Group membership. The table is used when a rule asks for it.
class GroupPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void start() override;
  void stop() noexcept override { _started = false; }

 private:
  Pipeline::ActionDeclaration isUserIn();
  void open();
  Bundle::Host* _host = nullptr;
  Groups _groups;
  bool _asked = false, _started = false;
};

}  // namespace Patchbay::Group
