#pragma once

#include "StreamCommon.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Transport {

/// What the operator may say of connections, and what is counted of them.
void declareStreams(Bundle::Declaration& declaration);
StreamLimits readStreamLimits(const Bundle::Settings& settings);
void countStreams(Bundle::Host& host, Meters& meters);

}  // namespace Patchbay::Transport
