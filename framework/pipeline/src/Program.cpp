#include "patchbay/pipeline/Program.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <map>

#include "Binder.h"
#include "Compiler.h"
#include "Flow.h"
#include "RuleReader.h"
#include "RuleTimes.h"

namespace Patchbay::Pipeline {

namespace {

constexpr size_t MostPipelines = 65535;

size_t errorsIn(const Problems& problems) {
  const auto isError = [](const Problem& problem) { return problem.severity == Problem::Severity::error; };
  return static_cast<size_t>(std::count_if(problems.all().begin(), problems.all().end(), isError));
}

/// Calls a declaration's bind; what it throws is a problem of the place.
template <class Bind>
auto bound(Binder& binder, Bind&& bind) -> decltype(bind()) {
  try {
    auto made = bind();
    if (!made && !binder.failed()) binder.error("binds to nothing");
    if (binder.failed()) return nullptr;
    return made;
  } catch (const Poco::Exception& problem) {
    binder.error(problem.displayText());
  } catch (const std::exception& problem) {
    binder.error(problem.what());
  }
  return nullptr;
}

bool bindVariables(ProgramCode& code, Problems& problems) {
  bool good = true;
  for (VariableSlot& slot : code.variables) {
    Binder binder(code, slot.location, nullptr, problems);
    slot.bound = bound(binder, [&] { return slot.declaration->bind(slot.reference, binder); });
    good &= slot.bound != nullptr;
  }
  return good;
}

bool bindLeaves(ProgramCode& code, Problems& problems) {
  bool good = true;
  for (Leaf& leaf : code.leaves) {
    if (leaf.kind == Condition::Kind::constant) continue;
    const VariableSlot& left = code.variables[leaf.left];
    leaf.leftVariable = left.bound.get();
    if (leaf.right >= 0) leaf.rightVariable = code.variables[static_cast<size_t>(leaf.right)].bound.get();
    if (!leaf.declaration) continue;
    Binder binder(code, leaf.location, nullptr, problems);
    leaf.membership = bound(binder, [&] { return leaf.declaration->bind(left.written, binder); });
    good &= leaf.membership != nullptr;
  }
  return good;
}

bool bindActions(ProgramCode& code, Problems& problems) {
  bool good = true;
  for (ActionPlace& place : code.actions) {
    Binder binder(code, place.location, &place, problems);
    place.bound = bound(binder, [&] { return place.declaration->bind(binder); });
    good &= place.bound != nullptr;
  }
  for (Assignment& assignment : code.assignments)
    assignment.argument = Binder(code, assignment.location, nullptr, problems).textOf(assignment.plan);
  return good;
}

}  // namespace

void ProgramCode::makeHits() {
  constexpr size_t Line = 64 / sizeof(uint64_t);
  hitStride = (rules.size() + Line) / Line * Line;
  hits = std::make_unique<std::atomic<uint64_t>[]>(hitStride * (Runtime::Workers::Most + 1));
  std::vector<uint32_t> rows;
  for (const uint32_t pipeline : pipelineOfRule) rows.push_back(pipelines[pipeline].rule);
  times = std::make_unique<RuleTimes>(std::move(rows));
}

ProgramCode::ProgramCode() = default;
ProgramCode::~ProgramCode() = default;

Program::Program() : _code(std::make_unique<Code>()) {}
Program::~Program() = default;

std::unique_ptr<Program> Program::check(const Node& routing, const Vocabulary& vocabulary, const Constants& constants, Problems& problems) {
  const size_t before = errorsIn(problems);
  const std::vector<PipelineSource> pipelines = RuleReader(vocabulary, constants, problems).read(routing);
  if (pipelines.size() > MostPipelines) problems.error(routing.location, "more than 65535 pipelines");
  Routes routes(pipelines, vocabulary, problems);
  if (routes.check()) Flow(pipelines, routes, vocabulary, problems).check();
  if (errorsIn(problems) != before) return nullptr;
  return Compiler(routes).compile(pipelines);
}

bool Program::bind(Problems& problems) {
  const bool variables = bindVariables(*_code, problems);
  const bool leaves = bindLeaves(*_code, problems);
  const bool actions = bindActions(*_code, problems);
  return variables && leaves && actions;
}

std::optional<uint16_t> Program::entry(std::string_view on) const {
  if (on.empty()) return std::nullopt;
  for (size_t i = 0; i < _code->pipelines.size(); ++i) {
    if (_code->pipelines[i].on == on) return static_cast<uint16_t>(i);
  }
  return std::nullopt;
}

const std::vector<RuleInfo>& Program::rules() const {
  return _code->rules;
}

uint64_t Program::hits(uint32_t rule) const {
  uint64_t sum = 0;
  if (rule >= _code->rules.size()) return 0;
  for (size_t slot = 0; slot <= Runtime::Workers::Most; ++slot)
    sum += _code->hits[slot * _code->hitStride + rule].load(std::memory_order_relaxed);
  return sum;
}

RuleTime Program::time(uint32_t rule) const {
  return rule < _code->rules.size() ? _code->times->of(rule) : RuleTime();
}

void Program::carryHits(const Program& earlier) {
  std::map<std::pair<std::string, std::string>, uint32_t> known;
  const auto& before = earlier.rules();
  for (uint32_t i = 0; i < before.size(); ++i) known.try_emplace({before[i].pipeline, before[i].name}, i);
  for (uint32_t i = 0; i < _code->rules.size(); ++i) {
    const auto found = known.find({_code->rules[i].pipeline, _code->rules[i].name});
    if (found == known.end()) continue;
    _code->hits[i].fetch_add(earlier.hits(found->second), std::memory_order_relaxed);
    _code->times->carry(i, earlier.time(found->second));
    known.erase(found);  // of rules with the same name, or none, the first
  }
}

const std::vector<std::string>& Program::attributes() const {
  return _code->attributes;
}

const std::vector<std::string>& Program::flags() const {
  return _code->flags;
}

}  // namespace Patchbay::Pipeline
