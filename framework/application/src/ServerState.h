#pragma once

#include <functional>

#include "Configuration.h"
#include "patchbay/admin/Endpoint.h"
#include "patchbay/bundle/PluginHost.h"

namespace Patchbay::Application {

/// What a Server consists of, and its life in steps. Members die in reverse order: plug-ins before what they borrow (hosts, engine,
/// snapshot, database).
struct Server::State {
  explicit State(Options given) : options(std::move(given)), configuration(options, problems) {}

  void load(Runtime::Environment& environment);
  void start();
  void stop() noexcept;

  Options options;
  Pipeline::Problems problems;
  Configuration configuration;
  Bundle::Services services;
  Admin::Health health;
  Bundle::Announcements announcements;
  Pipeline::Vocabulary vocabulary;
  std::unique_ptr<Data::Database> database;
  std::unique_ptr<Pipeline::Engine> engine;
  Pipeline::CurrentSnapshot snapshot;
  std::optional<Bundle::Common> common;
  std::vector<std::unique_ptr<Bundle::PluginHost>> hosts;  ///< in the order of the loader's bundles
  Bundle::Loader loader;
  Admin::Operations operations;
  std::unique_ptr<Admin::Access> access;
  std::unique_ptr<Admin::Endpoint> endpoint;
  Runtime::Instant began{};
  bool configured = false;  ///< plug-ins have been told things, so they are to be stopped

 private:
  using Step = std::function<void(Bundle::Plugin&, Bundle::PluginHost&)>;
  void loadBundles();
  void learn();
  std::unique_ptr<Pipeline::Program> checkRules();
  void makeCommon(Runtime::Environment& environment);
  void makeDatabase(Runtime::Environment& environment);
  void makeHosts();
  const Pipeline::Node* elementOf(const std::string& bundle);
  void checkElements();
  bool eachCollecting(const Step& step);
  void each(const Step& step);
  void bind(std::unique_ptr<Pipeline::Program> program);
  void countHits();
  void announceLoaded();
  void checkEndpoint();
  void addOperations();
  void openAccess();
  void startEndpoint();
};

}  // namespace Patchbay::Application
