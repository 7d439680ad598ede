#include "HeaderLine.h"

namespace Patchbay::Textops {

using Parser::HeaderId;

namespace {

std::string_view trimmed(std::string_view text) {
  const auto isBlank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view withoutLineEnd(std::string_view text) {
  for (bool cut = true; cut;) {
    cut = false;
    text = trimmed(text);
    for (const std::string_view written : {std::string_view("\\n"), std::string_view("\\r")})
      if (text.ends_with(written)) {
        text.remove_suffix(written.size());
        cut = true;
      }
  }
  return text;
}

}  // namespace

std::optional<HeaderLine> HeaderLine::cut(std::string_view text) {
  text = withoutLineEnd(text);
  const auto colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const HeaderLine line{trimmed(text.substr(0, colon)), trimmed(text.substr(colon + 1))};
  return Parser::isToken(line.name) ? std::optional(line) : std::nullopt;
}

bool isFixed(HeaderId id) {
  switch (id) {
    case HeaderId::via:
    case HeaderId::from:
    case HeaderId::to:
    case HeaderId::callId:
    case HeaderId::cseq:
    case HeaderId::maxForwards:
    case HeaderId::contentLength:
      return true;
    default:
      return false;
  }
}

}  // namespace Patchbay::Textops
