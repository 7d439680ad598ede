#pragma once

#include <Poco/RegularExpression.h>

#include <string>

namespace Patchbay::Testsuite {

/// By POCO, since gcc 12 takes std::regex for uninitialized in builds with AddressSanitizer.
inline bool hasPattern(const std::string& text, const std::string& pattern) {
  Poco::RegularExpression::Match found;
  return Poco::RegularExpression(pattern).match(text, 0, found) > 0;
}

/// Everywhere; `$1` is the first group.
inline std::string replaced(std::string text, const std::string& pattern, const std::string& by) {
  Poco::RegularExpression(pattern).subst(text, by, Poco::RegularExpression::RE_GLOBAL);
  return text;
}

}  // namespace Patchbay::Testsuite
