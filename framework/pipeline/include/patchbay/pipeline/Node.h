#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/pipeline/Problems.h"

namespace Patchbay::Pipeline {

struct Attribute {
  std::string name;
  std::string value;
};

/// What both spellings (XML and properties) are read into: configuration and rules alike. Order is kept.
struct PATCHBAY_API Node {
  std::string name;
  std::vector<Attribute> attributes;
  std::vector<Node> children;
  Location location;

  const std::string* attribute(std::string_view name) const;
  /// The canonical text of the tree without locations: equal for equal configurations, whatever they were spelled in.
  std::string toString() const;
};

/// Values for `${name}` that are known at load: <define> elements, overridden by `--define name=value`.
using Constants = std::map<std::string, std::string, std::less<>>;

/// Reads a file by its extension (.xml or .properties), with its <include file=""/> (relative to the including file; a loop is an error)
/// put in place. Everything wrong with its form goes to `problems`; then the result may be partial. No network, no DTD, at most 16 MiB.
PATCHBAY_API std::optional<Node> read(const std::string& path, Problems& problems);
/// The same from text, for tests and for text that came over the admin endpoint; includes are refused.
PATCHBAY_API std::optional<Node> readXml(std::string_view text, const std::string& name, Problems& problems);
PATCHBAY_API std::optional<Node> readProperties(std::string_view text, const std::string& name, Problems& problems);
PATCHBAY_API std::string writeXml(const Node& root);
PATCHBAY_API std::string writeProperties(const Node& root);

}  // namespace Patchbay::Pipeline
