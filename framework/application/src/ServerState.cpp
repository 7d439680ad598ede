#include "ServerState.h"

#include <algorithm>
#include <set>

#include "ActionIndex.h"
#include "Folders.h"
#include "ServerOperations.h"

namespace Patchbay::Application {

namespace {

constexpr auto FlushDeadline = std::chrono::seconds(5);

std::vector<std::string> namesOf(const std::vector<Bundle::Loaded>& bundles) {
  std::vector<std::string> names;
  for (const auto& bundle : bundles) names.push_back(bundle.manifest.name);
  return names;
}

}  // namespace

void Server::State::load(Runtime::Environment& environment) {
  loadBundles();
  learn();
  auto program = checkRules();
  checkElements();
  checkEndpoint();
  const bool complete = !problems.hasErrors();
  if (!complete && loader.bundles().empty()) return;
  makeCommon(environment);
  announceLoaded();
  makeHosts();
  configured = true;
  // Also with wrong rules: what the plug-ins find wrong in their settings is told in the same run.
  if (!eachCollecting([](auto& plugin, auto& host) { plugin.configure(host); }) || problems.hasErrors()) return;
  if (!eachCollecting([](auto& plugin, auto& host) { plugin.bind(host); }) || problems.hasErrors()) return;
  bind(std::move(program));
}

void Server::State::loadBundles() {
  auto manifests = Bundle::readManifests(configuration->bundleFolders(), problems);
  std::vector<std::string> names;
  for (const auto& manifest : manifests) names.push_back(manifest.name);
  for (const auto& [name, location] : configuration->disabled())
    if (std::find(names.begin(), names.end(), name) == names.end())
      problems.error(location, "<disable>: there is no bundle '" + name + "'" + Pipeline::suggestion(name, names));
  std::erase_if(manifests, [&](const auto& manifest) { return configuration->disabled().count(manifest.name) != 0; });
  loader.load(Bundle::inDependencyOrder(std::move(manifests), problems), problems);
}

/// Fills the vocabulary with what the bundles declare.
void Server::State::learn() {
  for (const auto& folder : configuration->bundleFolders())
    for (const auto& [action, bundle] : readIndex(folder)) vocabulary.elsewhere[action] = bundle;
  const auto add = [&](const auto& declarations) {
    for (const auto& declaration : declarations) {
      try {
        vocabulary.add(declaration);
      } catch (const Poco::ExistsException&) {  // the loader has reported it
      }
    }
  };
  for (const auto& loaded : loader.bundles()) {
    add(loaded.declaration.actions);
    add(loaded.declaration.variables);
    add(loaded.declaration.memberships);
    add(loaded.declaration.entries);
  }
}

std::unique_ptr<Pipeline::Program> Server::State::checkRules() {
  if (!configuration->routing()) return nullptr;
  return Pipeline::Program::check(*configuration->routing(), vocabulary, configuration->constants(), problems);
}

const Pipeline::Node* Server::State::elementOf(const Configuration& of, const std::string& bundle) {
  const auto& elements = of.bundleElements();
  const auto found = std::find_if(elements.begin(), elements.end(), [&](const auto& node) { return node.name == bundle; });
  return found == elements.end() ? nullptr : &*found;
}

/// Elements that no bundle has, second ones, and elements inside them.
void Server::State::checkElements() {
  const auto loaded = namesOf(loader.bundles());
  auto allowed = loaded;
  for (const auto& section : sections()) allowed.push_back(section.name);
  for (const auto& node : configuration->bundleElements()) {
    for (const auto& child : node.children)
      problems.error(child.location, "<" + child.name + "> is not allowed in <" + node.name + ">, which holds no elements");
    if (elementOf(*configuration, node.name) != &node) problems.error(node.location, "a second <" + node.name + ">");
    if (std::find(loaded.begin(), loaded.end(), node.name) != loaded.end() || configuration->disabled().count(node.name)) continue;
    const bool exists =
        std::any_of(vocabulary.elsewhere.begin(), vocabulary.elsewhere.end(), [&](const auto& e) { return e.second == node.name; });
    problems.error(node.location, "unknown element <" + node.name + ">" +
                                      (exists ? ": it configures the bundle '" + node.name + "', which is not loaded"
                                              : Pipeline::suggestion(node.name, allowed)));
  }
}

void Server::State::makeCommon(Runtime::Environment& environment) {
  const auto suspended = static_cast<size_t>(configuration->of("server").integer("suspended"));
  engine = std::make_unique<Pipeline::Engine>(environment.workers, environment.metrics, Pipeline::Engine::Limits{suspended});
  began = environment.clock.now();
  common.emplace(Bundle::Common{environment, services, *engine, snapshot, health, problems, announcements, configuration->dataFolder()});
  health.set("server", Admin::Health::State::loading, "starting");
  if (!options.checkOnly && !problems.hasErrors()) {
    try {
      makePrivateFolder(configuration->dataFolder());
    } catch (const Poco::Exception& error) {
      problems.error(configuration->of("server").location("data"),
                     error.message() + "; it is set by <server data=\"...\"/> or the constant 'data'");
    }
  }
  makeDatabase(environment);
}

void Server::State::makeDatabase(Runtime::Environment& environment) {
  if (services.findOptional<Data::Database>()) return;
  const auto& data = configuration->of("data");
  try {
    database = Data::Database::make(data.text("url").empty() ? "sqlite:" + configuration->dataFolder() + "/patchbay.db" : data.text("url"),
                                    environment);
    services.provide<Data::Database>(*database);
    database->watch([this](const Data::Failure& failure) {
      using State = Admin::Health::State;
      health.set("database", failure ? State::degraded : State::ready, failure ? "takes no changes: " + failure.text : "");
    });
  } catch (const Poco::Exception& error) {
    problems.error(data.location("url"), "<data url>: " + error.message());
  }
}

void Server::State::makeHosts() {
  for (auto& loaded : loader.bundles()) {
    Bundle::NodeSettings settings(loaded.declaration.settings, elementOf(*configuration, loaded.manifest.name), configuration->constants(),
                                  configuration->location(), problems);
    hosts.push_back(std::make_unique<Bundle::PluginHost>(*common, loaded.manifest, loaded.declaration, std::move(settings)));
  }
}

/// Calls all plug-ins; exceptions become problems. False when there was one.
bool Server::State::eachCollecting(const Step& step) {
  bool good = true;
  for (size_t i = 0; i < hosts.size(); ++i) {
    const auto& loaded = loader.bundles()[i];
    const auto refuse = [&](const std::string& text) {
      const auto* element = elementOf(*configuration, loaded.manifest.name);
      problems.error(element ? element->location : configuration->location(), "bundle '" + loaded.manifest.name + "': " + text);
      good = false;
    };
    try {
      step(*loaded.plugin, *hosts[i]);
    } catch (const Poco::Exception& error) {
      refuse(error.displayText());
    } catch (const std::exception& error) {
      refuse(error.what());
    }
  }
  return good;
}

/// Calls all plug-ins until one throws; the exception gets the bundle's name.
void Server::State::each(const Step& step) {
  for (size_t i = 0; i < hosts.size(); ++i) {
    const auto& loaded = loader.bundles()[i];
    try {
      step(*loaded.plugin, *hosts[i]);
    } catch (const Poco::Exception& error) {
      throw Poco::RuntimeException("bundle '" + loaded.manifest.name + "': " + error.displayText());
    } catch (const std::exception& error) {
      throw Poco::RuntimeException("bundle '" + loaded.manifest.name + "': " + error.what());
    }
  }
}

void Server::State::bind(std::unique_ptr<Pipeline::Program> program) {
  if (!program || !program->bind(problems)) return;
  auto next = std::make_unique<Pipeline::Snapshot>(std::move(program));
  if (!eachCollecting([&](auto& plugin, auto&) { plugin.furnish(*next); })) return;
  snapshot.publish(std::move(next));
  countHits();
}

/// Every named rule's hits, read from the snapshot that is current when somebody asks.
void Server::State::countHits() {
  const auto& rules = snapshot.get().program().rules();
  std::set<std::pair<std::string, std::string>> named;
  for (uint32_t i = 0; i < rules.size(); ++i) {
    if (rules[i].name.empty() || !named.emplace(rules[i].pipeline, rules[i].name).second) continue;
    common->environment.metrics.gauge("rule_hits", "How often a named rule's condition held.",
                                      [this, i] { return static_cast<double>(hitsOf(i)); },
                                      {{"pipeline", rules[i].pipeline}, {"rule", rules[i].name}});
  }
}

uint64_t Server::State::hitsOf(uint32_t rule) {
  std::lock_guard<std::mutex> lock(snapshots);
  return snapshot.get().program().hits(rule);
}

void Server::State::announceLoaded() {
  std::string bundles;
  for (const auto& loaded : loader.bundles())
    bundles += (bundles.empty() ? "" : ", ") + loaded.manifest.name + " " + loaded.manifest.version;
  announcements.emplace_back("configuration", *configuration->location().file);
  announcements.emplace_back("bundles", bundles);
  announcements.emplace_back("data", database ? database->description() : "provided");
}

void Server::State::start() {
  each([](auto& plugin, auto&) { plugin.start(); });
  each([](auto& plugin, auto&) { plugin.listen(); });
  startEndpoint();
  if (const auto& server = configuration->of("server"); server.given("note")) announcements.emplace_back("note:", server.text("note"));
  health.set("server", Admin::Health::State::ready);
  reloads.began();
}

void Server::State::stop() noexcept {
  if (!configured) return;
  configured = false;
  health.set("server", Admin::Health::State::loading, "stopping");
  if (endpoint) endpoint->stop();
  for (size_t i = loader.bundles().size(); i-- > 0;) loader.bundles()[i].plugin->stop();
  try {
    common->environment.metrics.forget("rule_hits");
    const size_t left = database ? database->flush(FlushDeadline) : 0;
    if (left != 0) Log::Logger::get("server").error("changes that could not be written are lost", {{"changes", std::to_string(left)}});
  } catch (const std::exception& error) {
    Log::Logger::get("server").error(error.what());
  }
}

}  // namespace Patchbay::Application
