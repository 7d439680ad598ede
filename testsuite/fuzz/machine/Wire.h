#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace Patchbay::Fuzz {

/// A message cut into lines by the simplest means, so that what is judged is not the judge. Right for what the script composes and the
/// server writes; a message that somebody bent may be cut wrong.
class Wire {
 public:
  explicit Wire(std::string octets);

  const std::string octets;
  bool good = false;  ///< a start line, header lines, an empty line
  bool request = false;
  int status = 0;
  std::string method;             ///< of a reply its CSeq's
  std::string uri;                ///< of a request
  std::vector<std::string> vias;  ///< values
  std::string branch;             ///< the topmost Via's
  std::optional<size_t> mark;     ///< of X-Mark
  std::string body;

  /// The first header's of that name, as it is spelled; empty when absent.
  std::string value(std::string_view name) const;
  /// With the topmost Via taken off, as a proxy that forwards a reply does it.
  std::string withoutTopVia() const;
  static std::string parameter(std::string_view of, std::string_view name);

 private:
  void readStartLine(std::string_view line);
  void readHeader(std::string_view line);
  std::vector<std::string> _lines;
};

}  // namespace Patchbay::Fuzz
