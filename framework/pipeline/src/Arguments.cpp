#include "Arguments.h"

#include <algorithm>

#include "ExpressionParser.h"

namespace Patchbay::Pipeline {

namespace {

constexpr size_t MostPieces = 32;  // TextArgument::Parts::Most

const Parameter* parameterNamed(const ActionDeclaration& action, const std::string& name) {
  for (const Parameter& parameter : action.parameters) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

std::vector<std::string> parameterNames(const ActionDeclaration& action) {
  std::vector<std::string> names;
  for (const Parameter& parameter : action.parameters) names.push_back(parameter.name);
  return names;
}

/// Why the value cannot be the parameter's, if so.
std::optional<std::string> misfit(const Parameter& parameter, const Pieces& value) {
  if (isConstant(value)) {
    const std::string text = constantText(value);
    if (const auto why = misfit(parameter, text)) return "'" + text + "' " + *why;
    return std::nullopt;
  }
  if (parameter.constant || parameter.type == Type::boolean) return "'" + written(value) + "' must be constant: no variables here";
  if (value.size() != 1) return std::nullopt;
  if (const auto why = misfit(parameter, *value.front().variable)) return "'" + value.front().variable->written + "' " + *why;
  return std::nullopt;
}

/// The parameter that an argument is for; reports when there is none.
const Parameter* target(const CallUse& call, const GivenArgument& given, size_t position, Names& names) {
  const ActionDeclaration& action = *call.action;
  if (given.name.empty()) {
    if (position < action.parameters.size()) return &action.parameters[position];
    names.problems.error(call.location,
                         given.where + ": '" + action.name + "' takes at most " + std::to_string(action.parameters.size()) + " arguments");
    return nullptr;
  }
  const Parameter* parameter = parameterNamed(action, given.name);
  if (parameter) return parameter;
  const std::string advice = action.parameters.empty() ? "; it takes none" : suggestion(given.name, parameterNames(action));
  names.problems.error(call.location, given.where + ": '" + action.name + "' has no parameter '" + given.name + "'" + advice);
  return nullptr;
}

void requireAll(const CallUse& call, Names& names) {
  for (const Parameter& parameter : call.action->parameters) {
    const bool found = std::any_of(call.arguments.begin(), call.arguments.end(), [&](auto& one) { return one.parameter == &parameter; });
    if (!parameter.required || found) continue;
    const std::string kind = std::string(nameOf(parameter.type)) + unitAdvice(parameter.type);
    names.problems.error(call.location, "'" + call.action->name + "' lacks its " + parameter.name + ": " + kind + ", " + parameter.summary);
  }
}

}  // namespace

void takeArguments(CallUse& call, std::vector<GivenArgument> given, Names& names) {
  size_t position = 0;
  for (GivenArgument& argument : given) {
    const Parameter* parameter = target(call, argument, position++, names);
    if (!parameter) continue;
    const bool twice = std::any_of(call.arguments.begin(), call.arguments.end(), [&](auto& one) { return one.parameter == parameter; });
    if (twice) names.problems.error(call.location, argument.where + ": " + parameter->name + " is given twice");
    if (const auto why = misfit(*parameter, argument.value))
      names.problems.error(call.location, argument.where + ": " + parameter->name + " of '" + call.action->name + "': " + *why);
    if (!twice) call.arguments.push_back({parameter, std::move(argument.value)});
  }
  requireAll(call, names);
}

Pieces interpolated(const std::string& text, const Location& location, const std::string& attribute, Names& names) {
  Pieces pieces;
  const auto literal = [&](std::string_view part) {
    if (part.empty()) return;
    if (pieces.empty() || pieces.back().variable) pieces.emplace_back();
    pieces.back().literal += part;
  };
  for (size_t at = 0; at < text.size();) {
    const size_t begin = std::min(text.find("${", at), text.size());
    const bool plain = begin > at && begin < text.size() && text[begin - 1] == '$';
    literal(std::string_view(text).substr(at, begin - at - (plain ? 1 : 0)));
    at = begin + (begin < text.size() ? 2 : 0);
    if (begin == text.size()) break;
    if (plain) {
      literal("${");
      continue;
    }
    const size_t end = text.find('}', at);
    if (end == std::string::npos) {
      names.problems.error(location, "attribute '" + attribute + "': '${' lacks its '}'");
      break;
    }
    const std::string name = text.substr(at, end - at);
    at = end + 1;
    const auto constant = names.constants.find(name);
    if (constant != names.constants.end())
      literal(constant->second);
    else if (auto variable = ExpressionParser(name, location, "attribute '" + attribute + "'", names).variableAlone())
      pieces.push_back({{}, std::move(variable)});
  }
  if (pieces.size() > MostPieces) {
    names.problems.error(location, "attribute '" + attribute + "': more than " + std::to_string(MostPieces) + " parts");
    pieces.clear();
  }
  return pieces;
}

}  // namespace Patchbay::Pipeline
