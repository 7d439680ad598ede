#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "patchbay/log/Api.h"

namespace Patchbay::Log {

/// As POCO's priorities, the lower the more urgent.
enum class Level : int { fatal = 1, critical, error, warning, notice, information, debug, trace };

/// A named value beside a message: ` name=value` in text, a member in JSON lines.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// A named source of log lines on top of Poco::Logger. Each room and plug-in keeps its own (`static` or member), found
/// once by name, never per message. Thread-safe. Control characters in text and values are escaped by the layout, so
/// one event is always one line; a value over 2 KiB is cut with a mark. Never blocks on a slow reader (drops with a counter).
class PATCHBAY_API Logger {
 public:
  /// The logger of that name; names are dotted ("tm", "registrar.save") and inherit their parent's level.
  static Logger& get(std::string_view name);

  /// One relaxed load. Ask before you build a text that costs.
  bool enabled(Level level) const;
  void write(Level level, std::string_view text, std::initializer_list<Field> fields = {});

  void error(std::string_view text, std::initializer_list<Field> fields = {}) { write(Level::error, text, fields); }
  void warning(std::string_view text, std::initializer_list<Field> fields = {}) { write(Level::warning, text, fields); }
  void notice(std::string_view text, std::initializer_list<Field> fields = {}) { write(Level::notice, text, fields); }
  void information(std::string_view text, std::initializer_list<Field> fields = {}) { write(Level::information, text, fields); }
  void debug(std::string_view text, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::debug)) write(Level::debug, text, fields);
  }

  ~Logger();
  Logger(const Logger&) = delete;

 private:
  explicit Logger(std::string_view name);
  friend class Loggers;
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace Patchbay::Log
