#pragma once

#include <optional>
#include <string_view>

#include "patchbay/parser/Message.h"

namespace Patchbay::Textops {

/// `Name: value`, as SER's append_hf takes it; line ends behind it (real ones, or written as \r\n) do not count.
struct HeaderLine {
  std::string_view name;
  std::string_view value;

  /// None when there is no colon, or the name is no token.
  static std::optional<HeaderLine> cut(std::string_view text);
};

/// The headers that hold a message together: rules must not remove or rewrite them.
bool isFixed(Parser::HeaderId id);

}  // namespace Patchbay::Textops
