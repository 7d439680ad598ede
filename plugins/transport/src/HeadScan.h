#pragma once

#include <cstdint>
#include <string_view>

#include "patchbay/parser/Message.h"

namespace Patchbay::Transport {

/// What the header lines of a message say of its length, by the parser's leniency (README of parser): nothing that a stricter or a more
/// generous peer would cut elsewhere is let through.
struct HeadScan {
  bool hasLength = false;
  uint32_t length = 0;
  Parser::Fault fault;

  /// `head` ends with the empty line's CRLF.
  static HeadScan of(std::string_view head);
};

/// Where the header section ends (behind the empty line), npos when it does not; looks from `from` on.
size_t endOfHead(std::string_view octets, size_t from);

}  // namespace Patchbay::Transport
