#include <algorithm>
#include <charconv>

#include "patchbay/pipeline/Fit.h"

namespace Patchbay::Pipeline {

namespace {

bool isNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = Runtime::IpAddress::parse(text.substr(0, slash));
  if (!address || slash == std::string_view::npos) return address.has_value();
  const auto bits = parseInteger(text.substr(slash + 1));
  return bits && *bits >= 0 && *bits <= (address->isV6() ? 128 : 32);
}

bool isNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

const char* formOf(Type type) {
  switch (type) {
    case Type::boolean:
      return "yes or no";
    case Type::integer:
      return "a whole number";
    case Type::number:
      return "a number";
    case Type::duration:
      return "a duration with its unit, such as 500ms, 2s, 3min, 1h, 7d";
    case Type::bytes:
      return "a size with its unit, such as 512B, 16KiB, 1MiB";
    case Type::address:
      return "an IP address";
    case Type::network:
      return "an IP address or network such as 10.0.0.0/8";
    default:
      return "text";
  }
}

/// The number behind a text of a type that has ranges.
std::optional<int64_t> numberOf(Type type, std::string_view text) {
  if (type == Type::integer) return parseInteger(text);
  if (type == Type::bytes) return parseBytes(text);
  const auto duration = parseDuration(text);
  return duration ? std::optional<int64_t>(duration->count()) : std::nullopt;
}

std::string written(Type type, int64_t value) {
  if (type == Type::bytes) return std::to_string(value) + "B";
  if (type != Type::duration) return std::to_string(value);
  static constexpr std::pair<int64_t, const char*> units[] = {{3'600'000'000'000, "h"}, {60'000'000'000, "min"}, {1'000'000'000, "s"}};
  for (const auto& [size, unit] : units)
    if (value != 0 && value % size == 0) return std::to_string(value / size) + unit;
  return std::to_string(value / 1'000'000) + "ms";
}

std::string range(const Parameter& parameter) {
  const bool least = parameter.least != std::numeric_limits<int64_t>::min(), most = parameter.most != std::numeric_limits<int64_t>::max();
  if (least && most) return "from " + written(parameter.type, parameter.least) + " to " + written(parameter.type, parameter.most);
  return least ? "at least " + written(parameter.type, parameter.least) : "at most " + written(parameter.type, parameter.most);
}

bool hasForm(Type type, std::string_view text) {
  switch (type) {
    case Type::boolean:
      return parseBoolean(text).has_value();
    case Type::number:
      return isNumber(text);
    case Type::integer:
    case Type::bytes:
    case Type::duration:
      return numberOf(type, text).has_value();
    case Type::address:
      return Runtime::IpAddress::parse(text).has_value();
    case Type::network:
      return isNetwork(text);
    default:
      return true;
  }
}

}  // namespace

std::optional<std::string> whyUnfit(const Parameter& parameter, std::string_view text) {
  const std::string found = "'" + std::string(text) + "'";
  const auto& choices = parameter.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
    return found + " is not allowed" + suggestion(text, choices);
  if (!hasForm(parameter.type, text)) return found + " is not " + formOf(parameter.type);
  const bool ranged = parameter.type == Type::integer || parameter.type == Type::bytes || parameter.type == Type::duration;
  if (!ranged) return {};
  const int64_t value = *numberOf(parameter.type, text);
  if (value < parameter.least || value > parameter.most) return found + " is out of range: " + range(parameter);
  return {};
}

}  // namespace Patchbay::Pipeline
