#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/pipeline/Node.h"

namespace Patchbay::Pipeline {

/// One segment of the keys of a properties file with what stands below it, in order of first appearance.
struct PropertyKey {
  std::string segment;  ///< numbers without leading zeros
  std::optional<std::string> value;
  int line = 0;
  std::vector<PropertyKey> below;

  bool isNumber() const;
  unsigned number() const;
  const PropertyKey* find(std::string_view name) const;
};

/// Reads lines `key.key = value` (comments after # or !, continuation after a last backslash, escapes \\ \n \r \t \uXXXX and of
/// blanks and signs) into one tree of keys. Unknown escapes, missing signs and duplicate keys are problems.
class PropertyKeys {
 public:
  PropertyKeys(std::shared_ptr<const std::string> file, Problems& problems) : _file(std::move(file)), _problems(problems) {}
  PropertyKey read(std::string_view text);

 private:
  bool nextLine(std::string_view& text, std::string& logical);
  void take(std::string_view logical, PropertyKey& root);
  std::vector<std::string> segments(std::string_view key);
  std::string unescaped(std::string_view raw);
  char escapedSign(char sign) const;
  void appendUnicode(std::string_view raw, size_t& at, std::string& out);
  Location here() const { return {_file, _line}; }

  std::shared_ptr<const std::string> _file;
  Problems& _problems;
  int _line = 0;      ///< where the logical line begins
  int _nextLine = 1;  ///< the physical line that comes next
};

bool isNumber(std::string_view segment);

}  // namespace Patchbay::Pipeline
