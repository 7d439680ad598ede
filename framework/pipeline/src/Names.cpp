#include "Names.h"

#include <algorithm>
#include <charconv>

namespace Patchbay::Pipeline {

namespace {

using Form = VariableDeclaration::Form;

std::string printed(const Parameter& parameter, int64_t limit) {
  if (parameter.type == Type::bytes) return std::to_string(limit) + "B";
  if (parameter.type != Type::duration) return std::to_string(limit);
  return limit % 1000000000 == 0 ? std::to_string(limit / 1000000000) + "s" : std::to_string(limit / 1000000) + "ms";
}

std::optional<std::string> outOfRange(const Parameter& parameter, int64_t number) {
  if (number >= parameter.least && number <= parameter.most) return std::nullopt;
  const bool below = parameter.least != std::numeric_limits<int64_t>::min();
  const bool above = parameter.most != std::numeric_limits<int64_t>::max();
  const std::string range =
      (below ? " from " + printed(parameter, parameter.least) : "") + (above ? " to " + printed(parameter, parameter.most) : "");
  return "is out of range; allowed:" + range;
}

bool isNumber(const std::string& text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size();
}

std::optional<std::string> misfitOfType(const Parameter& parameter, const std::string& text) {
  std::optional<int64_t> number;
  switch (parameter.type) {
    case Type::integer:
      number = parseInteger(text);
      break;
    case Type::bytes:
      number = parseBytes(text);
      break;
    case Type::duration:
      if (const auto duration = parseDuration(text)) number = duration->count();
      break;
    case Type::boolean:
      return parseBoolean(text) ? std::nullopt : std::optional<std::string>("is no boolean; allowed: yes, no, true, false, on, off");
    case Type::number:
      return isNumber(text) ? std::nullopt : std::optional<std::string>("is no number");
    case Type::address:
      return Runtime::IpAddress::parse(text) ? std::nullopt : std::optional<std::string>("is no IP address");
    case Type::network:
      return Network::parse(text) ? std::nullopt
                                  : std::optional<std::string>("is no network; write 10.0.0.0/8 with zeros behind the prefix");
    default:
      return std::nullopt;
  }
  if (!number) return std::string("is no ") + nameOf(parameter.type) + unitAdvice(parameter.type);
  return outOfRange(parameter, *number);
}

}  // namespace

std::string unitAdvice(Type type) {
  if (type == Type::duration) return " (with a unit: ms, s, min, h, d)";
  return type == Type::bytes ? " (with a unit: B, KiB, MiB, GiB)" : "";
}

std::optional<std::string> misfit(const Parameter& parameter, const std::string& text) {
  const auto& choices = parameter.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
    return "is not allowed" + suggestion(text, choices);
  return misfitOfType(parameter, text);
}

std::optional<std::string> misfit(const Parameter& parameter, const VariableUse& variable) {
  const Type given = variable.type();
  const bool text = parameter.type == Type::text || parameter.type == Type::list;
  if (!variable.declaration || text || given == Type::text || given == parameter.type) return std::nullopt;
  if (parameter.type == Type::network && given == Type::address) return std::nullopt;
  return std::string("is ") + nameOf(given) + ", but " + nameOf(parameter.type) + " is expected";
}

void Names::use(const char* kind, const std::string& name, const std::vector<std::string>& entries, const Location& location) {
  if (pipeline) pipeline->names.push_back({std::string(kind) + " '" + name + "'", &entries, location});
}

VariableUse Names::variable(const std::string& name, const std::optional<std::string>& key, bool all) const {
  VariableUse use;
  use.written = name + (key ? "['" + *key + "'" + (all ? ",*]" : "]") : "");
  const VariableDeclaration* whole = vocabulary.variable(name);
  if (whole && whole->form == (key ? Form::bracketed : Form::plain)) {
    use.declaration = whole;
    use.reference = {name, key.value_or(""), all};
    return use;
  }
  if (key) return use;
  for (size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    const VariableDeclaration* dotted = vocabulary.variable(name.substr(0, dot));
    if (!dotted || dotted->form != Form::dotted || dot + 1 == name.size()) continue;
    use.declaration = dotted;
    use.reference = {dotted->name, name.substr(dot + 1), false};
    break;
  }
  return use;
}

std::vector<std::string> Names::variableNames() const {
  std::vector<std::string> names;
  for (const VariableDeclaration& variable : vocabulary.variables()) {
    static constexpr const char* Endings[] = {"", ".NAME", "['NAME']"};
    names.push_back(variable.name + Endings[static_cast<int>(variable.form)]);
  }
  return names;
}

std::vector<std::string> Names::membershipNames(bool set) const {
  std::vector<std::string> names;
  for (const MembershipDeclaration& membership : vocabulary.memberships()) {
    if (membership.set == set) names.push_back(membership.name);
  }
  return names;
}

std::vector<std::string> Names::actionNames(bool predicates) const {
  std::vector<std::string> names{"route"};
  if (!predicates) names.insert(names.end(), {"rule", "first", "return", "stop", "set"});
  for (const ActionDeclaration& action : vocabulary.actions()) {
    if (predicates ? action.predicate : action.step) names.push_back(action.name);
  }
  return names;
}

std::string Names::unknownAction(const std::string& name, bool predicate) const {
  const auto found = vocabulary.elsewhere.find(name);
  if (found != vocabulary.elsewhere.end()) return "action '" + name + "' is given by bundle '" + found->second + "', which is not loaded";
  return "unknown action '" + name + "'" + suggestion(name, actionNames(predicate));
}

}  // namespace Patchbay::Pipeline
