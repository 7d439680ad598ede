#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/log/Logger.h"

namespace Patchbay::Log {

enum class Target { standardError, syslog };
enum class Layout { text, json };

/// What the `<log>` element of the configuration says.
struct Settings {
  Target target = Target::standardError;
  Layout layout = Layout::text;
  Level level = Level::information;
  std::map<std::string, Level> levels;  ///< by logger name
  std::string ident = "patchbay";       ///< syslog's program name
  std::string facility = "daemon";      ///< syslog's facility
};

/// Replaces the channels and levels of all loggers, present and future (POCO's own too). Not while workers run except to change levels.
/// Starts the thread that writes, so not before the program has forked; until then lines go to standard error at once.
/// Throws Poco::InvalidArgumentException for an unknown facility.
PATCHBAY_API void apply(const Settings& settings);

/// Waits until what was logged is written, at most that long; false when some is not. The end of the process does so by itself.
PATCHBAY_API bool flush(std::chrono::milliseconds most);

/// How many lines a slow reader has cost since the start.
PATCHBAY_API uint64_t dropped();

/// "error" -> Level::error; names are POCO's, `none` is no value.
PATCHBAY_API std::optional<Level> levelOf(std::string_view name);

/// Every level's name, comma-separated, for error texts.
PATCHBAY_API std::string levelNames();

/// The octets with control characters as \xNN (tab, newline and return as \t \n \r, backslash doubled), at most `limit` octets of
/// input, then "...". What is not UTF-8 is escaped octet by octet.
PATCHBAY_API std::string escaped(std::string_view octets, size_t limit = 2048);

}  // namespace Patchbay::Log
