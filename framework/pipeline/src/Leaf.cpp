#include "Leaf.h"

namespace Patchbay::Pipeline {

namespace {

bool ordered(int64_t left, int64_t right, Comparison comparison) {
  switch (comparison) {
    case Comparison::equal:
      return left == right;
    case Comparison::unequal:
      return left != right;
    case Comparison::less:
      return left < right;
    case Comparison::lessOrEqual:
      return left <= right;
    case Comparison::greater:
      return left > right;
    case Comparison::greaterOrEqual:
      return left >= right;
  }
  return false;
}

bool matches(const Value& value, const RE2& expression) {
  if (value.kind() != Value::Kind::text) return false;
  const std::string_view text = value.text();
  return expression.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

}  // namespace

bool compare(const Value& left, const Value& right, Comparison comparison) {
  if (left.isAbsent() || left.kind() != right.kind()) return comparison == Comparison::unequal;
  switch (left.kind()) {
    case Value::Kind::text:
      return (left.text() == right.text()) == (comparison == Comparison::equal);
    case Value::Kind::address:
      return (left.address() == right.address()) == (comparison == Comparison::equal);
    default:
      return ordered(left.integer(), right.integer(), comparison);
  }
}

bool Leaf::holds(Machine& machine) const {
  switch (kind) {
    case Condition::Kind::constant:
      return constant.truth();
    case Condition::Kind::truth:
      return leftVariable->read(machine).truth();
    case Condition::Kind::compare:
      return compare(leftVariable->read(machine), rightVariable ? rightVariable->read(machine) : constant, comparison);
    case Condition::Kind::match:
      return matches(leftVariable->read(machine), *expression) != negated;
    case Condition::Kind::among:
      return among(leftVariable->read(machine)) != negated;
    case Condition::Kind::membership: {
      const Value value = leftVariable->read(machine);
      return (!value.isAbsent() && membership->contains(machine, value)) != negated;
    }
    default:
      return false;
  }
}

bool Leaf::among(const Value& value) const {
  for (const Value& one : values) {
    if (compare(value, one, Comparison::equal)) return true;
  }
  if (networks.empty()) return false;
  const auto parsed = value.kind() == Value::Kind::text ? Runtime::IpAddress::parse(value.text()) : std::nullopt;
  if (!parsed && value.kind() != Value::Kind::address) return false;
  const Runtime::IpAddress& address = parsed ? *parsed : value.address();
  for (const Network& network : networks) {
    if (network.contains(address)) return true;
  }
  return false;
}

}  // namespace Patchbay::Pipeline
