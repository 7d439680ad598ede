#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "patchbay/bundle/Loader.h"
#include "patchbay/bundle/NodeSettings.h"

namespace Patchbay::Bundle {

using Announcements = std::vector<std::pair<std::string, std::string>>;

/// What the hosts of all plug-ins of one server share. Borrowed by each host.
struct Common {
  Runtime::Environment& environment;
  Services& services;
  Pipeline::Engine& engine;
  Pipeline::CurrentSnapshot& snapshot;
  Admin::Health& health;
  Pipeline::Problems& problems;
  Announcements& announcements;
  std::string dataFolder;
};

/// The Host of one plug-in. Its gauges are forgotten with it.
class PATCHBAY_API PluginHost : public Host {
 public:
  PluginHost(Common& common, const Manifest& manifest, const Declaration& declaration, NodeSettings settings);
  ~PluginHost() override;
  PluginHost(const PluginHost&) = delete;

  Runtime::Environment& environment() override { return _common.environment; }
  Services& services() override { return _common.services; }
  const Settings& settings() const override { return _settings; }
  /// After a reload: these hold from now on.
  void take(NodeSettings settings) { _settings = std::move(settings); }
  void problem(std::string_view setting, std::string text) override;
  void warning(std::string_view setting, std::string text) override;
  Runtime::Counter& counter(std::string_view name, std::vector<Runtime::Label> labels) override;
  void gauge(std::string_view name, std::function<double()> read, std::vector<Runtime::Label> labels) override;
  Log::Logger& logger() override { return _logger; }
  Pipeline::Engine& engine() override { return _common.engine; }
  Pipeline::CurrentSnapshot& snapshot() override { return _common.snapshot; }
  Admin::Health& health() override { return _common.health; }
  const std::string& dataFolder() const override { return _common.dataFolder; }
  std::string resource(std::string_view name) const override { return _folder + "/" + std::string(name); }
  void announce(std::string_view what, std::string_view value) override;

 private:
  const MetricDeclaration& metric(std::string_view name, Runtime::Metrics::Kind kind) const;
  std::string describe(std::string_view setting, const std::string& text) const;
  Common& _common;
  std::string _name, _folder;
  std::vector<MetricDeclaration> _metrics;
  NodeSettings _settings;
  Log::Logger& _logger;
  std::vector<std::string> _gauges;
};

}  // namespace Patchbay::Bundle
