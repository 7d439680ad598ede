#pragma once

#include <map>

#include "Code.h"
#include "Routes.h"

namespace Patchbay::Pipeline {

/// Checked pipelines -> instructions with jumps. Labels are numbers until the end, then places.
class Compiler {
 public:
  Compiler(const Routes& routes) : _routes(routes) {}
  std::unique_ptr<Program> compile(const std::vector<PipelineSource>& pipelines);

 private:
  using Body = std::vector<StepSource>;
  void pipeline(const PipelineSource& source, PipelineCode& code);
  void body(const Body& steps);
  void step(const StepSource& step);
  void rule(const StepSource& rule, std::optional<uint32_t> end);
  void first(const StepSource& step);
  void action(const CallUse& call);
  void assignment(const StepSource& step);
  void condition(const Condition& condition, uint32_t yes, uint32_t no);
  void parts(const Condition& condition, uint32_t yes, uint32_t no);
  void leaf(const Condition& condition, uint32_t yes, uint32_t no);
  void setLiterals(const Condition& condition, Leaf& leaf);
  uint32_t actionPlace(const CallUse& call);
  uint32_t slot(const VariableUse& use, const Location& location);
  Plan plan(const Pieces& pieces, const Location& location);
  Value valueOf(const Literal& literal);
  uint32_t addRule(std::string name, const Location& location);
  uint32_t called(const std::string& name) const { return static_cast<uint32_t>(*_routes.find(name)); }

  Instruction& emit(Instruction::Op op, uint32_t index = 0);
  /// Goes on with the next instruction whatever comes.
  Instruction& emitStep(Instruction::Op op, uint32_t index = 0);
  uint32_t label();
  void place(uint32_t label) { _labels[label] = static_cast<uint32_t>(_code->instructions.size()); }
  void jump(uint32_t label);
  void resolve();

  const Routes& _routes;
  ProgramCode* _code = nullptr;
  std::vector<uint32_t> _labels;
  std::map<std::string, uint32_t> _slots;
  std::map<const void*, std::shared_ptr<const void>> _declarations;
  uint32_t _rule = 0, _pipeline = 0;
};

}  // namespace Patchbay::Pipeline
