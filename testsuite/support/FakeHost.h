#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Poco/TemporaryFile.h>

#include "FakeEnvironment.h"
#include "patchbay/bundle/NodeSettings.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/pipeline/Node.h"

namespace Patchbay::Testsuite {

/// A Host for tests of one plug-in: `FakeHost host(plugin, {{"max_contacts", "3"}});` describes the plug-in, checks the settings against
/// its declaration as the server does, and keeps what it says. Time stands still: see `environment`.
class FakeHost : public Bundle::Host {
 public:
  using SettingsMap = std::map<std::string, std::string>;

  explicit FakeHost(Bundle::Plugin& plugin, const SettingsMap& settings = {}) {
    plugin.describe(declaration);
    _settings = makeSettings(settings);
  }
  /// Without a plug-in: with this declaration.
  explicit FakeHost(Bundle::Declaration declared = {}, const SettingsMap& settings = {}) : declaration(std::move(declared)) {
    _settings = makeSettings(settings);
  }

  FakeEnvironment environment_;
  Bundle::Declaration declaration;
  /// Of settings that do not fit, and what the plug-in itself refuses.
  Pipeline::Problems problems;
  std::vector<std::pair<std::string, std::string>> announcements;
  /// The folder that resource() names files in.
  std::string resources;

  /// A counter's value now; 0 when nobody asked for it yet. `labels` as "method=INVITE", in order.
  double value(std::string_view name, const std::vector<Runtime::Label>& labels = {}) const {
    for (const auto& family : environment_.metrics.read())
      for (const auto& sample : family.samples)
        if (family.name == name && same(sample.labels, labels)) return sample.value;
    return 0;
  }
  bool announced(std::string_view what, std::string_view value) const {
    for (const auto& line : announcements)
      if (line.first == what && line.second == value) return true;
    return false;
  }

  Runtime::Environment& environment() override { return environment_; }
  Bundle::Services& services() override { return _services; }
  const Bundle::Settings& settings() const override { return *_settings; }
  void problem(std::string_view setting, std::string text) override { problems.error(place(setting), std::move(text)); }
  void warning(std::string_view setting, std::string text) override { problems.warning(place(setting), std::move(text)); }
  Runtime::Counter& counter(std::string_view name, std::vector<Runtime::Label> labels = {}) override {
    return environment_.metrics.counter(name, metric(name, Runtime::Metrics::Kind::counter).help, std::move(labels));
  }
  void gauge(std::string_view name, std::function<double()> read, std::vector<Runtime::Label> labels = {}) override {
    environment_.metrics.gauge(name, metric(name, Runtime::Metrics::Kind::gauge).help, std::move(read), std::move(labels));
  }
  Log::Logger& logger() override { return Log::Logger::get("test"); }
  Pipeline::Engine& engine() override {
    if (!_engine)
      _engine = std::make_unique<Pipeline::Engine>(environment_.get().workers, environment_.metrics, Pipeline::Engine::Limits{});
    return *_engine;
  }
  Pipeline::CurrentSnapshot& snapshot() override { return _snapshot; }
  Admin::Health& health() override { return _health; }
  const std::string& dataFolder() const override { return _folder.path(); }
  std::string resource(std::string_view name) const override { return resources + "/" + std::string(name); }
  void announce(std::string_view what, std::string_view value) override { announcements.emplace_back(what, value); }

 private:
  std::unique_ptr<Bundle::NodeSettings> makeSettings(const SettingsMap& settings) {
    Pipeline::Node node{"settings", {}, {}, {std::make_shared<const std::string>("test.xml"), 1}};
    for (const auto& [name, value] : settings) node.attributes.push_back({name, value});
    return std::make_unique<Bundle::NodeSettings>(declaration.settings, &node, Pipeline::Constants{}, node.location, problems);
  }
  Pipeline::Location place(std::string_view setting) const { return setting.empty() ? _settings->whole() : _settings->location(setting); }
  const Bundle::MetricDeclaration& metric(std::string_view name, Runtime::Metrics::Kind kind) const {
    for (const auto& metric : declaration.metrics)
      if (metric.name == name && metric.kind == kind) return metric;
    throw Poco::NotFoundException("not declared: metric " + std::string(name));
  }
  static bool same(const std::vector<Runtime::Label>& a, const std::vector<Runtime::Label>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.name == y.name && x.value == y.value; });
  }

  /// Made private to the user, removed with all that is in it.
  struct Folder {
    Folder() : file(Poco::TemporaryFile()), name(file.path()) { file.createDirectories(); }
    const std::string& path() const { return name; }
    Poco::TemporaryFile file;
    std::string name;
  };
  Folder _folder;
  Bundle::Services _services;
  std::unique_ptr<Bundle::NodeSettings> _settings;
  std::unique_ptr<Pipeline::Engine> _engine;
  Pipeline::CurrentSnapshot _snapshot;
  Admin::Health _health;
};

}  // namespace Patchbay::Testsuite
