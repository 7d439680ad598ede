#include "EngineState.h"

namespace Patchbay::Pipeline {

namespace {

constexpr const char* Waiting = "pipeline_suspended";

}  // namespace

bool Engine::State::enter() {
  if (suspended.fetch_add(1, std::memory_order_relaxed) < limits.suspended) return true;
  leave();
  return false;
}

Engine::Engine(Runtime::Workers& workers, Runtime::Metrics& metrics, Limits limits)
    : _state(new State{limits,
                       metrics,
                       {},
                       {},
                       metrics.counter("pipeline_suspensions_total", "Runs of pipelines that had to wait for an answer"),
                       metrics.counter("pipeline_deadlines_total", "Waits that ended without an answer in time"),
                       metrics.counter("pipeline_refused_total", "Waits refused because too many runs waited"),
                       metrics.counter("pipeline_errors_total", "Steps of pipelines that ended with an error"),
                       metrics.counter("pipeline_exceptions_total", "Exceptions that an action let out: faults of a plug-in")}) {
  for (size_t i = 0; i < workers.count(); ++i) _state->deadlines.push_back(std::make_unique<Deadlines>(workers.at(i)));
  State* state = _state.get();
  metrics.gauge(Waiting, "Runs of pipelines that wait now",
                [state] { return static_cast<double>(state->suspended.load(std::memory_order_relaxed)); });
}

Engine::~Engine() {
  _state->metrics.forget(Waiting);
}

size_t Engine::suspended() const {
  return _state->suspended.load(std::memory_order_relaxed);
}

}  // namespace Patchbay::Pipeline
