#include "patchbay/bundle/Loader.h"

#include <map>
#include <set>

#include <Poco/ClassLoader.h>

#include "DuplicateCheck.h"

namespace Patchbay::Bundle {

struct Loader::State {
  Poco::ClassLoader<Plugin> classes;
  std::vector<std::unique_ptr<Plugin>> plugins;
  std::vector<Loaded> bundles;
  std::set<std::string> names;

  bool requirementsLoaded(const Manifest& manifest) const {
    for (const auto& need : manifest.requires_)
      if (!names.count(need.bundle)) return false;
    return true;
  }
  void open(const Manifest& manifest, Pipeline::Problems& problems);
  std::unique_ptr<Plugin> make(const Manifest& manifest);
};

namespace {

std::string classesOf(const Poco::Manifest<Plugin>& manifest) {
  std::string names;
  for (auto entry = manifest.begin(); entry != manifest.end(); ++entry) names += (names.empty() ? "" : ", ") + std::string(entry->name());
  return names.empty() ? "none" : names;
}

}  // namespace

/// Takes the class from this library's own manifest: ClassLoader::create would take the first of all libraries that has the name.
std::unique_ptr<Plugin> Loader::State::make(const Manifest& manifest) {
  const std::string path = manifest.folder + "/" + manifest.library;
  classes.loadLibrary(path);
  const auto& found = classes.manifestFor(path);
  const auto entry = found.find(manifest.className);
  if (entry == found.end())
    throw Poco::NotFoundException("its library shows the class " + classesOf(found) + ", bundle.xml names " + manifest.className +
                                  " (a library without a manifest of its own shows that of a library it needs)");
  return std::unique_ptr<Plugin>(entry->create());
}

void Loader::State::open(const Manifest& manifest, Pipeline::Problems& problems) {
  const std::string who = "bundle '" + manifest.name + "': ";
  try {
    auto plugin = make(manifest);
    Loaded loaded{manifest, plugin.get(), {}};
    plugin->describe(loaded.declaration);
    plugins.push_back(std::move(plugin));
    bundles.push_back(std::move(loaded));
    names.insert(manifest.name);
  } catch (const Poco::NotFoundException& error) {
    problems.error(manifest.location, who + error.message());
  } catch (const Poco::Exception& error) {
    problems.error(manifest.location, who + error.displayText());
  } catch (const std::exception& error) {
    problems.error(manifest.location, who + error.what());
  }
}

Loader::Loader() : _state(std::make_unique<State>()) {}

Loader::~Loader() {
  _state->bundles.clear();
  while (!_state->plugins.empty()) _state->plugins.pop_back();
}

void Loader::load(const std::vector<Manifest>& manifests, Pipeline::Problems& problems) {
  for (const auto& manifest : manifests)
    if (manifest.usable && _state->requirementsLoaded(manifest)) _state->open(manifest, problems);
  DuplicateCheck check(problems);
  for (const auto& loaded : _state->bundles) check.add(loaded);
}

void Loader::forget(size_t from) {
  while (_state->bundles.size() > from) {
    _state->names.erase(_state->bundles.back().manifest.name);
    _state->bundles.pop_back();
    _state->plugins.pop_back();
  }
}

std::vector<Loaded>& Loader::bundles() {
  return _state->bundles;
}

}  // namespace Patchbay::Bundle
