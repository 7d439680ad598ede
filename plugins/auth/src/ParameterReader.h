#pragma once

#include <optional>
#include <string_view>

#include "patchbay/parser/Names.h"

namespace Patchbay::Auth {

/// Walks `Digest name=value, name="value"` (RFC 7235, 2.1). Blanks may be folds. Values are never unescaped.
class ParameterReader {
 public:
  struct Parameter {
    std::string_view name, value;  ///< without quotes
    bool quoted = false;
  };
  explicit ParameterReader(std::string_view text) : _rest(text) {}
  /// The first word; empty when there is none. Asked for first, once.
  std::string_view scheme();
  /// None at the end, or where the text breaks the grammar: broken() tells.
  std::optional<Parameter> next();
  bool broken() const { return _broken; }

 private:
  std::optional<Parameter> fail();
  void skipBlanks();
  std::string_view token();
  bool quoted(Parameter& parameter);
  std::string_view _rest;
  bool _broken = false, _begun = false;
};

}  // namespace Patchbay::Auth
