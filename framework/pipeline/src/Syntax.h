#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "Network.h"
#include "patchbay/pipeline/Declaration.h"
#include "patchbay/pipeline/Node.h"

/// Rules as they were read: names are resolved and types checked, but nothing is bound. Pointers to declarations are the vocabulary's.
namespace Patchbay::Pipeline {

struct VariableUse {
  const VariableDeclaration* declaration = nullptr;  ///< null when unknown (already reported)
  VariableReference reference;
  std::string written;
  Type type() const { return declaration ? declaration->type : Type::text; }
};

/// A part of a text: as it stands, or a variable.
struct Piece {
  std::string literal;
  std::optional<VariableUse> variable;
};
using Pieces = std::vector<Piece>;

bool isConstant(const Pieces& pieces);
std::string constantText(const Pieces& pieces);
/// As one would write it in an attribute.
std::string written(const Pieces& pieces);

struct ArgumentUse {
  const Parameter* parameter = nullptr;
  Pieces value;
};

struct CallUse {
  const ActionDeclaration* action = nullptr;
  std::vector<ArgumentUse> arguments;
  Location location;
  bool predicate = false;
};

struct Literal {
  Type type = Type::text;
  std::string text;
  int64_t number = 0;
  Network network;
  std::string toString() const;
};

enum class Comparison : uint8_t { equal, unequal, less, lessOrEqual, greater, greaterOrEqual };
const char* signOf(Comparison comparison);

struct Condition {
  enum class Kind : uint8_t {
    every,      ///< all parts, left to right
    any,        ///< one of the parts, left to right
    negation,   ///< not the one part
    constant,   ///< literal
    call,       ///< an action as predicate
    route,      ///< another pipeline as predicate
    truth,      ///< left by itself
    compare,    ///< left with right or literals[0]
    match,      ///< left with the expression literals[0]
    among,      ///< left in literals (addresses in networks)
    membership  ///< left in (or ==) a named one
  };
  Kind kind = Kind::constant;
  bool negated = false;
  Comparison comparison = Comparison::equal;
  std::vector<Condition> parts;
  CallUse call;
  std::string route;
  Location location;
  VariableUse left;
  std::optional<VariableUse> right;
  std::vector<Literal> literals;
  const MembershipDeclaration* membership = nullptr;
};

/// What stands in a pipeline.
struct StepSource {
  enum class Kind : uint8_t { action, rule, first, route, leave, stop, set };
  Kind kind = Kind::action;
  Location location;
  std::string name;  ///< of a rule, or of the pipeline that is called
  std::optional<Condition> condition;
  std::vector<StepSource> body, otherwise;
  bool hasElse = false;
  CallUse call;
  bool value = true;  ///< of <return>
  VariableUse target;
  Pieces text;
  /// As the author sees it: 'too large', <stop/>, drop.
  std::string label() const;
};

/// A name used in a pipeline that only some entry points know.
struct NameUse {
  std::string what;
  const std::vector<std::string>* entries;
  Location location;
};

struct RouteUse {
  std::string target;
  Location location;
};

struct PipelineSource {
  std::string name, on, onError;
  Location location;
  std::vector<StepSource> body;
  std::vector<NameUse> names;
  std::vector<RouteUse> routes;
};

}  // namespace Patchbay::Pipeline
