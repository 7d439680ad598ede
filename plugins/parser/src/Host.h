#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "Cursor.h"

namespace Patchbay::Parser {

using Address6 = std::array<uint8_t, 16>;

/// Four decimal numbers of at most 255.
bool isIpv4(std::string_view text, uint8_t* octets = nullptr);
/// Without brackets; a zone behind '%' is allowed and left out, and so is the third colon that RFC 5118, 4.10 wants tolerated.
std::optional<Address6> parseIpv6(std::string_view text);
/// A name, an IPv4 address or an IPv6 reference in brackets.
bool isHost(std::string_view text);
/// The same without case; a dot at the end does not count, IPv6 references are compared as addresses.
bool sameHost(std::string_view a, std::string_view b);

/// Takes a host; empty when there is none.
std::string_view takeHost(Cursor& cursor);
/// Takes digits for 1 to 65535; 0 when there are none or others.
uint16_t takePort(Cursor& cursor);

}  // namespace Patchbay::Parser
