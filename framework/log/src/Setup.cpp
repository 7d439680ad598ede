#include "patchbay/log/Setup.h"

#include <array>

#include "Loggers.h"

namespace Patchbay::Log {

namespace {

constexpr std::array<const char*, 8> Names{"fatal", "critical", "error", "warning", "notice", "information", "debug", "trace"};

}  // namespace

void apply(const Settings& settings) {
  Loggers::instance().apply(settings);
}

bool flush(std::chrono::milliseconds most) {
  return Loggers::instance().flush(most);
}

uint64_t dropped() {
  return Sink::dropped();
}

std::optional<Level> levelOf(std::string_view name) {
  for (size_t i = 0; i < Names.size(); ++i)
    if (name == Names[i]) return static_cast<Level>(i + 1);
  return std::nullopt;
}

std::string levelNames() {
  std::string all;
  for (const char* name : Names) all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

const char* nameOf(Level level) {
  const auto index = static_cast<size_t>(level) - 1;
  return index < Names.size() ? Names[index] : "trace";
}

}  // namespace Patchbay::Log
