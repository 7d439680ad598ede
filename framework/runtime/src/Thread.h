#pragma once

#include <string>
#include <thread>

namespace Patchbay::Runtime {

/// Starts a named thread that takes no signals: those are for the thread that waits for the end of the program.
/// Throws Poco::SystemException.
std::thread startThread(const std::string& name, void (*run)(void*), void* argument);

}  // namespace Patchbay::Runtime
