#pragma once

#include <re2/re2.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Textops {

/// A regular expression over octets: lines have their own ends (`^`, `$`, and `.` stops at them), case counts unless `(?i)`; linear time.
class Pattern {
 public:
  static constexpr int MostGroups = 10;
  using Groups = std::array<re2::StringPiece, MostGroups>;

  /// Null when it is bad; the binding is then told why.
  static std::unique_ptr<Pattern> make(std::string_view text, bool anyCase, Pipeline::Binding& binding);
  /// The first match at or behind `from`; groups[0] is the whole.
  bool find(std::string_view octets, size_t from, Groups& groups) const;
  int groups() const { return _regex.NumberOfCapturingGroups(); }

 private:
  Pattern(const std::string& text, const RE2::Options& options) : _regex(text, options) {}
  RE2 _regex;
};

}  // namespace Patchbay::Textops
