#pragma once

#include <functional>
#include <mutex>

#include "Configuration.h"
#include "Reloads.h"
#include "patchbay/admin/Endpoint.h"
#include "patchbay/bundle/PluginHost.h"

namespace Patchbay::Application {

/// What a Server consists of, and its life in steps. Members die in reverse order: plug-ins before what they borrow (hosts, engine,
/// snapshot, database).
struct Server::State {
  explicit State(Options given) : options(std::move(given)), configuration(std::make_unique<Configuration>(options, problems)) {}

  void load(Runtime::Environment& environment);
  void start();
  void stop() noexcept;

  Options options;
  Pipeline::Problems problems;
  std::unique_ptr<Configuration> configuration;  ///< the one that is in force
  Bundle::Services services;
  Admin::Health health;
  Bundle::Announcements announcements;
  Pipeline::Vocabulary vocabulary;
  std::unique_ptr<Data::Database> database;
  std::unique_ptr<Pipeline::Engine> engine;
  Pipeline::CurrentSnapshot snapshot;
  /// Held by who reads the current snapshot, the configuration or the list of bundles on no worker and beside reloads, and while they
  /// change.
  std::mutex snapshots;
  std::optional<Bundle::Common> common;
  std::vector<std::unique_ptr<Bundle::PluginHost>> hosts;  ///< in the order of the loader's bundles
  Bundle::Loader loader;
  Admin::Operations operations;
  std::unique_ptr<Admin::Access> access;
  std::unique_ptr<Admin::Endpoint> endpoint;
  Runtime::Instant began{};
  Reloads reloads{*this};
  bool configured = false;  ///< plug-ins have been told things, so they are to be stopped

  using Step = std::function<void(Bundle::Plugin&, Bundle::PluginHost&)>;
  void loadBundles();
  void learn();
  std::unique_ptr<Pipeline::Program> checkRules();
  void makeCommon(Runtime::Environment& environment);
  void makeDatabase(Runtime::Environment& environment);
  void makeHosts();
  static const Pipeline::Node* elementOf(const Configuration& of, const std::string& bundle);
  void checkElements();
  bool eachCollecting(const Step& step);
  void each(const Step& step);
  void bind(std::unique_ptr<Pipeline::Program> program);
  void countHits();
  uint64_t hitsOf(uint32_t rule);
  void announceLoaded();
  void checkEndpoint();
  void addOperations();
  void openAccess();
  void startEndpoint();
  void leaveCertificate(const Admin::Certificate& certificate) const;
  void renewCertificate(const Configuration& next);
};

}  // namespace Patchbay::Application
