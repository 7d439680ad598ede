#include "Binder.h"

#include <algorithm>

namespace Patchbay::Pipeline {

namespace {

int64_t numberOf(Type type, std::string_view text) {
  const auto value = valueOf(type, text);
  return value ? value->integer() : 0;
}

std::string constantOf(const Plan& plan) {
  std::string text;
  for (const PlanPiece& piece : plan) text += piece.literal;
  return text;
}

bool isConstant(const Plan& plan) {
  return std::all_of(plan.begin(), plan.end(), [](const PlanPiece& piece) { return piece.slot < 0; });
}

}  // namespace

const Parameter* Binder::parameter(std::string_view name) const {
  if (!_place) return nullptr;
  for (const Parameter& parameter : _place->declaration->parameters) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

const Plan* Binder::plan(std::string_view parameter) const {
  if (!_place) return nullptr;
  for (const PlannedArgument& argument : _place->arguments) {
    if (_place->declaration->parameters[argument.parameter].name == parameter) return &argument.value;
  }
  return nullptr;
}

std::optional<std::string> Binder::constant(std::string_view name) const {
  if (const Plan* given = plan(name)) return constantOf(*given);
  const Parameter* declared = parameter(name);
  return declared ? declared->fallback : std::nullopt;
}

TextArgument Binder::textOf(const Plan& plan) const {
  if (isConstant(plan)) return TextArgument(constantOf(plan));
  auto parts = std::make_shared<TextArgument::Parts>();
  for (const PlanPiece& piece : plan) {
    const VariableSlot* slot = piece.slot < 0 ? nullptr : &_code.variables[static_cast<size_t>(piece.slot)];
    parts->all.push_back({piece.literal, slot ? slot->bound.get() : nullptr, slot ? slot->declaration->type : Type::text});
  }
  TextArgument argument;
  argument._parts = std::move(parts);
  return argument;
}

TextArgument Binder::text(std::string_view name) {
  const Plan* given = plan(name);
  if (given) return textOf(*given);
  if (!parameter(name)) error("the action binds a parameter '" + std::string(name) + "' that it does not declare");
  return TextArgument(constant(name).value_or(""));
}

IntegerArgument Binder::integer(std::string_view name) {
  const Parameter* declared = parameter(name);
  if (!declared) {
    error("the action binds a parameter '" + std::string(name) + "' that it does not declare");
    return IntegerArgument();
  }
  const Plan* given = plan(name);
  if (!given || isConstant(*given)) return IntegerArgument(numberOf(declared->type, constant(name).value_or("")));
  IntegerArgument argument;
  argument._type = declared->type;
  argument._least = declared->least;
  argument._most = declared->most;
  argument._text = textOf(*given);
  return argument;
}

bool Binder::boolean(std::string_view name) {
  return parseBoolean(constant(name).value_or("")).value_or(false);
}

std::optional<uint8_t> Binder::indexOf(std::vector<std::string>& names, std::string_view name, size_t most, const char* kind) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<uint8_t>(found - names.begin());
  if (names.size() == most) {
    error("'" + std::string(name) + "': more than " + std::to_string(most) + " different " + kind);
    return std::nullopt;
  }
  names.emplace_back(name);
  return static_cast<uint8_t>(names.size() - 1);
}

std::optional<uint8_t> Binder::flagIndex(std::string_view name) {
  return indexOf(_code.flags, name, 64, "flags");
}

std::optional<uint8_t> Binder::attributeIndex(std::string_view name) {
  return indexOf(_code.attributes, name, 256, "attributes");
}

std::optional<uint16_t> Binder::pipeline(std::string_view name, std::string_view on) {
  std::vector<std::string> fitting;
  for (size_t i = 0; i < _code.pipelines.size(); ++i) {
    const PipelineCode& one = _code.pipelines[i];
    if (one.on == on && one.name == name) return static_cast<uint16_t>(i);
    if (one.on == on) fitting.push_back(one.name);
    if (one.on != on && one.name == name) {
      error("pipeline '" + one.name + "' has " + (one.on.empty() ? "no on" : "on=\"" + one.on + "\"") + ", but on=\"" + std::string(on) +
            "\" is needed here");
      return std::nullopt;
    }
  }
  error("unknown pipeline '" + std::string(name) + "' with on=\"" + std::string(on) + "\"" + suggestion(name, fitting));
  return std::nullopt;
}

std::optional<uint16_t> Binder::usualPipeline(std::string_view on) {
  for (size_t i = 0; i < _code.pipelines.size(); ++i)
    if (_code.pipelines[i].on == on && _code.pipelines[i].name == on) return static_cast<uint16_t>(i);
  return std::nullopt;
}

void Binder::error(std::string text) {
  _failed = true;
  _problems.error(_location, _place ? "'" + _place->declaration->name + "': " + std::move(text) : std::move(text));
}

}  // namespace Patchbay::Pipeline
