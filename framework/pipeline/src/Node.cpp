#include "patchbay/pipeline/Node.h"

#include <algorithm>

namespace Patchbay::Pipeline {

const std::string* Node::attribute(std::string_view name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return &attribute.value;
  }
  return nullptr;
}

namespace {

std::string quoted(const std::string& value) {
  static constexpr char Digits[] = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      text.append({'\\', c});
    else if (octet < 32)
      text.append({'\\', 'x', Digits[octet >> 4], Digits[octet & 15]});
    else
      text += c;
  }
  return text + '"';
}

void print(const Node& node, size_t depth, std::string& out) {
  std::vector<const Attribute*> sorted;
  for (const Attribute& attribute : node.attributes) sorted.push_back(&attribute);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->name < b->name; });
  out.append(depth * 2, ' ').append(node.name);
  for (const Attribute* attribute : sorted) out += " " + attribute->name + "=" + quoted(attribute->value);
  out += '\n';
  for (const Node& child : node.children) print(child, depth + 1, out);
}

}  // namespace

std::string Node::toString() const {
  std::string out;
  print(*this, 0, out);
  return out;
}

}  // namespace Patchbay::Pipeline
