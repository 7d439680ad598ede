#include "patchbay/bundle/PluginHost.h"

namespace Patchbay::Bundle {

PluginHost::PluginHost(Common& common, const Manifest& manifest, const Declaration& declaration, NodeSettings settings)
    : _common(common),
      _name(manifest.name),
      _folder(manifest.folder),
      _metrics(declaration.metrics),
      _settings(std::move(settings)),
      _logger(Log::Logger::get(manifest.name)) {}

PluginHost::~PluginHost() {
  for (const auto& gauge : _gauges) _common.environment.metrics.forget(gauge);
}

std::string PluginHost::describe(std::string_view setting, const std::string& text) const {
  return "<" + _name + (setting.empty() ? "" : " " + std::string(setting)) + ">: " + text;
}

void PluginHost::problem(std::string_view setting, std::string text) {
  _common.problems.error(setting.empty() ? _settings.whole() : _settings.location(setting), describe(setting, text));
}

void PluginHost::warning(std::string_view setting, std::string text) {
  _common.problems.warning(setting.empty() ? _settings.whole() : _settings.location(setting), describe(setting, text));
}

const MetricDeclaration& PluginHost::metric(std::string_view name, Runtime::Metrics::Kind kind) const {
  for (const auto& metric : _metrics)
    if (metric.name == name && metric.kind == kind) return metric;
  const char* what = kind == Runtime::Metrics::Kind::counter ? "counter" : "gauge";
  throw Poco::NotFoundException("bundle '" + _name + "' declares no " + what + " '" + std::string(name) + "'");
}

Runtime::Counter& PluginHost::counter(std::string_view name, std::vector<Runtime::Label> labels) {
  return _common.environment.metrics.counter(name, metric(name, Runtime::Metrics::Kind::counter).help, std::move(labels));
}

void PluginHost::gauge(std::string_view name, std::function<double()> read, std::vector<Runtime::Label> labels) {
  const auto& declared = metric(name, Runtime::Metrics::Kind::gauge);
  _common.environment.metrics.gauge(name, declared.help, std::move(read), std::move(labels));
  _gauges.emplace_back(name);
}

void PluginHost::announce(std::string_view what, std::string_view value) {
  _common.announcements.emplace_back(what, value);
}

}  // namespace Patchbay::Bundle
