#pragma once

#include <string>
#include <string_view>

namespace Patchbay::Log {

/// Length of the well-formed UTF-8 sequence at the start of `text`, 0 when there is none. Control characters beyond ASCII (C1) and marks of
/// direction count as none: terminals obey them.
size_t sequenceLength(std::string_view text);

/// The first `limit` octets at most, ended before a sequence that would be cut.
std::string_view cutTo(std::string_view text, size_t limit);

void appendHex(std::string& out, unsigned char octet);

/// As escaped(), appended.
void appendEscaped(std::string& out, std::string_view text, size_t limit = 2048);

/// A JSON string with its quotes. What is not UTF-8 stands as the four characters \xNN.
void appendJson(std::string& out, std::string_view text, size_t limit = 2048);

}  // namespace Patchbay::Log
