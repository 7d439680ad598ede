#include "Recorder.h"

namespace Patchbay::Explain {

struct Recorder::Generation : Pipeline::Snapshot::Part {
  explicit Generation(uint32_t which) : number(which) {}
  const uint32_t number;
};

void Recorder::furnish(Pipeline::Snapshot& next) {
  Rules rules{++_generation, {}};
  for (const auto& rule : next.program().rules()) {
    const std::string name = rule.name.empty() ? (rule.pipeline.empty() ? "(rule)" : rule.pipeline) : rule.name;
    rules.texts.push_back(name + " (" + rule.location.toString() + ")");
  }
  std::lock_guard<std::mutex> lock(_rulesMutex);
  _rules.push_back(std::move(rules));
  if (_rules.size() > MostGenerations) _rules.pop_front();
  // the same in each snapshot, since new bundles come behind the others: workers read it, so it is written once
  if (const size_t part = next.add(std::make_unique<Generation>(_generation)); part != _part) _part = part;
}

std::string Recorder::ruleText(uint32_t generation, uint16_t rule) {
  std::lock_guard<std::mutex> lock(_rulesMutex);
  for (const auto& rules : _rules)
    if (rules.generation == generation && rule < rules.texts.size()) return rules.texts[rule];
  return "rule " + std::to_string(rule) + " of an earlier configuration";
}

uint64_t Recorder::began(Core::Request& request) {
  Runtime::Worker& worker = *Runtime::Worker::current();
  if (!_trails.enabled()) return worker.random().next();
  return _trails.begin(worker, [&](Trail& trail) {
    trail.generation = static_cast<const Generation&>(request.snapshot->part(_part)).number;
    trail.began = worker.now();
    trail.at = worker.wall();
    trail.source = request.flow.peer;
    trail.method = request.message.methodText();
    trail.callId = request.message.callId();
    if (const auto* from = request.message.from()) trail.from = from->uriText;
    if (const auto* to = request.message.to()) trail.to = to->uriText;
    trail.uri = request.message.requestUriText();
  });
}

uint32_t Recorder::since(const Trail& trail) {
  const auto passed = Runtime::Worker::current()->now() - trail.began;
  return static_cast<uint32_t>(std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(passed).count()));
}

void Recorder::ended(Core::Request& request, Pipeline::Ending ending) {
  _trails.with(request.incident, [&](Trail& trail) {
    const auto taken = request.machine.taken();
    trail.rules = static_cast<uint8_t>(std::min(taken.size(), Trail::MostRules));
    std::copy_n(taken.begin(), trail.rules, trail.taken.begin());
    trail.over = true;
    trail.ending = ending;
    trail.took = since(trail);
    if (trail.code == 0) trail.code = request.status;
    if (request.machine.errorText().empty()) return;
    trail.error = request.machine.errorText();
    trail.errorAction = request.machine.errorAction();
  });
}

void Recorder::note(Core::Request& request, Trail::Event::Kind kind, int code, std::string_view what, const Runtime::Endpoint& peer) {
  _trails.with(request.incident, [&](Trail& trail) { trail.add(kind, static_cast<uint16_t>(code), since(trail), what, peer); });
}

void Recorder::branch(Core::Request& request, std::string_view uri, const Transport::Flow& flow) {
  note(request, Trail::Event::Kind::branch, 0, uri, flow.peer);
}

void Recorder::reply(Core::Request& request, Core::Received& reply) {
  if (reply.message.status() > 100)
    note(request, Trail::Event::Kind::reply, reply.message.status(), reply.message.reason(), reply.flow.peer);
}

void Recorder::final(Core::Request& request, int code) {
  _trails.with(request.incident, [&](Trail& trail) {
    trail.code = static_cast<uint16_t>(code);
    trail.answered = since(trail);
  });
}

}  // namespace Patchbay::Explain
