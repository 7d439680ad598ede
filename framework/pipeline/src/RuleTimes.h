#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "patchbay/pipeline/Machine.h"
#include "patchbay/pipeline/Program.h"

namespace Patchbay::Pipeline {

/// How long rules take: the steps of one run of many on each worker are timed and summed. Shared by the workers, since it is rare that one
/// of them comes here.
class RuleTimes : public StepObserver {
 public:
  /// The first run of a worker is timed, then each 127th: a prime, so that it meets every kind of request though they come in turns.
  static constexpr uint64_t OneOf = 127;

  /// `pipelineRows`: for each rule the one that stands for its pipeline.
  explicit RuleTimes(std::vector<uint32_t> pipelineRows)
      : _pipelineRows(std::move(pipelineRows)), _cells(std::make_unique<Cell[]>(_pipelineRows.size())) {}

  /// The number of a run that is timed; see Machine::sample.
  uint32_t begin() { return _serial.fetch_add(1, std::memory_order_relaxed) + 1; }
  void step(const Machine& machine, const Step& step) override;

  RuleTime of(uint32_t rule) const;
  void carry(uint32_t rule, const RuleTime& before);

 private:
  struct Cell {
    std::atomic<uint64_t> nanoseconds{0}, runs{0};
    std::atomic<uint32_t> seen{0};  ///< the run that came here last
  };
  void add(uint32_t rule, uint32_t run, Runtime::Duration spent);

  const std::vector<uint32_t> _pipelineRows;
  const std::unique_ptr<Cell[]> _cells;
  std::atomic<uint32_t> _serial{0};
};

}  // namespace Patchbay::Pipeline
