#include "PropertyKeys.h"

#include <algorithm>

#include "XmlReader.h"

namespace Patchbay::Pipeline {

namespace {

constexpr size_t MostDigits = 9;
constexpr size_t MostSegments = 2 * MostDepth + 8;
constexpr const char* Blanks = " \t\r";

std::string_view trimmedLeft(std::string_view text) {
  const size_t begin = text.find_first_not_of(Blanks);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

/// Whether the sign at `at` stands behind an odd number of backslashes.
bool isEscaped(std::string_view text, size_t at) {
  size_t count = 0;
  while (count < at && text[at - 1 - count] == '\\') ++count;
  return count % 2 == 1;
}

std::string_view trimmedRight(std::string_view text) {
  while (!text.empty() && std::string_view(Blanks).find(text.back()) != std::string_view::npos && !isEscaped(text, text.size() - 1))
    text.remove_suffix(1);
  return text;
}

size_t findUnescaped(std::string_view text, char sign, size_t from = 0) {
  for (size_t at = text.find(sign, from); at != std::string_view::npos; at = text.find(sign, at + 1)) {
    if (!isEscaped(text, at)) return at;
  }
  return std::string_view::npos;
}

std::string canonical(std::string segment) {
  if (!isNumber(segment)) return segment;
  const size_t first = segment.find_first_not_of('0');
  return first == std::string::npos ? "0" : segment.substr(first);
}

PropertyKey& reach(PropertyKey& root, const std::vector<std::string>& segments, int line) {
  PropertyKey* at = &root;
  for (const std::string& segment : segments) {
    auto found = std::find_if(at->below.begin(), at->below.end(), [&](auto& key) { return key.segment == segment; });
    if (found == at->below.end()) {
      at->below.push_back({segment, std::nullopt, line, {}});
      at = &at->below.back();
    } else {
      at = &*found;
    }
  }
  return *at;
}

}  // namespace

bool isNumber(std::string_view segment) {
  return !segment.empty() && segment.find_first_not_of("0123456789") == std::string_view::npos;
}

bool PropertyKey::isNumber() const {
  return Pipeline::isNumber(segment);
}

unsigned PropertyKey::number() const {
  return static_cast<unsigned>(std::stoul(segment));
}

const PropertyKey* PropertyKey::find(std::string_view name) const {
  for (const PropertyKey& key : below) {
    if (key.segment == name) return &key;
  }
  return nullptr;
}

PropertyKey PropertyKeys::read(std::string_view text) {
  PropertyKey root;
  std::string logical;
  while (nextLine(text, logical)) take(logical, root);
  return root;
}

/// Joins continued lines and skips comments; false at the end.
bool PropertyKeys::nextLine(std::string_view& text, std::string& logical) {
  logical.clear();
  _line = _nextLine;
  bool continued = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmedLeft(text.substr(0, end));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++_nextLine;
    if (!continued && (line.empty() || line.front() == '#' || line.front() == '!')) {
      _line = _nextLine;
      continue;
    }
    continued = !line.empty() && line.back() == '\\' && !isEscaped(line, line.size() - 1);
    logical += continued ? line.substr(0, line.size() - 1) : line;
    if (!continued) return true;
  }
  return !logical.empty();
}

void PropertyKeys::take(std::string_view logical, PropertyKey& root) {
  const size_t sign = findUnescaped(logical, '=');
  if (sign == std::string_view::npos) {
    _problems.error(here(), "'" + std::string(logical.substr(0, 60)) + "' is no property; write key = value");
    return;
  }
  const std::vector<std::string> path = segments(trimmedRight(logical.substr(0, sign)));
  if (path.empty()) return;
  std::string value = unescaped(trimmedRight(trimmedLeft(logical.substr(sign + 1))));
  PropertyKey& key = reach(root, path, _line);
  if (key.value) {
    const std::string shown(trimmedRight(logical.substr(0, sign)));
    _problems.error(here(), "duplicate key '" + shown + "'; it stands already in line " + std::to_string(key.line));
    return;
  }
  key.value = std::move(value);
  key.line = _line;
}

std::vector<std::string> PropertyKeys::segments(std::string_view key) {
  std::vector<std::string> path;
  const std::string shown(key.substr(0, 60));
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(findUnescaped(key, '.', begin), key.size());
    std::string segment = canonical(unescaped(key.substr(begin, end - begin)));
    const bool directive = begin == 0 && segment.empty() && key.size() > 1;
    begin = end + 1;
    if (directive) continue;
    if (segment.empty()) {
      _problems.error(here(), "key '" + shown + "' has an empty part; write name.name = value");
      return {};
    }
    if (isNumber(segment) && segment.size() > MostDigits) {
      _problems.error(here(), "key '" + shown + "': a number has at most " + std::to_string(MostDigits) + " digits");
      return {};
    }
    path.push_back((path.empty() && key.front() == '.' ? "." : "") + std::move(segment));
  }
  if (path.size() <= MostSegments) return path;
  _problems.error(here(), "key '" + shown + "' has more than " + std::to_string(MostSegments) + " parts");
  return {};
}

std::string PropertyKeys::unescaped(std::string_view raw) {
  std::string out;
  for (size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\') {
      out += raw[at];
      continue;
    }
    if (++at == raw.size()) break;
    if (raw[at] == 'u') {
      appendUnicode(raw, at, out);
    } else if (const char sign = escapedSign(raw[at])) {
      out += sign;
    } else {
      _problems.error(here(), "unknown escape '\\" + std::string(1, raw[at]) + "'; a backslash is written '\\\\'");
    }
  }
  return out;
}

/// What follows a backslash means; 0 when nothing.
char PropertyKeys::escapedSign(char sign) const {
  if (sign == 'n') return '\n';
  if (sign == 'r') return '\r';
  if (sign == 't') return '\t';
  return std::string_view("\\ .=:#!\"'").find(sign) != std::string_view::npos ? sign : '\0';
}

void PropertyKeys::appendUnicode(std::string_view raw, size_t& at, std::string& out) {
  const std::string digits(raw.substr(at + 1, 4));
  if (digits.size() < 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    _problems.error(here(), "after '\\u' four hexadecimal digits are expected");
    return;
  }
  at += 4;
  const auto code = static_cast<unsigned>(std::stoul(digits, nullptr, 16));
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
  } else {
    out +=
        {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)), static_cast<char>(0x80 | (code & 0x3F))};
  }
}

}  // namespace Patchbay::Pipeline
