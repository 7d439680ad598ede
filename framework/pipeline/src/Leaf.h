#pragma once

#include <re2/re2.h>

#include <memory>
#include <vector>

#include "Syntax.h"

namespace Patchbay::Pipeline {

/// A comparison without actions in it: decided at once, no jump inside.
struct Leaf {
  Condition::Kind kind = Condition::Kind::truth;
  bool negated = false;
  Comparison comparison = Comparison::equal;
  uint32_t left = 0;  ///< slot
  int right = -1;     ///< slot, or the constant
  const Variable* leftVariable = nullptr;
  const Variable* rightVariable = nullptr;
  Value constant;
  std::vector<Value> values;
  std::vector<Network> networks;
  std::unique_ptr<RE2> expression;
  std::shared_ptr<const MembershipDeclaration> declaration;
  std::unique_ptr<Membership> membership;
  Location location;
  std::string text;  ///< for the listing

  bool holds(Machine& machine) const;

 private:
  bool among(const Value& value) const;
};

/// An absent value is unequal to everything; so are values of different kinds.
bool compare(const Value& left, const Value& right, Comparison comparison);

}  // namespace Patchbay::Pipeline
