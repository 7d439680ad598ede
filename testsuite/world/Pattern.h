#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace Patchbay::Testsuite {

/// What placeholders stand for: `{branch}` takes what stands at its place when it is seen first, and must be the same ever after; `{*}` is
/// anything.
using Captures = std::map<std::string, std::string, std::less<>>;

/// The text with its placeholders replaced; none when one is not known (its name is in `missing`).
std::optional<std::string> fill(std::string_view text, const Captures& captures, std::string& missing);

/// Whether the line is what the pattern says; takes captures. A placeholder's text ends where the text behind it begins next, and is never
/// empty.
bool matches(std::string_view pattern, std::string_view line, Captures& captures);

/// Compares a whole message with its pattern, line by line, nothing left out but what `{*}` stands for. Empty when they agree, else what
/// differs.
std::string difference(const std::vector<std::string>& pattern, std::string_view message, Captures& captures);

/// The octets of a message written as lines: CR LF ends, Content-Length put in where a header line says `Content-Length: {length}`.
std::optional<std::string> compose(const std::vector<std::string>& lines, const Captures& captures, std::string& missing);

}  // namespace Patchbay::Testsuite
