#include "Version.h"

#include <charconv>

namespace Patchbay::Bundle {

std::optional<Version> parseVersion(std::string_view text) {
  Version version{};
  for (size_t i = 0; i < version.size(); ++i) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version[i]);
    if (error != std::errc() || version[i] < 0) return {};
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) return version;
    if (text.front() != '.') return {};
    text.remove_prefix(1);
  }
  return {};
}

bool fits(const Version& have, const Version& wanted) {
  return have[0] == wanted[0] && have >= wanted;
}

}  // namespace Patchbay::Bundle
