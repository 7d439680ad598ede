#pragma once

#include <Poco/Message.h>

#include <span>
#include <string>

#include "patchbay/log/Logger.h"
#include "patchbay/log/Setup.h"

namespace Patchbay::Log {

/// One event as one line, without its line end. In text the time and level stand before it when `dated` (syslog has its own).
std::string textLine(const Poco::Message& message, std::span<const Field> fields, bool dated);

/// {"time":"...Z","level":"...","logger":"...","text":"...", then the fields}. A field with the name of one of these four gets a "_".
std::string jsonLine(const Poco::Message& message, std::span<const Field> fields);

const char* nameOf(Level level);

}  // namespace Patchbay::Log
