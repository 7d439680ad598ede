#include "EchoTwinPlugin.h"

namespace Patchbay::EchoTwin {

void EchoTwinPlugin::describe(Bundle::Declaration& declaration) {
  declaration.actions.resize(2);
  declaration.actions[0].name = "say";
  declaration.actions[1].name = "stop";
  declaration.metrics = {{"echo_lines_total", "Taken."}};
}

}  // namespace Patchbay::EchoTwin
