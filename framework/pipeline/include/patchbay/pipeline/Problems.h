#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/log/Api.h"

namespace Patchbay::Pipeline {

/// A line of a file that somebody wrote: where a rule, a setting or a manifest stands. Cheap to copy: the name is shared.
struct Location {
  std::shared_ptr<const std::string> file;
  int line = 0;

  std::string toString() const { return file ? *file + ":" + std::to_string(line) : std::string("(no file)"); }
};

struct PATCHBAY_API Problem {
  enum class Severity { error, warning };
  Severity severity;
  Location location;
  std::string text;  ///< what was found and what would be allowed

  /// "conf/routing.xml:12: error: ..."
  std::string toString() const;
};

/// Everything that is wrong with what was read, gathered so that one run shows all of it. Load time only.
class PATCHBAY_API Problems {
 public:
  void error(const Location& location, std::string text) { add(Problem::Severity::error, location, std::move(text)); }
  void warning(const Location& location, std::string text) { add(Problem::Severity::warning, location, std::move(text)); }
  bool hasErrors() const { return _errors != 0; }
  const std::vector<Problem>& all() const { return _problems; }
  std::string toString() const;

 private:
  void add(Problem::Severity severity, const Location& location, std::string text);
  std::vector<Problem> _problems;
  size_t _errors = 0;
};

/// " (did you mean 'x'?)" when one of the names is close to the given one, else "; allowed: a, b, c" (at most twelve).
PATCHBAY_API std::string suggestion(std::string_view given, const std::vector<std::string>& names);

}  // namespace Patchbay::Pipeline
