#pragma once

#include "Routes.h"

namespace Patchbay::Pipeline {

/// How pipelines can end: nothing stands behind what always ends, and a pipeline that must settle cannot end otherwise unnoticed.
class Flow {
 public:
  Flow(const std::vector<PipelineSource>& pipelines, const Routes& routes, const Vocabulary& vocabulary, Problems& problems);
  void check();

 private:
  /// What can come of steps: bits.
  enum Outcome : unsigned { falls = 1, settles = 2, leaves = 4, stops = 8 };
  using Body = std::vector<StepSource>;
  using Path = std::vector<std::string>;

  unsigned ofBody(const Body& body, bool report);
  unsigned ofStep(const StepSource& step, bool report);
  unsigned ofRule(const StepSource& rule, bool report);
  unsigned ofCondition(const Condition& condition) const;
  void reportBehind(const StepSource& ending, const StepSource& behind);
  void warnUnsettled(const PipelineSource& pipeline);
  bool escapes(const Body& body, Path& path);
  bool passes(const StepSource& step, Path& path);
  bool passesBody(const Body& body, Path& path);
  bool leavesOrStops(const StepSource& step, Path& path);

  const std::vector<PipelineSource>& _pipelines;
  const Routes& _routes;
  const Vocabulary& _vocabulary;
  Problems& _problems;
  std::vector<unsigned> _outcomes;
};

}  // namespace Patchbay::Pipeline
