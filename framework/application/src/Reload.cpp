#include "Reload.h"

#include <algorithm>

#include "ActionIndex.h"
#include "Surroundings.h"
#include "patchbay/runtime/Pause.h"

namespace Patchbay::Application {

namespace {

constexpr auto PauseDeadline = std::chrono::seconds(2);

std::string refusalOf(const Poco::Exception& error) {
  return error.message().empty() ? error.displayText() : error.message();
}

}  // namespace

void Reload::copy(const Pipeline::Problems& found) {
  for (const auto& problem : found.all())
    if (problem.severity == Pipeline::Problem::Severity::error)
      _problems.error(problem.location, problem.text);
    else
      _problems.warning(problem.location, problem.text);
}

/// A server of the next configuration that starts nothing, as for the option --check: with plug-ins of its own, so that nothing of it
/// touches the running one.
bool Reload::check() {
  Server::Options options = _options;
  options.checkOnly = true;
  Surroundings outside(1, Surroundings::Threads::none);
  Server trial(options);
  trial.load(outside.environment());
  copy(trial.problems());
  if (_problems.hasErrors()) return false;
  Pipeline::Problems known;  // they stand in the trial's already
  _next = std::make_unique<Configuration>(_options, known);
  compare();
  return !_problems.hasErrors();
}

std::string Reload::newBundles() const {
  std::string names;
  for (const auto& manifest : _fresh) names += (names.empty() ? "" : ", ") + manifest.name;
  return names;
}

Bundle::NodeSettings Reload::settingsOf(const Bundle::Loaded& loaded, Pipeline::Problems& problems) const {
  return {loaded.declaration.settings, Server::State::elementOf(*_next, loaded.manifest.name), _next->constants(), _next->location(),
          problems};
}

/// Calls the step for plug-ins by their index; what they throw is a problem.
bool Reload::each(size_t from, size_t to, const std::function<void(size_t)>& step) {
  for (size_t i = from; i < to; ++i) {
    const auto& name = _server.loader.bundles()[i].manifest.name;
    const auto* element = Server::State::elementOf(*_next, name);
    const auto& place = element ? element->location : _next->location();
    try {
      step(i);
    } catch (const Poco::Exception& error) {
      _problems.error(place, "bundle '" + name + "': " + refusalOf(error));
    } catch (const std::exception& error) {
      _problems.error(place, "bundle '" + name + "': " + error.what());
    }
  }
  return !_problems.hasErrors();
}

bool Reload::apply() {
  _before = _server.loader.bundles().size();
  const Bundle::Services services = _server.services;
  const bool good = loadNew() && prepareOld() && takeIn();
  if (good) return true;
  undo();
  _server.services = services;
  return false;
}

bool Reload::loadNew() {
  if (!_fresh.empty()) {
    std::lock_guard<std::mutex> lock(_server.snapshots);
    _server.loader.load(_fresh, _problems);
  }
  for (const auto& folder : _next->bundleFolders())
    for (const auto& [action, bundle] : readIndex(folder)) _vocabulary.elsewhere[action] = bundle;
  const auto add = [&](const auto& declarations) {
    for (const auto& declaration : declarations) _vocabulary.add(declaration);
  };
  for (const auto& loaded : _server.loader.bundles()) {
    add(loaded.declaration.actions);
    add(loaded.declaration.variables);
    add(loaded.declaration.memberships);
    add(loaded.declaration.entries);
  }
  return !_problems.hasErrors();
}

bool Reload::prepareOld() {
  const auto& now = *_server.common;
  _common.emplace(
      Bundle::Common{now.environment, now.services, now.engine, now.snapshot, now.health, _problems, now.announcements, now.dataFolder});
  for (size_t i = 0; i < _before; ++i) {
    const auto& loaded = _server.loader.bundles()[i];
    _hosts.push_back(std::make_unique<Bundle::PluginHost>(*_common, loaded.manifest, loaded.declaration, settingsOf(loaded, _problems)));
  }
  return each(0, _before, [this](size_t i) { _server.loader.bundles()[i].plugin->prepare(*_hosts[i]); });
}

/// With new bundles the workers stand still meanwhile: they meet others where those look without locks.
bool Reload::takeIn() {
  std::optional<Runtime::Pause> pause;
  if (!_fresh.empty()) pause.emplace(_server.common->environment.workers, PauseDeadline);
  if (pause && !*pause) {
    _problems.error(_next->location(), "a worker does not come to rest; try again");
    return false;
  }
  auto& bundles = _server.loader.bundles();
  for (size_t i = _before; i < bundles.size(); ++i)
    _server.hosts.push_back(std::make_unique<Bundle::PluginHost>(*_server.common, bundles[i].manifest, bundles[i].declaration,
                                                                 settingsOf(bundles[i], _problems)));
  const auto fresh = [&](const auto& step) {
    return each(_before, bundles.size(), [&](size_t i) { step(*bundles[i].plugin, *_server.hosts[i]); });
  };
  if (!fresh([](auto& plugin, auto& host) { plugin.configure(host); })) return false;
  if (!fresh([](auto& plugin, auto& host) { plugin.bind(host); })) return false;
  if (!bindRules()) return false;
  if (!fresh([](auto& plugin, auto&) { plugin.start(); })) return false;
  if (!fresh([](auto& plugin, auto&) { plugin.listen(); })) return false;
  publish();
  return true;
}

bool Reload::bindRules() {
  auto program = Pipeline::Program::check(*_next->routing(), _vocabulary, _next->constants(), _problems);
  if (!program || !program->bind(_problems)) return false;
  program->carryHits(_server.snapshot.get().program());
  _snapshot = std::make_unique<Pipeline::Snapshot>(std::move(program));
  return each(0, _server.loader.bundles().size(), [this](size_t i) { _server.loader.bundles()[i].plugin->furnish(*_snapshot); });
}

void Reload::publish() {
  auto& bundles = _server.loader.bundles();
  _server.common->environment.metrics.forget("rule_hits");
  {
    std::lock_guard<std::mutex> lock(_server.snapshots);
    _server.snapshot.publish(std::move(_snapshot));
  }
  for (size_t i = 0; i < _before; ++i) {
    _server.hosts[i]->take(settingsOf(bundles[i], _problems));
    bundles[i].plugin->commit();
  }
  for (size_t i = _before; i < bundles.size(); ++i)
    for (const auto& operation : bundles[i].declaration.operations) _server.operations.add(operation);
  _server.renewCertificate(*_next);
  if (const auto& log = _next->log(); log.target == _server.configuration->log().target) Log::apply(log);
  {
    std::lock_guard<std::mutex> lock(_server.snapshots);
    _server.configuration.swap(_next);
  }
  _server.vocabulary = std::move(_vocabulary);
  _server.countHits();
}

void Reload::undo() {
  auto& bundles = _server.loader.bundles();
  for (size_t i = 0; i < _hosts.size(); ++i) bundles[i].plugin->discard();
  for (size_t i = bundles.size(); i-- > _before;) bundles[i].plugin->stop();
  _server.hosts.resize(std::min(_server.hosts.size(), _before));
  std::lock_guard<std::mutex> lock(_server.snapshots);
  _server.loader.forget(_before);
}

}  // namespace Patchbay::Application
