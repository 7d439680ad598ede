#include <charconv>

#include "Binder.h"

namespace Patchbay::Pipeline {

namespace {

struct Unit {
  const char* name;
  int64_t factor;
};
constexpr Unit Units[] = {{"d", 86400000000000}, {"h", 3600000000000}, {"min", 60000000000},
                          {"s", 1000000000},     {"ms", 1000000},      {"us", 1000}};

const char* unitOf(Type type, int64_t& number) {
  if (type == Type::bytes) return "B";
  if (type != Type::duration) return "";
  if (number == 0) return "s";
  for (const Unit& unit : Units) {
    if (number % unit.factor != 0) continue;
    number /= unit.factor;
    return unit.name;
  }
  return "ns";
}

std::string_view numberText(Machine& machine, Type type, int64_t number) {
  constexpr size_t Room = 24;
  char* const begin = machine.scratch().take(Room);
  const char* unit = unitOf(type, number);
  char* end = std::to_chars(begin, begin + Room - 4, number).ptr;
  while (*unit != '\0') *end++ = *unit++;
  return {begin, static_cast<size_t>(end - begin)};
}

std::string_view textOf(Machine& machine, const Value& value, Type type) {
  switch (value.kind()) {
    case Value::Kind::absent:
      return {};
    case Value::Kind::text:
      return value.text();
    case Value::Kind::boolean:
      return value.boolean() ? "true" : "false";
    case Value::Kind::integer:
      return numberText(machine, type, value.integer());
    case Value::Kind::address: {
      char* const begin = machine.scratch().take(48);
      const char* end = value.address().write(begin, false);
      return {begin, static_cast<size_t>(end - begin)};
    }
  }
  return {};
}

}  // namespace

std::string_view TextArgument::compose(Machine& machine) const {
  std::array<std::string_view, Parts::Most> views;
  size_t count = 0, length = 0;
  for (const Parts::Part& part : _parts->all) {
    views[count] = part.variable ? textOf(machine, part.variable->read(machine), part.type) : std::string_view(part.literal);
    length += views[count++].size();
  }
  char* const begin = machine.scratch().take(length);
  char* at = begin;
  for (size_t i = 0; i < count; ++i) {
    if (!views[i].empty()) std::memcpy(at, views[i].data(), views[i].size());
    at += views[i].size();
  }
  return {begin, length};
}

std::optional<int64_t> IntegerArgument::compute(Machine& machine) const {
  const auto value = valueOf(_type, _text.get(machine));
  if (!value || value->integer() < _least || value->integer() > _most) return std::nullopt;
  return value->integer();
}

std::optional<Value> valueOf(Type type, std::string_view text) {
  switch (type) {
    case Type::boolean: {
      const auto flag = parseBoolean(text);
      return flag ? std::optional(Value::of(*flag)) : std::nullopt;
    }
    case Type::integer:
    case Type::number: {
      const auto number = parseInteger(text);
      return number ? std::optional(Value::of(*number)) : std::nullopt;
    }
    case Type::bytes: {
      const auto bytes = parseBytes(text);
      return bytes ? std::optional(Value::of(*bytes)) : std::nullopt;
    }
    case Type::duration: {
      const auto duration = parseDuration(text);
      return duration ? std::optional(Value::of(int64_t{duration->count()})) : std::nullopt;
    }
    case Type::address:
    case Type::network: {
      const auto address = Runtime::IpAddress::parse(text);
      return address ? std::optional(Value::of(*address)) : std::nullopt;
    }
    default:
      return Value::of(text);
  }
}

}  // namespace Patchbay::Pipeline
