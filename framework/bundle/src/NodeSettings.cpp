#include "patchbay/bundle/NodeSettings.h"

#include <algorithm>

#include "patchbay/pipeline/Fit.h"

namespace Patchbay::Bundle {

using Pipeline::Parameter;

std::string expand(std::string_view text, const Pipeline::Constants& constants, const std::function<void(const std::string&)>& unknown) {
  std::string out;
  while (!text.empty()) {
    const size_t start = text.find("${");
    const size_t end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos) break;
    out += text.substr(0, start);
    const std::string name(text.substr(start + 2, end - start - 2));
    const auto constant = constants.find(name);
    if (constant != constants.end())
      out += constant->second;
    else
      unknown(name);
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

namespace {

std::vector<std::string> namesOf(const std::vector<Parameter>& declared) {
  std::vector<std::string> names;
  for (const auto& parameter : declared) names.push_back(parameter.name);
  return names;
}

std::vector<std::string> namesOf(const Pipeline::Constants& constants) {
  std::vector<std::string> names;
  for (const auto& [name, value] : constants) names.push_back(name);
  return names;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

}  // namespace

NodeSettings::NodeSettings(const std::vector<Parameter>& declared, const Pipeline::Node* node, const Pipeline::Constants& constants,
                           const Pipeline::Location& whole, Pipeline::Problems& problems)
    : _whole(whole), _element(node ? node->location : whole) {
  for (const auto& parameter : declared) _entries[parameter.name] = Entry{parameter.type, parameter.fallback.value_or("")};
  if (node) take(*node, constants, declared, problems);
  for (const auto& parameter : declared)
    if (parameter.required && !_entries[parameter.name].given)
      problems.error(_element, (node ? "<" + node->name + ">: " : std::string()) + "attribute '" + parameter.name +
                                   "' is missing: " + parameter.summary);
}

void NodeSettings::take(const Pipeline::Node& node, const Pipeline::Constants& constants, const std::vector<Parameter>& declared,
                        Pipeline::Problems& problems) {
  for (const auto& attribute : node.attributes) {
    const auto parameter = std::find_if(declared.begin(), declared.end(), [&](const Parameter& p) { return p.name == attribute.name; });
    if (parameter == declared.end()) {
      problems.error(node.location, "<" + node.name + "> has no attribute '" + attribute.name + "'" +
                                        Pipeline::suggestion(attribute.name, namesOf(declared)));
      continue;
    }
    const std::string where = "<" + node.name + " " + attribute.name + ">: ";
    bool complete = true;
    const std::string value = expand(attribute.value, constants, [&](const std::string& name) {
      complete = false;
      problems.error(node.location, where + "unknown constant ${" + name + "}" + Pipeline::suggestion(name, namesOf(constants)));
    });
    Entry& entry = _entries[attribute.name];
    entry.given = true;
    if (!complete) continue;
    if (const auto why = Pipeline::whyUnfit(*parameter, value))
      problems.error(node.location, where + *why);
    else
      entry.value = value;
  }
}

const NodeSettings::Entry& NodeSettings::entry(std::string_view name) const {
  const auto found = _entries.find(name);
  if (found == _entries.end()) throw Poco::NotFoundException("the setting '" + std::string(name) + "' is not declared");
  return found->second;
}

std::string NodeSettings::text(std::string_view name) const {
  return entry(name).value;
}

int64_t NodeSettings::integer(std::string_view name) const {
  const Entry& found = entry(name);
  if (found.type == Pipeline::Type::bytes) return Pipeline::parseBytes(found.value).value_or(0);
  if (found.type == Pipeline::Type::duration) return duration(name).count();
  return Pipeline::parseInteger(found.value).value_or(0);
}

std::chrono::nanoseconds NodeSettings::duration(std::string_view name) const {
  return Pipeline::parseDuration(entry(name).value).value_or(std::chrono::nanoseconds(0));
}

bool NodeSettings::boolean(std::string_view name) const {
  return Pipeline::parseBoolean(entry(name).value).value_or(false);
}

std::vector<std::string> NodeSettings::list(std::string_view name) const {
  std::vector<std::string> words;
  const std::string& text = entry(name).value;
  for (size_t start = 0; start <= text.size();) {
    const size_t comma = std::min(text.find(',', start), text.size());
    if (std::string word = trimmed(std::string_view(text).substr(start, comma - start)); !word.empty()) words.push_back(std::move(word));
    start = comma + 1;
  }
  return words;
}

bool NodeSettings::given(std::string_view name) const {
  return entry(name).given;
}

Pipeline::Location NodeSettings::location(std::string_view name) const {
  return entry(name).given ? _element : _whole;
}

}  // namespace Patchbay::Bundle
