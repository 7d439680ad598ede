#include "Routes.h"

#include <algorithm>

namespace Patchbay::Pipeline {

namespace {

constexpr size_t MostCalls = 31;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Routes::Routes(const std::vector<PipelineSource>& pipelines, const Vocabulary& vocabulary, Problems& problems)
    : _pipelines(pipelines), _vocabulary(vocabulary), _problems(problems), _state(pipelines.size()), _reached(pipelines.size()) {}

std::optional<size_t> Routes::find(const std::string& name) const {
  const auto found = _byName.find(name);
  return found == _byName.end() ? std::nullopt : std::optional<size_t>(found->second);
}

std::vector<std::string> Routes::names() const {
  std::vector<std::string> all;
  for (const auto& [name, index] : _byName) all.push_back(name);
  return all;
}

bool Routes::check() {
  checkNames();
  checkEntries();
  std::vector<size_t> path;
  for (size_t i = 0; i < _pipelines.size(); ++i) visit(i, path);
  if (_sound) checkDepth();
  for (size_t i = 0; i < _pipelines.size(); ++i) {
    if (!_pipelines[i].on.empty()) spread(i, _pipelines[i].on);
  }
  checkPlaces();
  return _sound;
}

void Routes::checkNames() {
  for (size_t i = 0; i < _pipelines.size(); ++i) {
    const PipelineSource& one = _pipelines[i];
    if (one.name.empty()) continue;
    const auto [found, fresh] = _byName.try_emplace(one.name, i);
    if (fresh) continue;
    _problems.error(one.location,
                    "duplicate pipeline name '" + one.name + "'; it stands already at " + _pipelines[found->second].location.toString());
  }
  for (const PipelineSource& one : _pipelines) {
    if (!one.onError.empty() && !find(one.onError))
      _problems.error(one.location, "attribute 'on-error': unknown pipeline '" + one.onError + "'" + suggestion(one.onError, names()));
    for (const RouteUse& use : one.routes) {
      if (find(use.target)) continue;
      _sound = false;
      _problems.error(use.location, "route: unknown pipeline '" + use.target + "'" + suggestion(use.target, names()));
    }
  }
}

void Routes::checkEntries() {
  std::map<std::string, const PipelineSource*> single;
  std::vector<std::string> allowed;
  for (const EntryDeclaration& entry : _vocabulary.entries()) allowed.push_back(entry.name);
  for (const PipelineSource& one : _pipelines) {
    if (one.on.empty()) continue;
    const EntryDeclaration* entry = _vocabulary.entry(one.on);
    if (!entry) {
      _problems.error(one.location, "attribute 'on': unknown entry point '" + one.on + "'" + suggestion(one.on, allowed));
      continue;
    }
    const auto [found, fresh] = single.try_emplace(one.on, &one);
    if (entry->single && !fresh)
      _problems.error(one.location, "only one pipeline may have on=\"" + one.on + "\"; '" + found->second->name + "' at " +
                                        found->second->location.toString() + " has it already");
  }
}

/// Depth first; `_state` is 0 unseen, 1 on the path, 2 done.
void Routes::visit(size_t pipeline, std::vector<size_t>& path) {
  if (_state[pipeline] == 2) return;
  _state[pipeline] = 1;
  path.push_back(pipeline);
  for (const RouteUse& use : _pipelines[pipeline].routes) {
    const auto target = find(use.target);
    if (!target) continue;
    if (_state[*target] == 1)
      reportCycle({std::find(path.begin(), path.end(), *target), path.end()}, use);
    else
      visit(*target, path);
  }
  path.pop_back();
  _state[pipeline] = 2;
  _order.push_back(pipeline);
}

void Routes::reportCycle(const std::vector<size_t>& path, const RouteUse& last) {
  _sound = false;
  std::string text;
  for (const size_t one : path) text += "'" + _pipelines[one].name + "' calls ";
  _problems.error(last.location, "cycle of calls: " + text + "'" + last.target + "'");
}

void Routes::checkDepth() {
  std::vector<size_t> depth(_pipelines.size(), 0);
  for (const size_t one : _order) {
    for (const RouteUse& use : _pipelines[one].routes) depth[one] = std::max(depth[one], depth[*find(use.target)] + 1);
    if (depth[one] <= MostCalls) continue;
    _sound = false;
    _problems.error(_pipelines[one].location, "pipeline '" + _pipelines[one].name + "' leads to more than " + std::to_string(MostCalls) +
                                                  " calls one inside the other");
    return;
  }
}

/// A pipeline runs at the entry points of those that call it, or whose errors it handles.
void Routes::spread(size_t pipeline, const std::string& entry) {
  std::vector<size_t> open{pipeline};
  _reached[pipeline].try_emplace(entry, "");
  while (!open.empty()) {
    const size_t from = open.back();
    open.pop_back();
    std::vector<std::string> targets;
    for (const RouteUse& use : _pipelines[from].routes) targets.push_back(use.target);
    targets.push_back(_pipelines[from].onError);
    for (const std::string& name : targets) {
      const auto target = find(name);
      if (target && _reached[*target].try_emplace(entry, _pipelines[from].name).second) open.push_back(*target);
    }
  }
}

void Routes::checkPlaces() {
  for (size_t i = 0; i < _pipelines.size(); ++i) {
    for (const NameUse& use : _pipelines[i].names) {
      const std::vector<std::string>& entries = *use.entries;
      for (const auto& [entry, through] : _reached[i]) {
        if (std::find(entries.begin(), entries.end(), entry) != entries.end() ||
            std::find(entries.begin(), entries.end(), "*") != entries.end())
          continue;
        const std::string how = through.empty() ? "" : " (pipeline '" + _pipelines[i].name + "' gets there through '" + through + "')";
        _problems.error(use.location,
                        use.what + " is not allowed at entry point '" + entry + "'" + how + "; allowed at: " + joined(entries));
      }
    }
  }
}

}  // namespace Patchbay::Pipeline
