#include <Poco/Exception.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "patchbay/runtime/Counter.h"

namespace Patchbay::Runtime {

namespace {

bool isName(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto inside = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), inside);
}

void checkNames(std::string_view name, const std::vector<Label>& labels) {
  if (!isName(name)) throw Poco::InvalidArgumentException("no name for a metric", std::string(name));
  for (const Label& label : labels)
    if (!isName(label.name)) throw Poco::InvalidArgumentException("no name for a label of " + std::string(name), label.name);
}

bool same(const std::vector<Label>& a, const std::vector<Label>& b) {
  const auto equal = [](const Label& x, const Label& y) { return x.name == y.name && x.value == y.value; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

/// A gauge that fails has no value, and must not take the others with it.
double ask(const std::function<double()>& read) {
  try {
    return read();
  } catch (...) {
    return std::nan("");
  }
}

struct Metric {
  std::vector<Label> labels;
  std::unique_ptr<Counter> counter;  // else a gauge
  std::function<double()> read;

  double value() const { return counter ? static_cast<double>(counter->value()) : ask(read); }
};

struct MetricFamily {
  std::string name, help;
  Metrics::Kind kind;
  std::vector<Metric> metrics;

  Metric* find(const std::vector<Label>& labels) {
    const auto it = std::find_if(metrics.begin(), metrics.end(), [&](const Metric& metric) { return same(metric.labels, labels); });
    return it == metrics.end() ? nullptr : &*it;
  }
};

}  // namespace

struct Metrics::State {
  mutable std::mutex mutex;
  std::vector<MetricFamily> families;  // as registered

  MetricFamily& family(std::string_view name, std::string_view help, Kind kind) {
    for (MetricFamily& known : families) {
      if (known.name != name) continue;
      if (known.kind != kind) throw Poco::ExistsException("a metric of another kind", known.name);
      return known;
    }
    return families.emplace_back(MetricFamily{std::string(name), std::string(help), kind, {}});
  }
};

Metrics::Metrics() : _state(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, std::vector<Label> labels) {
  checkNames(name, labels);
  std::lock_guard<std::mutex> lock(_state->mutex);
  MetricFamily& family = _state->family(name, help, Kind::counter);
  if (const Metric* known = family.find(labels)) return *known->counter;
  return *family.metrics.emplace_back(Metric{std::move(labels), std::make_unique<Counter>(), {}}).counter;
}

void Metrics::gauge(std::string_view name, std::string_view help, std::function<double()> read, std::vector<Label> labels) {
  checkNames(name, labels);
  std::lock_guard<std::mutex> lock(_state->mutex);
  MetricFamily& family = _state->family(name, help, Kind::gauge);
  if (family.find(labels)) throw Poco::ExistsException("a gauge with these labels", std::string(name));
  family.metrics.push_back(Metric{std::move(labels), nullptr, std::move(read)});
}

void Metrics::forget(std::string_view gaugeName) {
  std::lock_guard<std::mutex> lock(_state->mutex);
  std::erase_if(_state->families, [&](const MetricFamily& family) { return family.name == gaugeName && family.kind == Kind::gauge; });
}

std::vector<Metrics::Family> Metrics::read() const {
  // gauges are asked with the lock held: so none is running when forget() returns
  std::lock_guard<std::mutex> lock(_state->mutex);
  std::vector<Family> result;
  for (const MetricFamily& family : _state->families) {
    Family& out = result.emplace_back(Family{family.name, family.help, family.kind, {}});
    for (const Metric& metric : family.metrics) out.samples.push_back(Sample{metric.labels, metric.value()});
  }
  return result;
}

}  // namespace Patchbay::Runtime
