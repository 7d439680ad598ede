#include "TurnMeter.h"

#include <algorithm>

namespace Patchbay::Runtime {

void TurnMeter::publish(Metrics& metrics, size_t worker) {
  const std::string number = std::to_string(worker);
  for (size_t i = 0; i < Names.size(); ++i) {
    const auto part = static_cast<Part>(i);
    metrics.gauge("worker_longest_turn_seconds",
                  "The longest that one turn of a worker took since the start: in all, of CPU, blocked in system calls or by locks, queued "
                  "for a core. "
                  "Turns over 5 ms are looked at, to within 2 ms.",
                  [this, part] { return std::chrono::duration<double>(longest(part)).count(); }, {{"worker", number}, {"of", Names[i]}});
    if (part != Part::wall)
      _long[i] = &metrics.counter("worker_long_turns_total", "Turns of a worker that took over 20 ms, by what took the most of it.",
                                  {{"worker", number}, {"of", Names[i]}});
  }
}

void TurnMeter::know(Instant now) {
  if (!_clock) return;
  _known = _clock->read();
  _knownAt = now;
}

void TurnMeter::judge(Duration wall) {
  if (!_clock) return;
  const ThreadUse use = _clock->read();
  const Duration cpu = std::min(use.cpu - _known.cpu, wall);
  const Duration queued = std::min(use.queued - _known.queued, wall - cpu);
  const Duration blocked = wall - cpu - queued;
  remember(Part::wall, wall);
  remember(Part::cpu, cpu);
  remember(Part::blocked, blocked);
  remember(Part::queued, queued);
  if (wall <= Long) return;
  const Part most = blocked >= cpu && blocked >= queued ? Part::blocked : cpu >= queued ? Part::cpu : Part::queued;
  if (Counter* const counter = _long[static_cast<size_t>(most)]) counter->add();
}

void TurnMeter::remember(Part part, Duration duration) {
  auto& longest = _longest[static_cast<size_t>(part)];
  if (duration.count() > longest.load(std::memory_order_relaxed)) longest.store(duration.count(), std::memory_order_relaxed);
}

}  // namespace Patchbay::Runtime
