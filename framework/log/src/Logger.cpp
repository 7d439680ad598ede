#include "patchbay/log/Logger.h"

#include "Loggers.h"

namespace Patchbay::Log {

Logger::Logger(std::string_view name) : _state(std::make_unique<State>(name)) {}
Logger::~Logger() = default;

Logger& Logger::get(std::string_view name) {
  return Loggers::instance().get(name);
}

bool Logger::enabled(Level level) const {
  return _state->level.load(std::memory_order_relaxed) >= static_cast<int>(level);
}

void Logger::write(Level level, std::string_view text, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  const Poco::Message message(_state->name, std::string(text), static_cast<Poco::Message::Priority>(level));
  Loggers::instance().sink().write(message, {fields.begin(), fields.size()});
}

}  // namespace Patchbay::Log
