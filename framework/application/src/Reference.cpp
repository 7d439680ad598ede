#include "Reference.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <Poco/Exception.h>

#include "Sections.h"

namespace Patchbay::Application {

using Pipeline::Parameter;

namespace {

std::string join(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

/// A cell of a Markdown table.
std::string cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\|");
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + text + "`";
}

std::string typeOf(const Parameter& parameter) {
  std::string type = parameter.choices.empty() ? Pipeline::nameOf(parameter.type) : join(parameter.choices, ", ");
  const bool least = parameter.least != std::numeric_limits<int64_t>::min(), most = parameter.most != std::numeric_limits<int64_t>::max();
  if (parameter.type == Pipeline::Type::integer && (least || most))
    type += " " + (least ? std::to_string(parameter.least) : std::string("...")) + " to " +
            (most ? std::to_string(parameter.most) : std::string("..."));
  return type;
}

std::string table(std::vector<Parameter> parameters, const char* title, const std::vector<std::string>& live = {}) {
  for (auto& parameter : parameters)
    if (std::find(live.begin(), live.end(), parameter.name) != live.end()) parameter.summary += " (live)";
  std::string out = std::string("\n| ") + title + " | type | default | meaning |\n|---|---|---|---|\n";
  for (const auto& parameter : parameters)
    out += "| " + code(parameter.name) + " | " + cell(typeOf(parameter)) + " | " +
           (parameter.required ? std::string("(required)") : cell(code(parameter.fallback.value_or("")))) + " | " +
           cell(parameter.summary) + " |\n";
  return out;
}

std::string effects(uint8_t effects) {
  std::vector<std::string> words;
  const std::pair<int, const char*> names[] = {{Pipeline::reads, "reads"},
                                               {Pipeline::edits, "edits"},
                                               {Pipeline::changesState, "changes state"},
                                               {Pipeline::sends, "sends"},
                                               {Pipeline::answers, "answers"}};
  for (const auto& [bit, name] : names)
    if (effects & bit) words.emplace_back(name);
  return join(words, ", ");
}

std::string heading(const Pipeline::ActionDeclaration& action) {
  std::vector<std::string> names;
  for (const auto& parameter : action.parameters) names.push_back(parameter.required ? parameter.name : "[" + parameter.name + "]");
  return "\n### " + action.name + "(" + join(names, ", ") + ")\n\n" + action.summary + "\n\n";
}

std::string describe(const Pipeline::ActionDeclaration& action) {
  std::string out = heading(action);
  out +=
      "- runs in: " + (action.entries == std::vector<std::string>{"*"} ? std::string("every pipeline") : join(action.entries, ", ")) + "\n";
  out += std::string("- used as: ") + (action.step ? (action.predicate ? "a step or a condition" : "a step") : "a condition") + "\n";
  if (action.settles) out += "- settles: nothing but what is fit for after may follow it\n";
  if (action.settlesAsPredicate) out += "- settles also as a condition, when it is true\n";
  if (action.after) out += "- may follow a settling action\n";
  if (action.suspends) out += "- may wait: the pipeline is suspended and goes on when the answer is there\n";
  out += "- effect: " + effects(action.effects) + "\n";
  if (!action.yes.empty()) out += "- true: " + action.yes + "\n";
  if (!action.no.empty()) out += "- false: " + action.no + "\n";
  return action.parameters.empty() ? out : out + table(action.parameters, "parameter");
}

std::string written(const Pipeline::VariableDeclaration& variable) {
  if (variable.form == Pipeline::VariableDeclaration::Form::dotted) return variable.name + ".NAME";
  if (variable.form == Pipeline::VariableDeclaration::Form::bracketed) return variable.name + "['NAME']";
  return variable.name;
}

std::string variables(const std::vector<Pipeline::VariableDeclaration>& list) {
  std::string out = "\n## Variables\n\n| variable | type | pipelines | `<set>` | meaning |\n|---|---|---|---|---|\n";
  for (const auto& variable : list)
    out += "| " + code(written(variable)) + " | " + Pipeline::nameOf(variable.type) + " | " + cell(join(variable.entries, ", ")) + " | " +
           (variable.writable ? "yes" : "no") + " | " + cell(variable.summary) + " |\n";
  return out;
}

std::string memberships(const std::vector<Pipeline::MembershipDeclaration>& list) {
  std::string out = "\n## Named right sides\n\n| written | meaning |\n|---|---|\n";
  for (const auto& one : list) out += "| " + code((one.set ? "x in " : "x == ") + one.name) + " | " + cell(one.summary) + " |\n";
  return out;
}

std::string entries(const std::vector<Pipeline::EntryDeclaration>& list) {
  std::string out = "\n## Entry points\n\n| `on=` | must settle | pipelines | meaning |\n|---|---|---|---|\n";
  for (const auto& one : list)
    out += "| " + code(one.name) + " | " + (one.mustSettle ? "yes" : "no") + " | " + (one.single ? "one" : "any number, named by actions") +
           " | " + cell(one.summary) + " |\n";
  return out;
}

std::string metrics(const std::vector<Bundle::MetricDeclaration>& list) {
  std::string out = "\n## Metrics\n\n| metric | kind | meaning |\n|---|---|---|\n";
  for (const auto& one : list)
    out += "| `patchbay_" + one.name + "` | " + (one.kind == Runtime::Metrics::Kind::counter ? "counter" : "gauge") + " | " +
           cell(one.help) + " |\n";
  return out;
}

std::string operations(const std::vector<Admin::Operation>& list) {
  std::string out = "\n## Admin operations\n\n| operation | HTTP | meaning |\n|---|---|---|\n";
  for (const auto& one : list)
    out += "| " + code(one.name) + " | " + code(one.method + " /api/v1" + one.path) + " | " + cell(one.summary) + " |\n";
  return out;
}

std::string describe(const Section& section) {
  std::string out = "\n### `<" + section.name + ">`\n\n" + section.summary + "\n" + table(section.attributes, "attribute");
  for (const auto& child : section.children)
    out += "\nInside it: `<" + child.name + ">`. " + child.summary + "\n" + table(child.attributes, "attribute");
  return out;
}

void save(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw Poco::WriteFileException(path);
}

const char* const Made = "<!-- Made by `make docs` from the bundles' declarations: edits here are lost. -->\n";

}  // namespace

std::string Reference::page(const Bundle::Loaded& bundle) const {
  const auto& declaration = bundle.declaration;
  std::string out = Made + ("# " + bundle.manifest.name) + "\n\n" + bundle.manifest.summary + " Version " + bundle.manifest.version + ".\n";
  std::vector<std::string> needs;
  for (const auto& need : bundle.manifest.requires_) needs.push_back("[" + need.bundle + "](" + need.bundle + ".md)");
  if (!needs.empty()) out += "\nRequires: " + join(needs, ", ") + ".\n";
  if (!declaration.settings.empty())
    out += "\n## Settings\n\n`<" + bundle.manifest.name + " .../>` in the configuration:\n" +
           table(declaration.settings, "setting", declaration.live) +
           (declaration.live.empty() ? "" : "\nA reload changes those that are live; the others need a restart.\n");
  if (!declaration.entries.empty()) out += entries(declaration.entries);
  if (!declaration.actions.empty()) out += "\n## Actions\n";
  for (const auto& action : declaration.actions) out += describe(action);
  if (!declaration.variables.empty()) out += variables(declaration.variables);
  if (!declaration.memberships.empty()) out += memberships(declaration.memberships);
  if (!declaration.metrics.empty()) out += metrics(declaration.metrics);
  if (!declaration.operations.empty()) out += operations(declaration.operations);
  return out;
}

std::string Reference::index() const {
  std::string out = std::string(Made) + "# Reference\n\n## Bundles\n\n| bundle | version | what it does |\n|---|---|---|\n";
  for (const auto& bundle : _bundles)
    out += "| [" + bundle.manifest.name + "](" + bundle.manifest.name + ".md) | " + bundle.manifest.version + " | " +
           cell(bundle.manifest.summary) + " |\n";
  out += "\n## Actions\n\n| action | bundle | what it does |\n|---|---|---|\n";
  std::map<std::string, std::string> rows;
  for (const auto& bundle : _bundles)
    for (const auto& action : bundle.declaration.actions)
      rows[action.name] = "| " + code(action.name) + " | [" + bundle.manifest.name + "](" + bundle.manifest.name + ".md) | " +
                          cell(action.summary) + " |\n";
  for (const auto& [name, row] : rows) out += row;
  out +=
      "\n## The configuration file\n\nThe root element is `<patchbay xmlns=\"urn:patchbay:configuration\">`. Besides the elements below it "
      "holds one for each bundle, "
      "named after it, with the bundle's settings as attributes. `${name}` in an attribute is a constant: from `<define>`, `--define "
      "name=value`, or one of:\n\n";
  for (const auto& one : predefined()) out += "- `${" + std::string(one.name) + "}`: " + one.summary + "\n";
  for (const auto& section : sections()) out += describe(section);
  return out;
}

void Reference::write(const std::string& folder) const {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Poco::CreateFileException(folder, error.message());
  for (const auto& bundle : _bundles) save(folder + "/" + bundle.manifest.name + ".md", page(bundle));
  save(folder + "/README.md", index());
  save(folder + "/routing.xsd", routingSchema(_bundles));
}

}  // namespace Patchbay::Application
