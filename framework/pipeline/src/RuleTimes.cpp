#include "RuleTimes.h"

namespace Patchbay::Pipeline {

void RuleTimes::step(const Machine& machine, const Step& step) {
  add(step.rule, machine.sample(), step.spent);
  const uint32_t pipeline = _pipelineRows[step.rule];
  if (pipeline != step.rule) add(pipeline, machine.sample(), step.spent);
}

void RuleTimes::add(uint32_t rule, uint32_t run, Runtime::Duration spent) {
  Cell& cell = _cells[rule];
  cell.nanoseconds.fetch_add(static_cast<uint64_t>(spent.count()), std::memory_order_relaxed);
  if (cell.seen.exchange(run, std::memory_order_relaxed) != run) cell.runs.fetch_add(1, std::memory_order_relaxed);
}

RuleTime RuleTimes::of(uint32_t rule) const {
  const Cell& cell = _cells[rule];
  return {cell.runs.load(std::memory_order_relaxed), std::chrono::nanoseconds(cell.nanoseconds.load(std::memory_order_relaxed))};
}

void RuleTimes::carry(uint32_t rule, const RuleTime& before) {
  _cells[rule].runs.fetch_add(before.runs, std::memory_order_relaxed);
  _cells[rule].nanoseconds.fetch_add(static_cast<uint64_t>(before.spent.count()), std::memory_order_relaxed);
}

}  // namespace Patchbay::Pipeline
