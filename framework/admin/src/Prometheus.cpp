#include <charconv>
#include <cmath>

#include "patchbay/admin/Endpoint.h"

namespace Patchbay::Admin {

namespace {

/// Help texts escape backslash and newline, label values the quote too.
std::string escaped(std::string_view text, bool quoted) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quoted) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

std::string written(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char digits[64];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  return error == std::errc() ? std::string(digits, end) : "NaN";
}

void append(std::string& out, const std::string& name, const Runtime::Metrics::Sample& sample) {
  out += name;
  for (size_t i = 0; i < sample.labels.size(); ++i)
    out += (i == 0 ? "{" : ",") + sample.labels[i].name + "=\"" + escaped(sample.labels[i].value, true) + "\"";
  if (!sample.labels.empty()) out += '}';
  out += ' ' + written(sample.value) + '\n';
}

}  // namespace

std::string prometheusText(const Runtime::Metrics& metrics) {
  std::string out;
  for (const auto& family : metrics.read()) {
    const std::string name = "patchbay_" + family.name;
    out += "# HELP " + name + ' ' + escaped(family.help, false) + '\n';
    out += "# TYPE " + name + (family.kind == Runtime::Metrics::Kind::counter ? " counter\n" : " gauge\n");
    for (const auto& sample : family.samples) append(out, name, sample);
  }
  return out;
}

}  // namespace Patchbay::Admin
