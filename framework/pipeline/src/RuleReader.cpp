#include "RuleReader.h"

#include <algorithm>

#include "Arguments.h"
#include "ExpressionParser.h"

namespace Patchbay::Pipeline {

namespace {

StepSource begun(StepSource::Kind kind, const Node& node) {
  StepSource step;
  step.kind = kind;
  step.location = node.location;
  if (const std::string* name = node.attribute("name")) step.name = *name;
  return step;
}

}  // namespace

std::vector<PipelineSource> RuleReader::read(const Node& routing) {
  if (routing.name != "routing") {
    error(routing, "<" + routing.name + "> found, <routing> expected");
    return {};
  }
  allow(routing, {}, true);
  const Constants overriding = _names.constants;
  for (const Node& child : routing.children) {
    if (child.name == "define") define(child);
  }
  for (const auto& [name, value] : overriding) _names.constants[name] = value;
  std::vector<PipelineSource> pipelines;
  for (const Node& child : routing.children) {
    if (child.name == "pipeline")
      pipelines.push_back(pipeline(child));
    else if (child.name != "define")
      error(child, "<" + child.name + "> inside <routing>; allowed: pipeline, define, include");
  }
  return pipelines;
}

void RuleReader::define(const Node& node) {
  allow(node, {"!name", "!value"}, false);
  const std::string* name = node.attribute("name");
  const std::string* value = node.attribute("value");
  if (!name || !value) return;
  if (_names.variable(*name, std::nullopt, false).declaration) error(node, "<define>: '" + *name + "' is the name of a variable");
  const auto [found, fresh] = _ruleNames.try_emplace("define " + *name, node.location);
  if (!fresh) error(node, "constant '" + *name + "' is defined twice; it is defined already in line " + std::to_string(found->second.line));
  const Pieces pieces = interpolated(*value, node.location, "value", _names);
  if (!isConstant(pieces)) error(node, "<define>: attribute 'value' may hold only constants that are defined before it");
  _names.constants.try_emplace(*name, constantText(pieces));
}

PipelineSource RuleReader::pipeline(const Node& node) {
  PipelineSource source;
  allow(node, {"!name", "on", "on-error"}, true);
  source.location = node.location;
  if (const std::string* name = node.attribute("name")) source.name = *name;
  if (const std::string* on = node.attribute("on")) source.on = *on;
  if (const std::string* onError = node.attribute("on-error")) source.onError = *onError;
  _names.pipeline = &source;
  _ruleNames.clear();
  source.body = body(node, false);
  _names.pipeline = nullptr;
  return source;
}

std::vector<StepSource> RuleReader::body(const Node& node, bool elseAllowed) {
  std::vector<StepSource> steps;
  for (const Node& child : node.children) {
    if (child.name == "else") {
      if (!elseAllowed) error(child, "<else> stands only at the end of a <rule> with 'if'");
      continue;
    }
    if (auto found = step(child)) steps.push_back(std::move(*found));
  }
  return steps;
}

std::optional<StepSource> RuleReader::step(const Node& node) {
  if (node.name == "rule") return rule(node);
  if (node.name == "first") return first(node);
  if (node.name == "route") return route(node);
  if (node.name == "return") return leave(node);
  if (node.name == "set") return set(node);
  if (node.name == "stop") {
    allow(node, {}, false);
    return begun(StepSource::Kind::stop, node);
  }
  if (node.name == "pipeline" || node.name == "define") {
    error(node, "<" + node.name + "> stands only directly inside <routing>");
    return std::nullopt;
  }
  return action(node);
}

StepSource RuleReader::rule(const Node& node) {
  allow(node, {"name", "if"}, true);
  StepSource step = begun(StepSource::Kind::rule, node);
  nameOnce(node, step.name);
  step.condition = condition(node);
  step.body = body(node, node.attribute("if") != nullptr);
  otherwise(node, step);
  return step;
}

void RuleReader::otherwise(const Node& node, StepSource& rule) {
  for (const Node& child : node.children) {
    if (child.name != "else" || !node.attribute("if")) continue;
    allow(child, {}, true);
    if (rule.hasElse || &child != &node.children.back()) error(child, "<else> must be the last in its rule, and the only one");
    rule.hasElse = true;
    rule.otherwise = body(child, false);
  }
}

/// Only rules, and the last of them, and no other, without `if`.
StepSource RuleReader::first(const Node& node) {
  allow(node, {"name"}, true);
  StepSource step = begun(StepSource::Kind::first, node);
  for (const Node& child : node.children) {
    const bool last = &child == &node.children.back();
    const bool total = !child.attribute("if");
    if (child.name != "rule") {
      error(child, "<" + child.name + "> inside <first>; only <rule> is allowed there");
      continue;
    }
    if (total && !last) error(child, "this rule of <first> has no 'if': the rules behind it can never run");
    if (!total && last) error(child, step.label() + ": its last rule must have no 'if', so that no case is forgotten");
    step.body.push_back(rule(child));
    if (step.body.back().hasElse) error(child, "a rule inside <first> has no <else>: the next rule is its else");
  }
  if (node.children.empty()) error(node, step.label() + " is empty; its last rule must have no 'if'");
  return step;
}

StepSource RuleReader::route(const Node& node) {
  allow(node, {"!name"}, false);
  StepSource step = begun(StepSource::Kind::route, node);
  if (_names.pipeline && node.attribute("name")) _names.pipeline->routes.push_back({step.name, node.location});
  return step;
}

StepSource RuleReader::leave(const Node& node) {
  allow(node, {"value"}, false);
  StepSource step = begun(StepSource::Kind::leave, node);
  const std::string* value = node.attribute("value");
  if (!value) return step;
  const auto flag = parseBoolean(*value);
  if (!flag) error(node, "<return>: attribute 'value': '" + *value + "' is no boolean; allowed: true, false");
  step.value = flag.value_or(true);
  return step;
}

StepSource RuleReader::set(const Node& node) {
  allow(node, {"!name", "!value"}, false);
  StepSource step = begun(StepSource::Kind::set, node);
  const std::string* name = node.attribute("name");
  const std::string* value = node.attribute("value");
  if (!name || !value) return step;
  if (auto found = ExpressionParser(*name, node.location, "<set>: attribute 'name'", _names).variableAlone())
    step.target = std::move(*found);
  step.text = interpolated(*value, node.location, "value", _names);
  if (!step.target.declaration) return step;
  if (!step.target.declaration->writable) error(node, "<set>: variable '" + step.target.written + "' cannot be set");
  Parameter parameter;
  parameter.type = step.target.type();
  std::optional<std::string> why;
  if (isConstant(step.text))
    why = misfit(parameter, constantText(step.text));
  else if (step.text.size() == 1)
    why = misfit(parameter, *step.text.front().variable);
  if (why) error(node, "<set> of '" + step.target.written + "': '" + written(step.text) + "' " + *why);
  return step;
}

std::optional<StepSource> RuleReader::action(const Node& node) {
  StepSource step = begun(StepSource::Kind::action, node);
  step.name = node.name;
  step.call.action = _names.vocabulary.action(node.name);
  step.call.location = node.location;
  if (!step.call.action) {
    error(node, _names.unknownAction(node.name, false));
    return std::nullopt;
  }
  if (!step.call.action->step) error(node, "action '" + node.name + "' may stand in expressions only: if=\"" + node.name + "(...)\"");
  if (!node.children.empty())
    error(node.children.front(), "<" + node.children.front().name + "> inside action <" + node.name + ">; actions have attributes only");
  _names.use("action", node.name, step.call.action->entries, node.location);
  std::vector<GivenArgument> given;
  for (const Attribute& attribute : node.attributes)
    given.push_back(
        {attribute.name, interpolated(attribute.value, node.location, attribute.name, _names), "attribute '" + attribute.name + "'"});
  takeArguments(step.call, std::move(given), _names);
  return step;
}

std::optional<Condition> RuleReader::condition(const Node& node) {
  const std::string* text = node.attribute("if");
  if (!text) return std::nullopt;
  auto found = ExpressionParser(*text, node.location, "attribute 'if'", _names).condition();
  if (!found) return Condition();  // reported; a rule with `if` does not hold always
  warnOfEdits(*found, false);
  return found;
}

/// An action right of `and` or `or` runs only sometimes: what it changes is changed only sometimes.
void RuleReader::warnOfEdits(const Condition& condition, bool conditional) {
  bool behind = conditional;
  for (const Condition& part : condition.parts) {
    warnOfEdits(part, behind);
    if (condition.kind != Condition::Kind::negation) behind = true;
  }
  const ActionDeclaration* action = condition.call.action;
  if (condition.kind != Condition::Kind::call || !conditional || !action || !(action->effects & ~reads)) return;
  _names.problems.warning(condition.call.location,
                          "attribute 'if': '" + action->name +
                              "' right of 'and' or 'or' runs only sometimes, and it does more than look; give it a rule of its own");
}

void RuleReader::nameOnce(const Node& node, const std::string& name) {
  if (name.empty()) return;
  const auto [found, fresh] = _ruleNames.try_emplace(name, node.location);
  if (!fresh) error(node, "duplicate rule name '" + name + "'; it stands already in line " + std::to_string(found->second.line));
}

void RuleReader::allow(const Node& node, std::initializer_list<const char*> attributes, bool children) {
  std::vector<std::string> allowed;
  for (const char* attribute : attributes) {
    const bool required = *attribute == '!';
    allowed.emplace_back(attribute + (required ? 1 : 0));
    if (required && !node.attribute(allowed.back())) error(node, "<" + node.name + "> lacks its attribute '" + allowed.back() + "'");
  }
  for (const Attribute& attribute : node.attributes) {
    if (std::find(allowed.begin(), allowed.end(), attribute.name) != allowed.end()) continue;
    const std::string advice = allowed.empty() ? "; it has none" : suggestion(attribute.name, allowed);
    error(node, "<" + node.name + "> has no attribute '" + attribute.name + "'" + advice);
  }
  if (!children && !node.children.empty())
    error(node.children.front(), "<" + node.children.front().name + "> inside <" + node.name + ">, which has no children");
}

}  // namespace Patchbay::Pipeline
