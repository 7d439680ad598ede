#include "Code.h"

/// What people are told about single instructions.
namespace Patchbay::Pipeline {

namespace {

using Op = Instruction::Op;

std::string written(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::absent:
      return "(absent)";
    case Value::Kind::boolean:
      return value.boolean() ? "true" : "false";
    case Value::Kind::integer:
      return std::to_string(value.integer());
    case Value::Kind::address: {
      char text[48];
      return {text, value.address().write(text, false)};
    }
    default:
      return "'" + std::string(value.text()) + "'";
  }
}

/// Variables and what they are worth, each once.
class Values {
 public:
  Values(const ProgramCode& code, Machine& machine) : _code(code), _machine(machine) {}
  void add(uint32_t slot) {
    const VariableSlot& variable = _code.variables[slot];
    const std::string name = variable.written + " = ";
    if (_text.find(name) != std::string::npos) return;
    _text += (_text.empty() ? "" : ", ") + name + written(variable.bound->read(_machine));
  }
  void add(const Plan& plan) {
    for (const PlanPiece& piece : plan)
      if (piece.slot >= 0) add(static_cast<uint32_t>(piece.slot));
  }
  std::string text() && { return std::move(_text); }

 private:
  const ProgramCode& _code;
  Machine& _machine;
  std::string _text;
};

}  // namespace

/// Reading a variable changes nothing but the machine's scratch.
std::string Machine::explain(uint32_t at) const {
  Values values(*_code, const_cast<Machine&>(*this));
  const Instruction& in = _code->instructions[at];
  if (in.op == Op::test && _code->leaves[in.index].kind != Condition::Kind::constant) {
    values.add(_code->leaves[in.index].left);
    if (_code->leaves[in.index].right >= 0) values.add(static_cast<uint32_t>(_code->leaves[in.index].right));
  } else if (in.op == Op::action) {
    for (const PlannedArgument& argument : _code->actions[in.index].arguments) values.add(argument.value);
  } else if (in.op == Op::set) {
    values.add(_code->assignments[in.index].plan);
  }
  return std::move(values).text();
}

std::string Program::textAt(uint32_t at) const {
  const Instruction& in = _code->instructions[at];
  switch (in.op) {
    case Op::test:
      return _code->leaves[in.index].text;
    case Op::action:
      return _code->actions[in.index].text;
    case Op::set:
      return "set " + _code->assignments[in.index].text;
    case Op::call:
      return "route '" + _code->pipelines[in.index].name + "'";
    default:
      return {};
  }
}

/// The rule's when the instruction has none of its own.
Location Program::locationAt(uint32_t at) const {
  const Instruction& in = _code->instructions[at];
  const Location rule = in.rule < _code->rules.size() ? _code->rules[in.rule].location : Location();
  switch (in.op) {
    case Op::test:
      return _code->leaves[in.index].location.file ? _code->leaves[in.index].location : rule;
    case Op::action:
      return _code->actions[in.index].location;
    case Op::set:
      return _code->assignments[in.index].location;
    default:
      return rule;
  }
}

}  // namespace Patchbay::Pipeline
