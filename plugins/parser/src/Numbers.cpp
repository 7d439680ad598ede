#include "Cursor.h"
#include "Into.h"

namespace Patchbay::Parser {

std::optional<uint32_t> parseNumber(std::string_view value, uint32_t most) {
  value = Chars::trimmed(value);
  if (value.empty()) return std::nullopt;
  uint64_t number = 0;
  for (const char c : value) {
    const unsigned digit = Chars::digitOf(c);
    number = number * 10 + digit;
    if (digit > 9 || number > most) return std::nullopt;
  }
  return static_cast<uint32_t>(number);
}

std::optional<uint16_t> parseQ(std::string_view value) {
  Cursor cursor(Chars::trimmed(value));
  unsigned number = cursor.take('1') ? 1000 : 0;
  if (!number && !cursor.take('0')) return std::nullopt;
  if (cursor.done()) return static_cast<uint16_t>(number);
  if (!cursor.take('.')) return std::nullopt;
  const std::string_view decimals = cursor.run(Chars::Digit);
  if (!cursor.done() || decimals.size() > 3) return std::nullopt;
  unsigned weight = 100;
  for (const char c : decimals) {
    number += static_cast<unsigned>(c - '0') * weight;
    weight /= 10;
  }
  if (number > 1000) return std::nullopt;
  return static_cast<uint16_t>(number);
}

bool parseInto(std::string_view value, CSeq& cseq) {
  Cursor cursor(Chars::trimmed(value));
  const auto number = parseNumber(cursor.run(Chars::Digit), 0x7fffffffu);
  if (!number || !cursor.blanks()) return false;
  cseq.number = *number;
  cseq.methodText = cursor.run(Chars::Token);
  if (cseq.methodText.empty() || !cursor.done()) return false;
  cseq.method = methodOf(cseq.methodText);
  return true;
}

std::optional<CSeq> parseCSeq(std::string_view value) {
  std::optional<CSeq> result(std::in_place);
  if (!parseInto(value, *result)) result.reset();
  return result;
}

void CSeq::rebase(ptrdiff_t by) {
  Chars::shift(methodText, by);
}

}  // namespace Patchbay::Parser
