#pragma once

#include "ServerState.h"

namespace Patchbay::Application {

/// One way from the configuration in force to the next one: tried whole on a server beside the running one, then prepared by each plug-in,
/// bound, and published. Whatever is wrong before that leaves everything as it was.
class Reload {
 public:
  Reload(Server::State& server, Server::Options options) : _server(server), _options(std::move(options)) {}

  /// Everything that can be found without touching the running server.
  bool check();
  /// After check(). False: nothing has changed.
  bool apply();
  const Pipeline::Problems& problems() const { return _problems; }
  /// "echo, hello": bundles that were not there before.
  std::string newBundles() const;

 private:
  void compare();
  void compareSection(const char* name);
  void compareBundles();
  void compareSettings(const Bundle::Loaded& loaded, const Bundle::NodeSettings& now, const Bundle::NodeSettings& next);
  void copy(const Pipeline::Problems& found);
  Bundle::NodeSettings settingsOf(const Bundle::Loaded& loaded, Pipeline::Problems& problems) const;
  bool loadNew();
  bool prepareOld();
  bool takeIn();
  bool bindRules();
  bool startNew();
  void publish();
  void undo();
  bool each(size_t from, size_t to, const std::function<void(size_t)>& step);

  Server::State& _server;
  const Server::Options _options;
  Pipeline::Problems _problems;
  std::unique_ptr<Configuration> _next;
  std::vector<Bundle::Manifest> _fresh;  ///< manifests of bundles that are not loaded yet
  std::optional<Bundle::Common> _common;
  std::vector<std::unique_ptr<Bundle::PluginHost>> _hosts;  ///< of the plug-ins that there were, with the next settings
  size_t _before = 0;                                       ///< how many plug-ins there were
  Pipeline::Vocabulary _vocabulary;
  std::unique_ptr<Pipeline::Snapshot> _snapshot;
};

}  // namespace Patchbay::Application
