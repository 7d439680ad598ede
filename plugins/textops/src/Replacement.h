#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "Pattern.h"
#include "patchbay/core/Request.h"

namespace Patchbay::Textops {

/// What a match is replaced by: text with the groups of the match put in at \0 to \9; or the text as it is.
class Template {
 public:
  /// As it is.
  static Template plain(std::string text);
  /// `\1` and the like; a backslash before anything else gives that. None, with the reason, for a group that the pattern does not have.
  static std::optional<Template> withGroups(std::string_view text, int groups, std::string& why);
  /// In the scratch, or the constant itself.
  std::string_view fill(const Pattern::Groups& groups, Pipeline::Scratch& scratch) const;

 private:
  struct Piece {
    std::string text;
    int group = -1;  ///< what follows the text; -1: nothing
  };
  std::vector<Piece> _pieces;
};

/// Replaces matches in a request's headers and body, never in its start line, in the headers that hold it together, or across the end of a
/// line.
class Replacement {
 public:
  static constexpr int Most = 256;  ///< replacements in one run

  Replacement(std::unique_ptr<Pattern> pattern, Template text, bool all)
      : _pattern(std::move(pattern)), _text(std::move(text)), _all(all) {}
  /// Whether anything was (in a dry run: would have been) replaced.
  bool apply(Core::Request& request, Pipeline::Machine& machine) const;

 private:
  bool replace(Core::Request& request, Parser::Slice match, std::string_view text, bool dry) const;
  std::unique_ptr<Pattern> _pattern;
  Template _text;
  bool _all;
};

/// SER's subst expression, `/regex/replacement/flags`, with any delimiter; a backslash before the delimiter gives it. Flags: i any case, g
/// all matches.
struct Substitution {
  std::string pattern;
  std::string text;
  bool anyCase = false;
  bool all = false;
  /// None, with the reason.
  static std::optional<Substitution> parse(std::string_view expression, std::string& why);
};

}  // namespace Patchbay::Textops
