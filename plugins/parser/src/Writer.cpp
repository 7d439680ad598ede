#include "patchbay/parser/Writer.h"

#include <charconv>

#include "Scan.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::Parser {

bool isHeaderSafe(std::string_view text) {
  return !Scan::hasControl(text.data(), text.data() + text.size());
}

Writer& Writer::text(std::string_view text) {
  if (isHeaderSafe(text)) return raw(text);
  _ok = false;
  return *this;
}

Writer& Writer::number(uint64_t number) {
  const auto [end, error] = std::to_chars(_at, _end, number);
  _ok = _ok && error == std::errc{};
  if (error == std::errc{}) _at = end;
  return *this;
}

Writer& Writer::hex(uint64_t number) {
  char digits[16];
  for (int i = 15; i >= 0; --i, number >>= 4) digits[i] = "0123456789abcdef"[number & 15];
  return raw({digits, sizeof digits});
}

Writer& Writer::header(std::string_view name, std::string_view value) {
  if (!isToken(name) || !isHeaderSafe(value) || name.size() + value.size() + 4 > room()) {
    _ok = false;
    return *this;
  }
  return raw(name).raw(": ").raw(value).raw("\r\n");
}

}  // namespace Patchbay::Parser
