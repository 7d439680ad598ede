#include "Pattern.h"

#include <algorithm>

namespace Patchbay::Textops {

std::unique_ptr<Pattern> Pattern::make(std::string_view text, bool anyCase, Pipeline::Binding& binding) {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // messages are octets
  options.set_log_errors(false);
  options.set_case_sensitive(!anyCase);
  std::unique_ptr<Pattern> pattern(new Pattern("(?m:" + std::string(text) + ")", options));
  if (pattern->_regex.ok()) return pattern;
  binding.error("'" + std::string(text) + "' is no regular expression: " + pattern->_regex.error());
  return nullptr;
}

bool Pattern::find(std::string_view octets, size_t from, Groups& groups) const {
  const re2::StringPiece text(octets.data(), octets.size());
  const int count = std::min(_regex.NumberOfCapturingGroups() + 1, MostGroups);
  return _regex.Match(text, from, octets.size(), RE2::UNANCHORED, groups.data(), count);
}

}  // namespace Patchbay::Textops
