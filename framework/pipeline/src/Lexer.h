#pragma once

#include <string>
#include <string_view>

namespace Patchbay::Pipeline {

/// Something in an expression that does not belong there; `column` counts from 1.
struct ExpressionError {
  size_t column;
  std::string text;
};

struct Token {
  enum class Kind : uint8_t { end, word, text, number, sign };
  Kind kind = Kind::end;
  std::string text;  ///< without quotation marks
  size_t column = 1;
  bool is(std::string_view what) const { return (kind == Kind::word || kind == Kind::sign) && text == what; }
  /// As it should be shown.
  std::string shown() const;
};

/// Cuts an expression into words, 'texts', numbers (with units; addresses and networks too) and signs. Throws ExpressionError.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : _text(text) {}
  Token next();

 private:
  Token take(Token::Kind kind, size_t length);
  Token quoted();
  Token sign();
  Token wordOrNumber();
  std::string_view _text;
  size_t _at = 0;
};

}  // namespace Patchbay::Pipeline
