#pragma once

#include <string_view>

#include "Chars.h"

namespace Patchbay::Parser {

/// A place in a value that is being parsed.
struct Cursor {
  const char* at;
  const char* end;

  explicit Cursor(std::string_view text) : at(text.data()), end(text.data() + text.size()) {}

  bool done() const { return at == end; }
  bool sees(char c) const { return at != end && *at == c; }
  bool take(char c) { return sees(c) && (++at, true); }
  /// True when there was a blank.
  bool blanks() {
    const char* begin = at;
    while (at != end && Chars::is(*at, Chars::Blank)) ++at;
    return at != begin;
  }
  std::string_view run(Chars::Kind kind) {
    const char* begin = at;
    while (at != end && Chars::is(*at, kind)) ++at;
    return {begin, static_cast<size_t>(at - begin)};
  }
  std::string_view rest() const { return {at, static_cast<size_t>(end - at)}; }
};

}  // namespace Patchbay::Parser
