#include "patchbay/pipeline/Node.h"

namespace Patchbay::Pipeline {

namespace {

void escape(const std::string& value, std::string& out) {
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (octet < 32)
      out += "&#" + std::to_string(octet) + ";";
    else
      out += c;
  }
}

void write(const Node& node, size_t depth, std::string& out) {
  out.append(depth, ' ').append("<" + node.name);
  if (depth == 0 && (node.name == "routing" || node.name == "bundle")) out += " xmlns=\"urn:patchbay:" + node.name + "\"";
  for (const Attribute& attribute : node.attributes) {
    out += " " + attribute.name + "=\"";
    escape(attribute.value, out);
    out += '"';
  }
  if (node.children.empty()) {
    out += "/>\n";
    return;
  }
  out += ">\n";
  for (const Node& child : node.children) write(child, depth + 1, out);
  out.append(depth, ' ').append("</" + node.name + ">\n");
}

}  // namespace

std::string writeXml(const Node& root) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  write(root, 0, out);
  return out;
}

}  // namespace Patchbay::Pipeline
