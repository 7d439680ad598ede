#include "Compiler.h"

namespace Patchbay::Pipeline {

namespace {

using Op = Instruction::Op;

/// One copy of a declaration, so that a program does not depend on the vocabulary's memory.
template <class T>
std::shared_ptr<const T> kept(std::map<const void*, std::shared_ptr<const void>>& all, const T* declaration) {
  std::shared_ptr<const void>& copy = all[declaration];
  if (!copy) copy = std::make_shared<const T>(*declaration);
  return std::static_pointer_cast<const T>(copy);
}

std::string listOf(const std::vector<Literal>& literals) {
  std::string text;
  for (const Literal& literal : literals) text += (text.empty() ? "" : ", ") + literal.toString();
  return "(" + text + ")";
}

std::string textOf(const Condition& condition) {
  const std::string left = condition.left.written + " ";
  const std::string no = condition.negated ? "not " : "";
  switch (condition.kind) {
    case Condition::Kind::constant:
      return condition.literals.front().number ? "true" : "false";
    case Condition::Kind::compare:
      return left + signOf(condition.comparison) + " " +
             (condition.right ? condition.right->written : condition.literals.front().toString());
    case Condition::Kind::match:
      return left + (condition.negated ? "!~ " : "=~ ") + condition.literals.front().toString();
    case Condition::Kind::among:
      return left + no + "in " + listOf(condition.literals);
    case Condition::Kind::membership:
      return left + (condition.membership->set ? no + "in " : condition.negated ? "!= " : "== ") + condition.membership->name;
    default:
      return condition.left.written;
  }
}

}  // namespace

std::unique_ptr<Program> Compiler::compile(const std::vector<PipelineSource>& pipelines) {
  std::unique_ptr<Program> program(new Program);
  _code = program->_code.get();
  _code->pipelines.resize(pipelines.size());
  for (_pipeline = 0; _pipeline < pipelines.size(); ++_pipeline) pipeline(pipelines[_pipeline], _code->pipelines[_pipeline]);
  resolve();
  _code->makeHits();
  return program;
}

void Compiler::pipeline(const PipelineSource& source, PipelineCode& code) {
  code.name = source.name;
  code.on = source.on;
  code.start = static_cast<uint32_t>(_code->instructions.size());
  code.rule = _rule = addRule("", source.location);
  if (!source.onError.empty()) code.onError = static_cast<int>(called(source.onError));
  emitStep(Op::hit, code.rule);
  body(source.body);
  emit(Op::leave);
}

uint32_t Compiler::addRule(std::string name, const Location& location) {
  _code->rules.push_back({_code->pipelines[_pipeline].name, std::move(name), location});
  _code->pipelineOfRule.push_back(_pipeline);
  return static_cast<uint32_t>(_code->rules.size() - 1);
}

void Compiler::body(const Body& steps) {
  for (const StepSource& one : steps) step(one);
}

void Compiler::step(const StepSource& step) {
  switch (step.kind) {
    case StepSource::Kind::action:
      return action(step.call);
    case StepSource::Kind::rule:
      return rule(step, std::nullopt);
    case StepSource::Kind::first:
      return first(step);
    case StepSource::Kind::route:
      emitStep(Op::call, called(step.name));
      return;
    case StepSource::Kind::leave:
      emit(Op::leave).value = step.value;
      return;
    case StepSource::Kind::stop:
      emit(Op::stop);
      return;
    case StepSource::Kind::set:
      return assignment(step);
  }
}

void Compiler::action(const CallUse& call) {
  const uint32_t place = actionPlace(call);
  Instruction& instruction = emitStep(Op::action, place);
  instruction.settles = call.action->settles;
  instruction.after = call.action->after;
}

/// `end` is where a rule of <first> goes when it is done.
void Compiler::rule(const StepSource& rule, std::optional<uint32_t> end) {
  const uint32_t outer = _rule;
  _rule = addRule(rule.name, rule.location);
  const uint32_t yes = label(), no = label();
  if (rule.condition) condition(*rule.condition, yes, no);
  place(yes);
  emitStep(Op::hit, _rule);
  body(rule.body);
  if (rule.hasElse) {
    const uint32_t behind = label();
    jump(behind);
    place(no);
    body(rule.otherwise);
    place(behind);
  } else {
    if (end && rule.condition) jump(*end);
    place(no);
  }
  _rule = outer;
}

void Compiler::first(const StepSource& step) {
  const uint32_t outer = _rule;
  if (!step.name.empty()) {
    _rule = addRule(step.name, step.location);
    emitStep(Op::hit, _rule);
  }
  const uint32_t end = label();
  for (const StepSource& one : step.body) rule(one, end);
  place(end);
  _rule = outer;
}

void Compiler::assignment(const StepSource& step) {
  Assignment made;
  made.slot = slot(step.target, step.location);
  made.plan = plan(step.text, step.location);
  made.location = step.location;
  made.text = step.target.written + " = \"" + written(step.text) + "\"";
  if (isConstant(step.text)) {
    made.constant = Pipeline::valueOf(step.target.type(), _code->keep(constantText(step.text))).value_or(Value());
  } else if (step.text.size() == 1 && step.text.front().variable->type() == step.target.type()) {
    made.single = made.plan.front().slot;
  }
  _code->assignments.push_back(std::move(made));
  emitStep(Op::set, static_cast<uint32_t>(_code->assignments.size() - 1));
}

void Compiler::condition(const Condition& condition, uint32_t yes, uint32_t no) {
  switch (condition.kind) {
    case Condition::Kind::every:
    case Condition::Kind::any:
      return parts(condition, yes, no);
    case Condition::Kind::negation:
      return this->condition(condition.parts.front(), no, yes);
    case Condition::Kind::call: {
      const uint32_t place = actionPlace(condition.call);
      Instruction& instruction = emit(Op::action, place);
      instruction.settles = condition.call.action->settlesAsPredicate;
      instruction.yes = yes;
      instruction.no = no;
      return;
    }
    case Condition::Kind::route: {
      Instruction& instruction = emit(Op::call, called(condition.route));
      instruction.yes = yes;
      instruction.no = no;
      return;
    }
    default:
      return leaf(condition, yes, no);
  }
}

void Compiler::parts(const Condition& condition, uint32_t yes, uint32_t no) {
  const bool every = condition.kind == Condition::Kind::every;
  for (const Condition& part : condition.parts) {
    if (&part == &condition.parts.back()) return this->condition(part, yes, no);
    const uint32_t next = label();
    this->condition(part, every ? next : yes, every ? no : next);
    place(next);
  }
}

void Compiler::leaf(const Condition& condition, uint32_t yes, uint32_t no) {
  Leaf& leaf = _code->leaves.emplace_back();
  leaf.kind = condition.kind;
  leaf.negated = condition.negated;
  leaf.comparison = condition.comparison;
  leaf.location = condition.location;
  leaf.text = textOf(condition);
  if (condition.kind != Condition::Kind::constant) leaf.left = slot(condition.left, condition.location);
  if (condition.right) leaf.right = static_cast<int>(slot(*condition.right, condition.location));
  if (condition.membership) leaf.declaration = kept(_declarations, condition.membership);
  setLiterals(condition, leaf);
  Instruction& instruction = emit(Op::test, static_cast<uint32_t>(_code->leaves.size() - 1));
  instruction.yes = yes;
  instruction.no = no;
}

void Compiler::setLiterals(const Condition& condition, Leaf& leaf) {
  if (condition.kind == Condition::Kind::match) {
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    leaf.expression = std::make_unique<RE2>(condition.literals.front().text, options);
  } else if (condition.kind == Condition::Kind::among) {
    for (const Literal& literal : condition.literals) {
      if (literal.type == Type::network || literal.type == Type::address)
        leaf.networks.push_back(literal.network);
      else
        leaf.values.push_back(valueOf(literal));
    }
  } else if (!condition.literals.empty()) {
    leaf.constant = valueOf(condition.literals.front());
  }
}

Value Compiler::valueOf(const Literal& literal) {
  switch (literal.type) {
    case Type::text:
      return Value::of(_code->keep(literal.text));
    case Type::address:
    case Type::network:
      return Value::of(literal.network.address);
    case Type::boolean:
      return Value::of(literal.number != 0);
    default:
      return Value::of(literal.number);
  }
}

uint32_t Compiler::actionPlace(const CallUse& call) {
  ActionPlace place;
  place.declaration = kept(_declarations, call.action);
  place.location = call.location;
  place.predicate = call.predicate;
  std::map<std::string, std::string> shown;
  for (const ArgumentUse& argument : call.arguments) {
    const auto index = static_cast<size_t>(argument.parameter - call.action->parameters.data());
    place.arguments.push_back({index, plan(argument.value, call.location)});
    shown[argument.parameter->name] = written(argument.value);
  }
  for (const auto& [name, value] : shown) place.text += (place.text.empty() ? "" : ", ") + name + "=\"" + value + "\"";
  place.text = call.action->name + "(" + place.text + ")";
  _code->actions.push_back(std::move(place));
  return static_cast<uint32_t>(_code->actions.size() - 1);
}

uint32_t Compiler::slot(const VariableUse& use, const Location& location) {
  const auto [found, fresh] = _slots.try_emplace(use.written, static_cast<uint32_t>(_code->variables.size()));
  if (fresh) _code->variables.push_back({kept(_declarations, use.declaration), use.reference, use.written, location, nullptr});
  return found->second;
}

Plan Compiler::plan(const Pieces& pieces, const Location& location) {
  Plan plan;
  for (const Piece& piece : pieces)
    plan.push_back({piece.literal, piece.variable ? static_cast<int>(slot(*piece.variable, location)) : -1});
  return plan;
}

Instruction& Compiler::emit(Op op, uint32_t index) {
  Instruction& instruction = _code->instructions.emplace_back();
  instruction.op = op;
  instruction.index = index;
  instruction.rule = _rule;
  return instruction;
}

Instruction& Compiler::emitStep(Op op, uint32_t index) {
  const uint32_t next = label();
  Instruction& instruction = emit(op, index);
  instruction.yes = instruction.no = next;
  place(next);
  return instruction;
}

uint32_t Compiler::label() {
  _labels.push_back(0);
  return static_cast<uint32_t>(_labels.size() - 1);
}

void Compiler::jump(uint32_t label) {
  emit(Op::jump).yes = label;
}

void Compiler::resolve() {
  if (_labels.empty()) return;
  for (Instruction& instruction : _code->instructions) {
    if (instruction.op == Op::leave || instruction.op == Op::stop) continue;
    instruction.yes = _labels[instruction.yes];
    instruction.no = instruction.op == Op::jump ? 0 : _labels[instruction.no];
  }
}

}  // namespace Patchbay::Pipeline
