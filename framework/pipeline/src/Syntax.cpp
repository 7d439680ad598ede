#include "Syntax.h"

namespace Patchbay::Pipeline {

bool isConstant(const Pieces& pieces) {
  for (const Piece& piece : pieces) {
    if (piece.variable) return false;
  }
  return true;
}

std::string constantText(const Pieces& pieces) {
  std::string text;
  for (const Piece& piece : pieces) text += piece.literal;
  return text;
}

std::string written(const Pieces& pieces) {
  std::string text;
  for (const Piece& piece : pieces) text += piece.variable ? "${" + piece.variable->written + "}" : piece.literal;
  return text;
}

std::string Literal::toString() const {
  if (type == Type::network || type == Type::address) return network.toString();
  if (type == Type::text) return "'" + text + "'";
  return std::to_string(number) + (type == Type::duration ? "ns" : type == Type::bytes ? "B" : "");
}

const char* signOf(Comparison comparison) {
  static constexpr const char* Signs[] = {"==", "!=", "<", "<=", ">", ">="};
  return Signs[static_cast<int>(comparison)];
}

std::string StepSource::label() const {
  switch (kind) {
    case Kind::action:
      return "'" + (call.action ? call.action->name : name) + "'";
    case Kind::rule:
      return name.empty() ? "the rule in line " + std::to_string(location.line) : "rule '" + name + "'";
    case Kind::first:
      return name.empty() ? "<first> in line " + std::to_string(location.line) : "<first> '" + name + "'";
    case Kind::route:
      return "route to '" + name + "'";
    case Kind::leave:
      return "<return/>";
    case Kind::stop:
      return "<stop/>";
    case Kind::set:
      return "<set> of '" + target.written + "'";
  }
  return {};
}

}  // namespace Patchbay::Pipeline
