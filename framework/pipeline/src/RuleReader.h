#pragma once

#include <functional>
#include <set>

#include "Names.h"

namespace Patchbay::Pipeline {

/// Turns `<routing>` into pipelines of steps with names resolved and types checked; everything wrong is reported.
class RuleReader {
 public:
  RuleReader(const Vocabulary& vocabulary, const Constants& constants, Problems& problems)
      : _names{vocabulary, constants, problems, nullptr} {}
  std::vector<PipelineSource> read(const Node& routing);

 private:
  void define(const Node& node);
  PipelineSource pipeline(const Node& node);
  std::vector<StepSource> body(const Node& node, bool elseAllowed);
  std::optional<StepSource> step(const Node& node);
  StepSource rule(const Node& node);
  void otherwise(const Node& node, StepSource& rule);
  StepSource first(const Node& node);
  StepSource route(const Node& node);
  StepSource leave(const Node& node);
  StepSource set(const Node& node);
  std::optional<StepSource> action(const Node& node);
  std::optional<Condition> condition(const Node& node);
  void warnOfEdits(const Condition& condition, bool conditional);
  void nameOnce(const Node& node, const std::string& name);
  /// Reports attributes that are not allowed, required ones (marked by !) that are missing, and children where there may be none.
  void allow(const Node& node, std::initializer_list<const char*> attributes, bool children);
  void error(const Node& node, std::string text) { _names.problems.error(node.location, std::move(text)); }

  Names _names;
  std::map<std::string, Location> _ruleNames;
};

}  // namespace Patchbay::Pipeline
