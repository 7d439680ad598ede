#include <algorithm>

#include "Reload.h"

/// What the next configuration changes that a server that runs cannot change.
namespace Patchbay::Application {

namespace {

const char* const Restart = "; that needs a restart";

}  // namespace

void Reload::compare() {
  for (const char* name : {"server", "data", "admin", "bundles"}) compareSection(name);
  if (_next->log().target != _server.configuration->log().target || _next->log().layout != _server.configuration->log().layout)
    _problems.error(_next->of("log").whole(), std::string("<log>: target or layout is another one") + Restart);
  if (_next->dataFolder() != _server.configuration->dataFolder())
    _problems.error(_next->of("server").location("data"), std::string("the data folder is another one") + Restart);
  compareBundles();
}

void Reload::compareSection(const char* name) {
  const auto& now = _server.configuration->of(name);
  const auto& next = _next->of(name);
  if (_next->has(name) != _server.configuration->has(name) && std::string(name) == "admin")
    _problems.error(next.whole(), std::string("<admin> has come or gone") + Restart);
  // a certificate takes another one's place, but whether there is TLS stays
  const bool renewed = std::string(name) == "admin" && !now.written("certificate").empty() && !next.written("certificate").empty();
  for (const auto& attribute : section(name).attributes)
    if (attribute.name != "note" && !(renewed && (attribute.name == "certificate" || attribute.name == "key")) &&
        now.written(attribute.name) != next.written(attribute.name))
      _problems.error(next.location(attribute.name), "<" + std::string(name) + " " + attribute.name + ">: '" + now.written(attribute.name) +
                                                         "' is to become '" + next.written(attribute.name) + "'" + Restart);
}

void Reload::compareBundles() {
  Pipeline::Problems known;  // the trial's
  auto manifests = Bundle::inDependencyOrder(Bundle::readManifests(_next->bundleFolders(), known), known);
  std::erase_if(manifests, [&](const auto& manifest) { return _next->disabled().count(manifest.name) != 0; });
  for (const auto& loaded : _server.loader.bundles()) {
    const auto& name = loaded.manifest.name;
    const auto same = [&](const auto& manifest) { return manifest.name == name; };
    if (std::none_of(manifests.begin(), manifests.end(), same))
      _problems.error(_next->location(), "the bundle '" + name + "' is disabled or gone" + Restart);
    Pipeline::Problems unused;
    compareSettings(loaded,
                    Bundle::NodeSettings(loaded.declaration.settings, Server::State::elementOf(*_server.configuration, name),
                                         _server.configuration->constants(), _server.configuration->location(), unused),
                    settingsOf(loaded, unused));
    std::erase_if(manifests, same);
  }
  _fresh = std::move(manifests);
}

void Reload::compareSettings(const Bundle::Loaded& loaded, const Bundle::NodeSettings& now, const Bundle::NodeSettings& next) {
  const auto& live = loaded.declaration.live;
  for (const auto& setting : loaded.declaration.settings) {
    if (now.written(setting.name) == next.written(setting.name)) continue;
    if (std::find(live.begin(), live.end(), setting.name) != live.end()) continue;
    _problems.error(next.location(setting.name), "<" + loaded.manifest.name + " " + setting.name + ">: '" + now.written(setting.name) +
                                                     "' is to become '" + next.written(setting.name) + "'" + Restart);
  }
}

}  // namespace Patchbay::Application
