#include "PropertiesReader.h"

#include <algorithm>
#include <array>

namespace Patchbay::Pipeline {

namespace {

constexpr std::array<std::string_view, 5> RuleKeys{"rule", "if", "do", "else", "first"};

bool isRuleKey(std::string_view name) {
  return std::find(RuleKeys.begin(), RuleKeys.end(), name) != RuleKeys.end();
}

/// Whether keys below a name look like a pipeline's: `NAME.on`, `NAME.20.if`, `NAME.20 = drop`.
bool looksLikePipeline(const PropertyKey& key) {
  if (key.find("on") || key.find("on-error")) return true;
  for (const PropertyKey& number : key.below) {
    if (!number.isNumber()) continue;
    if (number.value && !number.value->empty()) return true;
    if (std::any_of(number.below.begin(), number.below.end(), [](auto& below) { return isRuleKey(below.segment); })) return true;
  }
  return false;
}

std::vector<const PropertyKey*> all(const PropertyKey& key) {
  std::vector<const PropertyKey*> keys;
  for (const PropertyKey& below : key.below) keys.push_back(&below);
  return keys;
}

std::vector<const PropertyKey*> numbersOf(const PropertyKey& key) {
  std::vector<const PropertyKey*> keys;
  for (const PropertyKey& below : key.below) {
    if (below.isNumber()) keys.push_back(&below);
  }
  std::stable_sort(keys.begin(), keys.end(), [](auto* a, auto* b) { return a->number() < b->number(); });
  return keys;
}

}  // namespace

Node PropertiesReader::read(const PropertyKey& root) {
  bool plain = false;
  Node node;
  node.name = rootName(root, plain);
  node.location = {_file, 1};
  std::vector<const PropertyKey*> keys;
  for (const PropertyKey& key : root.below) {
    if (key.segment.front() != '.') keys.push_back(&key);
  }
  if (node.name == "routing" && !plain)
    rules(keys, node);
  else
    settings(keys, node, !plain);
  return node;
}

/// The root element has no key of its own: `.root` names it, else it is guessed. `.spelling = plain` spells rules like settings.
std::string PropertiesReader::rootName(const PropertyKey& root, bool& plain) {
  std::string name;
  for (const PropertyKey& key : root.below) {
    if (key.segment.front() != '.') continue;
    if (key.segment == ".root" && key.value && !key.value->empty())
      name = *key.value;
    else if (key.segment == ".spelling" && key.value == "plain")
      plain = true;
    else
      _problems.error(at(key), "unknown key '" + key.segment + "'; allowed: .root = NAME, .spelling = plain");
  }
  if (!name.empty()) return name;
  return std::any_of(root.below.begin(), root.below.end(), looksLikePipeline) ? "routing" : "patchbay";
}

/// Children come by number, those without one first, and where equal by line.
void PropertiesReader::settings(const std::vector<const PropertyKey*>& keys, Node& node, bool rulesBelow) {
  std::vector<Numbered> children;
  for (const PropertyKey* key : keys) {
    if (key->isNumber()) {
      _problems.error(at(*key), "number " + key->segment + " stands without a name before it");
      continue;
    }
    if (key->value) node.attributes.push_back({key->segment, *key->value});
    if (rulesBelow && key->segment == "routing" && !key->below.empty()) {
      children.push_back({0, element("routing", *key)});
      rules(all(*key), children.back().node);
    } else {
      childrenOf(*key, children);
    }
  }
  std::stable_sort(children.begin(), children.end(), [](auto& a, auto& b) { return a.number < b.number; });
  for (Numbered& child : children) node.children.push_back(std::move(child.node));
}

void PropertiesReader::childrenOf(const PropertyKey& key, std::vector<Numbered>& children) {
  std::vector<const PropertyKey*> unnumbered;
  for (const PropertyKey& below : key.below) {
    if (!below.isNumber()) {
      unnumbered.push_back(&below);
      continue;
    }
    if (below.value && !below.value->empty())
      _problems.error(at(below), "'" + key.segment + "." + below.segment + "' has a value but no name for it; write " + key.segment + "." +
                                     below.segment + ".NAME = " + *below.value);
    children.push_back({below.number(), element(key.segment, below)});
    settings(all(below), children.back().node, false);
  }
  if (unnumbered.empty()) return;
  children.push_back({0, element(key.segment, key)});
  settings(unnumbered, children.back().node, false);
}

/// `PIPELINE.on = ENTRY`, `PIPELINE.on-error = NAME`, `PIPELINE.20... = ` (its body), `define.NAME = value`, `include.1 = FILE`.
void PropertiesReader::rules(const std::vector<const PropertyKey*>& keys, Node& routing) {
  for (const PropertyKey* key : keys) {
    if (key->segment == "define")
      namedValues(*key, "name", routing.children);
    else if (key->segment == "include")
      namedValues(*key, "", routing.children);
    else if (key->isNumber() || key->below.empty())
      _problems.error(at(*key),
                      "'" + key->segment + "' is no pipeline; write PIPELINE.on = ..., PIPELINE.NUMBER.rule = ..., define.NAME = ...");
    else
      routing.children.push_back(pipeline(*key));
  }
  std::stable_sort(routing.children.begin(), routing.children.end(), [](auto& a, auto& b) { return a.location.line < b.location.line; });
}

void PropertiesReader::namedValues(const PropertyKey& key, const char* attribute, std::vector<Node>& out) {
  for (const PropertyKey& below : key.below) {
    const bool named = *attribute != '\0';
    if (!below.value || !below.below.empty() || below.isNumber() == named) {
      _problems.error(at(below), named ? "write define.NAME = value" : "write include.NUMBER = file");
      continue;
    }
    out.push_back(element(key.segment, below));
    if (named) out.back().attributes.push_back({attribute, below.segment});
    out.back().attributes.push_back({named ? "value" : "file", *below.value});
  }
}

Node PropertiesReader::pipeline(const PropertyKey& key) {
  Node node = element("pipeline", key);
  node.attributes.push_back({"name", key.segment});
  for (const PropertyKey& below : key.below) {
    if (below.isNumber()) continue;
    const bool known = below.segment == "on" || below.segment == "on-error";
    if (!known || !below.value)
      _problems.error(at(below), "unknown key '" + key.segment + "." + below.segment + "'; allowed: " + key.segment + ".on, " +
                                     key.segment + ".on-error, " + key.segment + ".NUMBER");
    else if (!below.value->empty())
      node.attributes.push_back({below.segment, *below.value});
  }
  body(key, node);
  return node;
}

void PropertiesReader::body(const PropertyKey& key, Node& parent) {
  for (const PropertyKey* number : numbersOf(key)) parent.children.push_back(item(*number));
}

Node PropertiesReader::item(const PropertyKey& key) {
  if (!key.value) return ruleOrFirst(key);
  if (!key.below.empty()) _problems.error(at(key), "a step ('" + *key.value + "') has nothing below it; write a rule with .if and .do");
  return step(key);
}

Node PropertiesReader::ruleOrFirst(const PropertyKey& key) {
  const bool first = key.find("first") != nullptr;
  Node node = element(first ? "first" : "rule", key);
  for (const PropertyKey& below : key.below) {
    const bool misplaced = first && (below.segment == "rule" || below.segment == "if" || below.segment == "else");
    if (!isRuleKey(below.segment) || misplaced)
      _problems.error(at(below), "unknown key '" + below.segment + "' in a rule; allowed: " +
                                     (first ? "first = NAME, do.NUMBER" : "rule = NAME, if, do.NUMBER, else.NUMBER, first = NAME"));
    else if ((below.segment == "rule" || below.segment == "first") && below.value && !below.value->empty())
      node.attributes.push_back({"name", *below.value});
    else if (below.segment == "if" && below.value)
      node.attributes.push_back({"if", *below.value});
  }
  if (const PropertyKey* steps = key.find("do")) body(*steps, node);
  if (const PropertyKey* otherwise = key.find("else")) {
    node.children.push_back(element("else", *otherwise));
    body(*otherwise, node.children.back());
  }
  return node;
}

/// `action name=value name="value with blanks and ""quotes"""`.
Node PropertiesReader::step(const PropertyKey& key) {
  const std::string_view text = *key.value;
  const size_t end = std::min(text.find_first_of(" \t"), text.size());
  Node node = element(std::string(text.substr(0, end)), key);
  if (end == 0 || node.name.find('=') != std::string::npos)
    _problems.error(at(key), "'" + *key.value + "' is no step; write ACTION name=value name=\"value\"");
  else
    stepAttributes(text.substr(end), key, node);
  return node;
}

void PropertiesReader::stepAttributes(std::string_view text, const PropertyKey& key, Node& node) {
  for (size_t at = text.find_first_not_of(" \t"); at != std::string_view::npos; at = text.find_first_not_of(" \t", at)) {
    const size_t sign = text.find_first_of("= \t", at);
    if (sign == std::string_view::npos || text[sign] != '=' || sign == at) {
      _problems.error(this->at(key), "after '" + node.name + "' name=value is expected, not '" + std::string(text.substr(at, 40)) + "'");
      return;
    }
    const std::string name(text.substr(at, sign - at));
    std::string value;
    at = sign + 1;
    if (at < text.size() && text[at] == '"') {
      for (++at; at < text.size() && (text[at] != '"' || text.substr(at, 2) == "\"\""); ++at) {
        value += text[at];
        if (text[at] == '"') ++at;
      }
      if (at++ >= text.size()) _problems.error(this->at(key), "the value of '" + name + "' lacks its closing quotation mark");
    } else {
      const size_t end = std::min(text.find_first_of(" \t", at), text.size());
      value = text.substr(at, end - at);
      at = end;
    }
    if (node.attribute(name)) _problems.error(this->at(key), "'" + name + "' is given twice to '" + node.name + "'");
    node.attributes.push_back({name, std::move(value)});
    if (at >= text.size()) return;
  }
}

}  // namespace Patchbay::Pipeline
