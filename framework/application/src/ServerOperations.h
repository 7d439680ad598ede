#pragma once

#include <vector>

#include "ServerState.h"

namespace Patchbay::Application {

/// What the framework itself lets operators ask: version, threads, workers, statistics, bundles, rules.
std::vector<Admin::Operation> serverOperations(Server::State& server);

}  // namespace Patchbay::Application
