#include <algorithm>
#include <set>

#include "PropertyKeys.h"

namespace Patchbay::Pipeline {

namespace {

std::string escapedControl(char c) {
  static constexpr char Digits[] = "0123456789abcdef";
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  return std::string("\\u00") + Digits[static_cast<unsigned char>(c) >> 4] + Digits[c & 15];
}

std::string escapedSegment(const std::string& segment) {
  std::string out;
  for (const char c : segment) {
    if (static_cast<unsigned char>(c) < 32)
      out += escapedControl(c);
    else if (std::string_view("\\ .=:#!").find(c) != std::string_view::npos)
      out += {'\\', c};
    else
      out += c;
  }
  return out;
}

std::string escapedValue(const std::string& value) {
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (static_cast<unsigned char>(c) < 32)
      out += escapedControl(c);
    else if (c == '\\' || (c == ' ' && (i == 0 || i + 1 == value.size())))
      out += {'\\', c};
    else
      out += c;
  }
  return out;
}

std::string line(const std::string& key, const std::string& value) {
  return key + (value.empty() ? " =" : " = " + escapedValue(value)) + "\n";
}

bool onlyAttributes(const Node& node, std::initializer_list<std::string_view> allowed) {
  std::set<std::string_view> seen;
  return std::all_of(node.attributes.begin(), node.attributes.end(), [&](const Attribute& attribute) {
    return !attribute.value.empty() && std::find(allowed.begin(), allowed.end(), attribute.name) != allowed.end() &&
           seen.insert(attribute.name).second;
  });
}

/// Whether the rule spelling can say it; else the whole file is spelled plainly.
bool regularItem(const Node& node);

bool regularBody(const Node& node, bool mayEndWithElse) {
  for (const Node& child : node.children) {
    if (child.name != "else") {
      if (!regularItem(child)) return false;
    } else if (!mayEndWithElse || &child != &node.children.back() || !child.attributes.empty() || child.children.empty() ||
               !regularBody(child, false)) {
      return false;
    }
  }
  return true;
}

bool regularItem(const Node& node) {
  if (node.name == "rule") return onlyAttributes(node, {"name", "if"}) && regularBody(node, true);
  if (node.name == "first") return onlyAttributes(node, {"name"}) && regularBody(node, false);
  return node.children.empty();
}

bool regularTop(const Node& node, std::set<std::string>& names) {
  const std::string* name = node.attribute("name");
  if (!name || name->empty() || !names.insert(node.name + " " + *name).second || isNumber(*name)) return false;
  if (node.name == "define") return node.children.empty() && node.attributes.size() == 2 && node.attribute("value");
  if (node.name != "pipeline" || *name == "define" || *name == "include" || name->front() == '.') return false;
  return onlyAttributes(node, {"name", "on", "on-error"}) && regularBody(node, false);
}

bool regularRouting(const Node& routing) {
  std::set<std::string> names;
  return routing.attributes.empty() &&
         std::all_of(routing.children.begin(), routing.children.end(), [&](const Node& child) { return regularTop(child, names); });
}

std::string stepText(const Node& node) {
  std::string text = node.name;
  for (const Attribute& attribute : node.attributes) {
    const bool bare = !attribute.value.empty() && attribute.value.find_first_of(" \t\n\r\"") == std::string::npos;
    text += " " + attribute.name + "=";
    if (bare) {
      text += attribute.value;
      continue;
    }
    text += '"';
    for (const char c : attribute.value) text.append(c == '"' ? 2 : 1, c);
    text += '"';
  }
  return text;
}

std::string number(size_t index, size_t count, size_t step) {
  std::string text = std::to_string((index + 1) * step);
  const size_t width = std::to_string(count * step).size() + (step > 1 ? 1 : 0);
  return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

void writeBody(const Node& node, const std::string& prefix, size_t step, std::string& out);

void writeItem(const Node& node, const std::string& key, std::string& out) {
  const bool rule = node.name == "rule";
  if (!rule && node.name != "first") {
    out += line(key, stepText(node));
    return;
  }
  const std::string* name = node.attribute("name");
  if (name || !rule || (node.attributes.empty() && node.children.empty())) out += line(key + "." + node.name, name ? *name : "");
  if (const std::string* condition = node.attribute("if")) out += line(key + ".if", *condition);
  writeBody(node, key + ".do", 1, out);
  if (!node.children.empty() && node.children.back().name == "else") writeBody(node.children.back(), key + ".else", 1, out);
}

void writeBody(const Node& node, const std::string& prefix, size_t step, std::string& out) {
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (node.children[i].name != "else") writeItem(node.children[i], prefix + "." + number(i, node.children.size(), step), out);
  }
}

void writeRules(const Node& routing, const std::string& prefix, std::string& out) {
  for (const Node& child : routing.children) {
    const std::string key = prefix + escapedSegment(*child.attribute("name"));
    if (child.name == "define") {
      out += line(prefix + "define." + escapedSegment(*child.attribute("name")), *child.attribute("value"));
      continue;
    }
    const std::string* on = child.attribute("on");
    const std::string* onError = child.attribute("on-error");
    if (on || child.children.empty()) out += line(key + ".on", on ? *on : "");
    if (onError) out += line(key + ".on-error", *onError);
    writeBody(child, key, 10, out);
  }
}

/// Children of one name or an attribute's, and those without anything in them, are told apart by numbers.
bool needsNumbers(const Node& node) {
  std::set<std::string> names;
  return std::any_of(node.children.begin(), node.children.end(), [&](const Node& child) {
    return !names.insert(child.name).second || node.attribute(child.name) || (child.attributes.empty() && child.children.empty());
  });
}

void writePlain(const Node& node, const std::string& prefix, bool rules, std::string& out) {
  const bool numbered = needsNumbers(node);
  for (const Attribute& attribute : node.attributes) out += line(prefix + escapedSegment(attribute.name), attribute.value);
  for (size_t i = 0; i < node.children.size(); ++i) {
    const Node& child = node.children[i];
    const bool asRules = rules && child.name == "routing";
    const std::string key = prefix + escapedSegment(child.name) + (numbered && !asRules ? "." + number(i, node.children.size(), 1) : "");
    if (asRules)
      writeRules(child, key + ".", out);
    else if (child.attributes.empty() && child.children.empty())
      out += line(key, "");
    else
      writePlain(child, key + ".", false, out);
  }
}

/// Rules below a configuration are spelled as rules when there is one regular `routing`; it has no number, so it must come first when
/// others have.
bool rulesBelow(const Node& root) {
  size_t count = 0;
  for (const Node& child : root.children) {
    if (child.name != "routing") continue;
    if (child.children.empty() || !regularRouting(child) || ++count > 1) return false;
    if (&child != &root.children.front() && needsNumbers(root)) return false;
  }
  return true;
}

}  // namespace

std::string writeProperties(const Node& root) {
  std::string out = ".root = " + escapedValue(root.name) + "\n";
  const bool routing = root.name == "routing";
  if (routing && regularRouting(root)) {
    writeRules(root, "", out);
    return out;
  }
  const bool rules = !routing && rulesBelow(root);
  if (!rules) out += ".spelling = plain\n";
  writePlain(root, "", rules, out);
  return out;
}

}  // namespace Patchbay::Pipeline
