#include "Lexer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace Patchbay::Pipeline {

namespace {

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

bool isWordSign(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-';
}

constexpr std::array<std::string_view, 15> Signs{"==", "!=", "=~", "!~", "<=", ">=", "<", ">", "!", "(", ")", ",", "[", "]", "="};
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> Mistakes{
    {{"&&", "write and"},
     {"||", "write or"},
     {"${", "${...} stands in attribute values only; write the name alone"},
     {"\"", "texts stand in single quotes"}}};

}  // namespace

std::string Token::shown() const {
  if (kind == Kind::end) return "the end";
  return "'" + text + "'";
}

Token Lexer::take(Token::Kind kind, size_t length) {
  Token token{kind, std::string(_text.substr(_at, length)), _at + 1};
  _at += length;
  return token;
}

Token Lexer::next() {
  while (_at < _text.size() && std::isspace(static_cast<unsigned char>(_text[_at]))) ++_at;
  if (_at == _text.size()) return take(Token::Kind::end, 0);
  const char c = _text[_at];
  if (c == '\'') return quoted();
  const bool number = c == '-' && _at + 1 < _text.size() && isDigit(_text[_at + 1]);
  if (number || c == ':' || (isWordSign(c) && c != '-' && c != '.')) return wordOrNumber();
  return sign();
}

/// Raw: only '' stands for one quotation mark.
Token Lexer::quoted() {
  Token token{Token::Kind::text, {}, _at + 1};
  for (++_at; _at < _text.size(); ++_at) {
    if (_text[_at] == '\'') {
      if (_at + 1 == _text.size() || _text[_at + 1] != '\'') {
        ++_at;
        return token;
      }
      ++_at;
    }
    token.text += _text[_at];
  }
  throw ExpressionError{token.column, "the text lacks its closing quotation mark"};
}

Token Lexer::sign() {
  for (const auto& [found, advice] : Mistakes) {
    if (_text.substr(_at, found.size()) == found)
      throw ExpressionError{_at + 1, "'" + std::string(found) + "' is not known; " + std::string(advice)};
  }
  for (const std::string_view sign : Signs) {
    if (_text.substr(_at, sign.size()) == sign) return take(Token::Kind::sign, sign.size());
  }
  if (_text[_at] == '*') return take(Token::Kind::sign, 1);
  throw ExpressionError{_at + 1, "unexpected '" + std::string(1, _text[_at]) + "'"};
}

/// A number begins with a digit, an IPv6 address may begin with a letter; what has a colon is an address.
Token Lexer::wordOrNumber() {
  size_t end = _at + 1;
  while (end < _text.size() && (isWordSign(_text[end]) || _text[end] == ':' || _text[end] == '/')) ++end;
  const std::string_view all = _text.substr(_at, end - _at);
  if (isDigit(all.front()) || all.front() == '-' || all.find(':') != std::string_view::npos) return take(Token::Kind::number, all.size());
  return take(Token::Kind::word, std::min(all.find('/'), all.size()));
}

}  // namespace Patchbay::Pipeline
