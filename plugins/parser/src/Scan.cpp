#include "Scan.h"

#include "Chars.h"

namespace Patchbay::Parser::Scan {

namespace {

/// A line end in quotes is fine when a folded line follows.
bool isFold(const char* at, const char* end) {
  return end - at >= 3 && at[0] == '\r' && at[1] == '\n' && (at[2] == ' ' || at[2] == '\t');
}

}  // namespace

const char* quotedEnd(const char* at, const char* end) {
  for (++at; at < end; ++at) {
    const auto c = static_cast<unsigned char>(*at);
    if (c == '"') return at + 1;
    if (c == '\\') {
      if (++at == end || *at == '\r' || *at == '\n') return nullptr;
    } else if (c == '\r') {
      if (!isFold(at, end)) return nullptr;
      ++at;
    } else if ((c < 0x20 && c != '\t') || c == 0x7f) {
      return nullptr;
    }
  }
  return nullptr;
}

}  // namespace Patchbay::Parser::Scan
