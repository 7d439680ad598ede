#include "Characters.h"

#include <algorithm>

namespace Patchbay::Pipeline {
namespace {

struct CodePoint {
  unsigned value = 0;
  size_t octets = 0;  ///< 0: no UTF-8
};

CodePoint firstOf(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t octets = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < octets) return {};
  unsigned value = lead & (0xFFu >> (octets + 1));
  for (size_t i = 1; i < octets; ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if ((octet & 0xC0) != 0x80) return {};
    value = value << 6 | (octet & 0x3Fu);
  }
  constexpr unsigned Least[] = {0, 0, 0x80, 0x800, 0x10000};
  return value < Least[octets] ? CodePoint{} : CodePoint{value, octets};
}

/// XML 1.0, production 2.
bool isAllowed(unsigned code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code < 0xD800 || (code > 0xDFFF && code != 0xFFFE && code != 0xFFFF && code <= 0x10FFFF);
}

bool isText(std::string_view text) {
  while (!text.empty()) {
    const CodePoint code = firstOf(text);
    if (!code.octets || !isAllowed(code.value)) return false;
    text.remove_prefix(code.octets);
  }
  return true;
}

/// Of XML's names those that people use.
bool isName(std::string_view name) {
  const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto isInner = [&](char c) { return isLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !name.empty() && isLetter(name[0]) && std::all_of(name.begin(), name.end(), isInner) && name != "xmlns";
}

void checkName(std::string_view name, const Node& node, Problems& problems) {
  if (!isName(name))
    problems.error(node.location,
                   "'" + std::string(name.substr(0, 60)) + "' is no name; allowed: letters, digits, '_', '-' and '.', a letter first");
}

}  // namespace

void checkCharacters(const Node& node, Problems& problems) {
  checkName(node.name, node, problems);
  for (const Attribute& attribute : node.attributes) {
    checkName(attribute.name, node, problems);
    if (!isText(attribute.value))
      problems.error(node.location, "the value of '" + attribute.name + "' is not UTF-8, or holds control characters");
  }
  for (const Node& child : node.children) checkCharacters(child, problems);
}

}  // namespace Patchbay::Pipeline
