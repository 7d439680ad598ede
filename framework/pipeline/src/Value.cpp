#include "patchbay/pipeline/Value.h"

#include <array>
#include <charconv>
#include <span>

namespace Patchbay::Pipeline {

const char* nameOf(Type type) {
  switch (type) {
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "integer";
    case Type::number:
      return "number";
    case Type::text:
      return "text";
    case Type::duration:
      return "duration";
    case Type::bytes:
      return "size";
    case Type::address:
      return "address";
    case Type::network:
      return "network";
    case Type::list:
      return "list";
  }
  return "?";
}

bool Value::truth() const {
  switch (_kind) {
    case Kind::absent:
      return false;
    case Kind::text:
      return !_text.empty();
    case Kind::address:
      return _address.valid();
    default:
      return _number != 0;
  }
}

namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};

constexpr std::array<Unit, 7> Durations{
    {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"min", 60000000000}, {"h", 3600000000000}, {"d", 86400000000000}}};
constexpr std::array<Unit, 5> Sizes{{{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", int64_t{1} << 40}}};

std::optional<int64_t> withUnit(std::string_view text, std::span<const Unit> units) {
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || number < 0) return std::nullopt;
  const std::string_view given(end, text.data() + text.size() - end);
  for (const Unit& unit : units) {
    if (unit.name != given) continue;
    int64_t product = 0;
    return __builtin_mul_overflow(number, unit.factor, &product) ? std::nullopt : std::optional<int64_t>(product);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parseDuration(std::string_view text) {
  const auto number = withUnit(text, Durations);
  return number ? std::optional(std::chrono::nanoseconds(*number)) : std::nullopt;
}

std::optional<int64_t> parseBytes(std::string_view text) {
  return withUnit(text, Sizes);
}

std::optional<int64_t> parseInteger(std::string_view text) {
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> parseBoolean(std::string_view text) {
  if (text == "yes" || text == "true" || text == "on" || text == "1") return true;
  if (text == "no" || text == "false" || text == "off" || text == "0") return false;
  return std::nullopt;
}

}  // namespace Patchbay::Pipeline
