#include <Poco/ClassLibrary.h>

#include "patchbay/bundle/Plugin.h"

namespace Patchbay::EchoMute {

class EchoMutePlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
};

/// Uses something of the library that it requires, so that it is linked with it.
void EchoMutePlugin::describe(Bundle::Declaration&) {
  Poco::Manifest<Bundle::Plugin> manifest;
  pocoBuildManifest(&manifest);
}

}  // namespace Patchbay::EchoMute
