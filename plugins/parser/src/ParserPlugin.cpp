#include "ParserPlugin.h"

namespace Patchbay::Parser {

void ParserPlugin::describe(Bundle::Declaration&) {}

}  // namespace Patchbay::Parser
