#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace Patchbay::Bundle {

/// "1.12" or "1.12.3" as numbers; missing ones are 0.
using Version = std::array<int, 3>;
std::optional<Version> parseVersion(std::string_view text);
/// At least the wanted one, with the same first number.
bool fits(const Version& have, const Version& wanted);

}  // namespace Patchbay::Bundle
