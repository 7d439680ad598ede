#include "Code.h"

namespace Patchbay::Pipeline {

namespace {

using Op = Instruction::Op;

std::string operation(const ProgramCode& code, const Instruction& in) {
  switch (in.op) {
    case Op::action:
      return std::string(code.actions[in.index].predicate ? "ask " : "do ") + code.actions[in.index].text + (in.settles ? " settles" : "");
    case Op::test:
      return "if " + code.leaves[in.index].text;
    case Op::hit:
      return "rule '" + code.rules[in.index].name + "'";
    case Op::jump:
      return "jump";
    case Op::call:
      return "call '" + code.pipelines[in.index].name + "'";
    case Op::leave:
      return std::string("return ") + (in.value ? "true" : "false");
    case Op::stop:
      return "stop";
    case Op::set:
      return "set " + code.assignments[in.index].text;
  }
  return {};
}

std::string targets(const Instruction& in, size_t at) {
  if (in.op == Op::leave || in.op == Op::stop) return "";
  if (in.op == Op::jump) return " -> " + std::to_string(in.yes);
  if (in.yes == at + 1 && in.no == at + 1) return "";
  return " -> " + std::to_string(in.yes) + ", else " + std::to_string(in.no);
}

}  // namespace

std::string Program::listing() const {
  std::string out;
  size_t at = 0;
  for (size_t i = 0; i < _code->pipelines.size(); ++i) {
    const PipelineCode& pipeline = _code->pipelines[i];
    out += "pipeline '" + pipeline.name + "'" + (pipeline.on.empty() ? "" : " on " + pipeline.on);
    if (pipeline.onError >= 0) out += " on error '" + _code->pipelines[static_cast<size_t>(pipeline.onError)].name + "'";
    out += '\n';
    const size_t end = i + 1 < _code->pipelines.size() ? _code->pipelines[i + 1].start : _code->instructions.size();
    for (; at < end; ++at)
      out += std::to_string(at) + " " + operation(*_code, _code->instructions[at]) + targets(_code->instructions[at], at) + "\n";
  }
  return out;
}

}  // namespace Patchbay::Pipeline
