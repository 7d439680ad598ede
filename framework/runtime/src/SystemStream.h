#pragma once

#include "patchbay/runtime/Stream.h"

namespace Patchbay::Runtime {

/// Connections of the machine. Throws Poco::IOException.
std::unique_ptr<StreamListener> makeSystemListener(const Endpoint& local, bool shared);
/// Null, with the errno, when it fails at once.
std::unique_ptr<Stream> connectSystemStream(const IpAddress& local, const Endpoint& peer, int& error);

}  // namespace Patchbay::Runtime
