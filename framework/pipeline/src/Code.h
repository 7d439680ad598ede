#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "Leaf.h"
#include "patchbay/pipeline/Program.h"

namespace Patchbay::Pipeline {

struct Instruction {
  enum class Op : uint8_t { action, test, hit, jump, call, leave, stop, set };
  Op op = Op::stop;
  bool settles = false;  ///< of an action: its yes settles
  bool after = false;    ///< of an action: may run when the subject is settled
  bool value = true;     ///< of leave
  uint32_t index = 0;    ///< of the action, leaf, rule, assignment or called pipeline
  uint32_t yes = 0;      ///< where it goes on; jumps too
  uint32_t no = 0;
  uint32_t rule = 0;
};

/// A variable of the program, bound once however often it is used.
struct VariableSlot {
  std::shared_ptr<const VariableDeclaration> declaration;
  VariableReference reference;
  std::string written;
  Location location;
  std::unique_ptr<Variable> bound;
};

/// A text with variables as slots; -1 is none.
struct PlanPiece {
  std::string literal;
  int slot = -1;
};
using Plan = std::vector<PlanPiece>;

struct PlannedArgument {
  size_t parameter = 0;  ///< index in the declaration
  Plan value;
};

struct ActionPlace {
  std::shared_ptr<const ActionDeclaration> declaration;
  std::vector<PlannedArgument> arguments;
  Location location;
  bool predicate = false;
  std::string text;  ///< for the listing
  std::unique_ptr<Action> bound;
};

struct Assignment {
  uint32_t slot = 0;
  Plan plan;
  Location location;
  std::string text;
  Value constant;   ///< when it is one
  int single = -1;  ///< the slot, when the text is one variable
  TextArgument argument;
};

struct PipelineCode {
  std::string name, on;
  uint32_t start = 0;
  uint32_t rule = 0;  ///< its own entry in the rules: runs of the pipeline
  int onError = -1;
};

class RuleTimes;

/// What a program consists of.
struct ProgramCode {
  std::vector<Instruction> instructions;
  std::deque<Leaf> leaves;
  std::vector<VariableSlot> variables;
  std::vector<ActionPlace> actions;
  std::vector<Assignment> assignments;
  std::vector<PipelineCode> pipelines;
  std::vector<RuleInfo> rules;
  std::vector<uint32_t> pipelineOfRule;
  std::vector<std::string> attributes, flags;
  std::deque<std::string> texts;  ///< what constant values borrow from

  /// One run of cells a worker, apart by cache lines.
  std::unique_ptr<std::atomic<uint64_t>[]> hits;
  size_t hitStride = 0;  ///< the last cell counts down to the next run that is timed
  std::unique_ptr<RuleTimes> times;

  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
  void makeHits();
  ProgramCode();
  ~ProgramCode();
};

struct Program::Code : ProgramCode {};

/// The value that a text means in this type; none when it means none. Text is borrowed.
std::optional<Value> valueOf(Type type, std::string_view text);

}  // namespace Patchbay::Pipeline
