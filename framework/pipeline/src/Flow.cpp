#include "Flow.h"

namespace Patchbay::Pipeline {

namespace {

bool settlesAsStep(const StepSource& step) {
  return step.kind == StepSource::Kind::action && step.call.action && step.call.action->settles;
}

bool isAfter(const StepSource& step) {
  return step.kind == StepSource::Kind::action && step.call.action && step.call.action->after;
}

std::string place(const StepSource& step) {
  return step.name.empty() ? step.label() : step.label() + " (line " + std::to_string(step.location.line) + ")";
}

}  // namespace

Flow::Flow(const std::vector<PipelineSource>& pipelines, const Routes& routes, const Vocabulary& vocabulary, Problems& problems)
    : _pipelines(pipelines), _routes(routes), _vocabulary(vocabulary), _problems(problems), _outcomes(pipelines.size(), falls) {}

void Flow::check() {
  for (const size_t one : _routes.order()) {
    const unsigned outcome = ofBody(_pipelines[one].body, true);
    _outcomes[one] = ((outcome & (falls | leaves)) ? unsigned{falls} : 0U) | (outcome & (settles | stops));
  }
  for (size_t i = 0; i < _pipelines.size(); ++i) {
    const EntryDeclaration* entry = _vocabulary.entry(_pipelines[i].on);
    if (entry && entry->mustSettle && (_outcomes[i] & (falls | stops))) warnUnsettled(_pipelines[i]);
  }
}

unsigned Flow::ofBody(const Body& body, bool report) {
  unsigned all = 0;
  const StepSource* ending = nullptr;
  for (const StepSource& step : body) {
    if (ending) {
      if (settlesAsStep(*ending) && isAfter(step)) continue;
      if (report) reportBehind(*ending, step);
      break;
    }
    const unsigned outcome = ofStep(step, report);
    all |= outcome & ~falls;
    if (!(outcome & falls)) ending = &step;
  }
  return ending ? all : all | falls;
}

void Flow::reportBehind(const StepSource& ending, const StepSource& behind) {
  std::string text = behind.label() + " can never run: ";
  if (settlesAsStep(ending)) {
    text += ending.label() + " in line " + std::to_string(ending.location.line) + " settles; behind it may stand ";
    std::string allowed;
    for (const ActionDeclaration& action : _vocabulary.actions()) {
      if (action.after) allowed += (allowed.empty() ? "only " : ", ") + action.name;
    }
    text += allowed.empty() ? "nothing" : allowed;
  } else {
    text += place(ending) + " before it always settles or ends";
  }
  _problems.error(behind.location, text);
}

unsigned Flow::ofStep(const StepSource& step, bool report) {
  switch (step.kind) {
    case StepSource::Kind::action:
      return settlesAsStep(step) ? settles : falls;
    case StepSource::Kind::set:
      return falls;
    case StepSource::Kind::leave:
      return leaves;
    case StepSource::Kind::stop:
      return stops;
    case StepSource::Kind::route: {
      const auto target = _routes.find(step.name);
      return target ? _outcomes[*target] : falls;
    }
    case StepSource::Kind::rule:
      return ofRule(step, report);
    case StepSource::Kind::first: {
      unsigned all = 0;
      for (const StepSource& rule : step.body) all |= (rule.condition ? ofCondition(*rule.condition) : 0U) | ofBody(rule.body, report);
      return step.body.empty() ? unsigned{falls} : all;
    }
  }
  return falls;
}

unsigned Flow::ofRule(const StepSource& rule, bool report) {
  const unsigned body = ofBody(rule.body, report);
  if (!rule.condition) return body;
  const unsigned otherwise = rule.hasElse ? ofBody(rule.otherwise, report) : unsigned{falls};
  return ofCondition(*rule.condition) | body | otherwise;
}

unsigned Flow::ofCondition(const Condition& condition) const {
  unsigned all = 0;
  for (const Condition& part : condition.parts) all |= ofCondition(part);
  if (condition.kind == Condition::Kind::call && condition.call.action && condition.call.action->settlesAsPredicate) all |= settles;
  if (condition.kind != Condition::Kind::route) return all;
  const auto target = _routes.find(condition.route);
  return target ? all | (_outcomes[*target] & ~unsigned{falls}) : all;
}

void Flow::warnUnsettled(const PipelineSource& pipeline) {
  constexpr size_t Most = 12;
  Path path;
  if (!passesBody(pipeline.body, path)) {
    path.clear();
    escapes(pipeline.body, path);
  } else {
    path.push_back("the end");
  }
  std::string text;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path.size() > Most && i == Most / 2) text += ", ...";
    if (path.size() > Most && i >= Most / 2 && i + Most / 2 < path.size()) continue;
    text += (text.empty() ? "" : ", ") + path[i];
  }
  _problems.warning(pipeline.location, "pipeline '" + pipeline.name + "' can end without settling: " + text);
}

/// A way from the first step to behind the last.
bool Flow::passesBody(const Body& body, Path& path) {
  for (const StepSource& step : body) {
    if (!passes(step, path)) return false;
  }
  return true;
}

bool Flow::passes(const StepSource& step, Path& path) {
  if (!(ofStep(step, false) & falls)) return false;
  if (step.kind == StepSource::Kind::route) path.push_back("'" + step.name + "' comes back");
  if (step.kind == StepSource::Kind::first) {
    for (const StepSource& rule : step.body) {
      if (!(ofBody(rule.body, false) & falls)) continue;
      path.push_back("in " + place(rule));
      return passesBody(rule.body, path);
    }
  }
  if (step.kind != StepSource::Kind::rule) return true;
  if (step.condition && (!step.hasElse || (ofBody(step.otherwise, false) & falls))) {
    path.push_back("not " + place(step));
    return passesBody(step.otherwise, path);
  }
  path.push_back("in " + place(step));
  return passesBody(step.body, path);
}

/// A way to a <return/> or <stop/> of the pipeline itself, or of one that it calls.
bool Flow::escapes(const Body& body, Path& path) {
  for (const StepSource& step : body) {
    const size_t length = path.size();
    if (leavesOrStops(step, path)) return true;
    path.resize(length);
    if (!passes(step, path)) return false;
  }
  return false;
}

bool Flow::leavesOrStops(const StepSource& step, Path& path) {
  if (!(ofStep(step, false) & (leaves | stops))) return false;
  const size_t length = path.size();
  if (step.kind == StepSource::Kind::first) {
    for (const StepSource& rule : step.body) {
      if (leavesOrStops(rule, path)) return true;
    }
    return false;
  }
  path.push_back(step.kind == StepSource::Kind::rule ? "in " + place(step)
                                                     : step.label() + " in line " + std::to_string(step.location.line));
  if (step.kind != StepSource::Kind::rule || escapes(step.body, path)) return true;
  path.resize(length);
  path.push_back("not " + place(step));
  return escapes(step.otherwise, path);
}

}  // namespace Patchbay::Pipeline
