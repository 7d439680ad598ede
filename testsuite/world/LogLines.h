#pragma once

#include <string>

#include <Poco/TemporaryFile.h>

namespace Patchbay::Testsuite {

/// From now on standard error, where the log goes, is a file that can be read. Whoever made it sets the log's levels anew afterwards.
class LogLines {
 public:
  LogLines();
  ~LogLines();
  LogLines(const LogLines&) = delete;
  /// How many of the lines that were logged so far hold the text.
  size_t count(const std::string& text) const;
  /// All of them.
  std::string text() const;

 private:
  Poco::TemporaryFile _file;
  int _before;
};

}  // namespace Patchbay::Testsuite
