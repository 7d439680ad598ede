#include <re2/re2.h>

#include <algorithm>

#include "ExpressionParser.h"

/// The part of the parser that reads operators and what stands right of them, and checks the types of both sides.
namespace Patchbay::Pipeline {

namespace {

enum class Group { number, duration, bytes, boolean, text, address };

Group groupOf(Type type) {
  switch (type) {
    case Type::boolean:
      return Group::boolean;
    case Type::integer:
    case Type::number:
      return Group::number;
    case Type::duration:
      return Group::duration;
    case Type::bytes:
      return Group::bytes;
    case Type::address:
    case Type::network:
      return Group::address;
    default:
      return Group::text;
  }
}

struct Sign {
  const char* text;
  Comparison comparison;
};
constexpr Sign Comparisons[] = {{"==", Comparison::equal},         {"!=", Comparison::unequal},     {"<", Comparison::less},
                                {"lt", Comparison::less},          {"<=", Comparison::lessOrEqual}, {"le", Comparison::lessOrEqual},
                                {">", Comparison::greater},        {"gt", Comparison::greater},     {">=", Comparison::greaterOrEqual},
                                {"ge", Comparison::greaterOrEqual}};

std::string typed(const std::string& shown, Type type) {
  return shown + " (" + nameOf(type) + ")";
}

}  // namespace

std::string ExpressionParser::Operand::shown() const {
  return literal ? "'" + literal->text + "'" : "'" + variable->written + "'";
}

bool ExpressionParser::operatorFollows() const {
  if (_token.is("=~") || _token.is("!~") || _token.is("in") || _token.is("not") || _token.is("=")) return true;
  return std::any_of(std::begin(Comparisons), std::end(Comparisons), [&](const Sign& sign) { return _token.is(sign.text); });
}

Condition ExpressionParser::compared(Operand left) {
  if (_token.is("=")) fail(_token.column, "'=' is not known; write ==");
  for (const Sign& sign : Comparisons) {
    if (accept(sign.text)) return ordinary(std::move(left), sign.comparison);
  }
  if (accept("=~")) return matched(std::move(left), false);
  if (accept("!~")) return matched(std::move(left), true);
  if (accept("in")) return contained(std::move(left), false);
  if (accept("not")) {
    expect("in");
    return contained(std::move(left), true);
  }
  return truth(std::move(left));
}

void ExpressionParser::wantVariable(const Operand& left, const char* sign) {
  if (left.literal) fail(left.column, std::string("left of ") + sign + " a variable is expected, not " + left.shown());
}

Condition ExpressionParser::ordinary(Operand left, Comparison comparison) {
  wantVariable(left, signOf(comparison));
  const bool equality = comparison == Comparison::equal || comparison == Comparison::unequal;
  if (equality && _token.kind == Token::Kind::word) {
    if (auto condition = named(left, false, comparison == Comparison::unequal)) return std::move(*condition);
  }
  Operand right = operand(true);
  checkOperands(left, right, comparison);
  Condition condition;
  condition.kind = Condition::Kind::compare;
  condition.comparison = comparison;
  condition.left = std::move(*left.variable);
  condition.right = std::move(right.variable);
  if (right.literal) condition.literals.push_back(std::move(*right.literal));
  return condition;
}

void ExpressionParser::checkOperands(const Operand& left, Operand& right, Comparison comparison) {
  if (left.unknown() || right.unknown()) return;
  if (right.literal) {
    fit(left, *right.literal, right.column);
    if (right.literal->type == Type::network)
      report(right.column, right.shown() + " is a network; write " + left.variable->written + " in " + right.literal->text);
  } else if (groupOf(left.type()) != groupOf(right.type())) {
    report(right.column, typed(left.shown(), left.type()) + " cannot be compared with " + typed(right.shown(), right.type()));
  }
  const Group group = groupOf(left.type());
  const bool ordered = group == Group::number || group == Group::duration || group == Group::bytes;
  if (comparison != Comparison::equal && comparison != Comparison::unequal && !ordered)
    report(left.column,
           typed(left.shown(), left.type()) + " has no order; only numbers, sizes and durations are compared with " + signOf(comparison));
}

/// Makes the literal one of the variable's type where it may be written so (an address in quotes); else reports.
void ExpressionParser::fit(const Operand& left, Literal& literal, size_t column) {
  if (left.unknown()) return;
  const Group wanted = groupOf(left.type());
  if (wanted == Group::address && literal.type == Type::text) {
    const auto network = Network::parse(literal.text);
    if (!network) {
      report(column,
             "'" + literal.text + "' is neither an address nor a network; " + typed(left.shown(), left.type()) + " is compared with one");
      return;
    }
    literal.network = *network;
    literal.type = literal.text.find('/') == std::string::npos ? Type::address : Type::network;
  }
  if (groupOf(literal.type) == wanted) return;
  report(column, typed(left.shown(), left.type()) + " cannot be compared with " + typed("'" + literal.text + "'", literal.type) +
                     unitAdvice(left.type()));
}

Condition ExpressionParser::matched(Operand left, bool negated) {
  wantVariable(left, "=~");
  const Token pattern = _token;
  if (pattern.kind != Token::Kind::text) fail(pattern.column, "a regular expression in single quotes is expected, not " + pattern.shown());
  advance();
  if (!left.unknown() && groupOf(left.type()) != Group::text)
    report(left.column, typed(left.shown(), left.type()) + " cannot be searched; only texts match regular expressions");
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  const RE2 expression(pattern.text, options);
  if (!expression.ok()) report(pattern.column, "'" + pattern.text + "' is no regular expression: " + expression.error());
  Condition condition;
  condition.kind = Condition::Kind::match;
  condition.negated = negated;
  condition.left = std::move(*left.variable);
  condition.literals.push_back({Type::text, pattern.text, 0, {}});
  return condition;
}

Condition ExpressionParser::contained(Operand left, bool negated) {
  wantVariable(left, "'in'");
  if (_token.kind == Token::Kind::word) {
    if (auto condition = named(left, true, negated)) return std::move(*condition);
  }
  const size_t column = _token.column;
  Condition condition;
  condition.kind = Condition::Kind::among;
  condition.negated = negated;
  if (_token.is("("))
    condition.literals = listOfLiterals();
  else if (Operand right = operand(true); right.literal)
    condition.literals.push_back(std::move(*right.literal));
  else
    fail(column, right.shown() + " is no set; allowed: (a list), a network" + suggestion("", _names.membershipNames(true)));
  bool networks = false, others = false;
  for (Literal& literal : condition.literals) {
    const bool network = groupOf(literal.type) == Group::address;
    if (!network || groupOf(left.type()) != Group::text) fit(left, literal, column);
    (groupOf(literal.type) == Group::address ? networks : others) = true;
  }
  if (networks && others) report(column, "networks and other values are mixed in one list");
  condition.left = std::move(*left.variable);
  return condition;
}

std::vector<Literal> ExpressionParser::listOfLiterals() {
  std::vector<Literal> literals;
  expect("(");
  do {
    Operand one = operand(true);
    if (!one.literal) fail(one.column, "a list holds constants only, not the variable " + one.shown());
    literals.push_back(std::move(*one.literal));
  } while (accept(","));
  expect(")");
  return literals;
}

/// A membership, when the word names one.
std::optional<Condition> ExpressionParser::named(Operand& left, bool set, bool negated) {
  const MembershipDeclaration* membership = _names.vocabulary.membership(_token.text);
  if (!membership) return std::nullopt;
  if (membership->set != set) fail(_token.column, "'" + _token.text + "' is used with " + (set ? "== and !=" : "'in' and 'not in'"));
  _names.use("name", membership->name, membership->entries, _location);
  advance();
  Condition condition;
  condition.kind = Condition::Kind::membership;
  condition.negated = negated;
  condition.membership = membership;
  condition.left = std::move(*left.variable);
  condition.location = _location;
  return condition;
}

ExpressionParser::Operand ExpressionParser::operand(bool rightSide) {
  const Token token = _token;
  if (token.kind == Token::Kind::end || token.kind == Token::Kind::sign) fail(token.column, "a value is expected, not " + token.shown());
  advance();
  if (token.kind != Token::Kind::word) return {{}, literal(token), token.column};
  if (_token.is("(")) fail(token.column, "the answer of '" + token.text + "' is a condition by itself; it cannot be compared");
  if (token.text == "true" || token.text == "false")
    return {{}, Literal{Type::boolean, token.text, token.text == "true", {}}, token.column};
  VariableUse use = variable(token.text, token.column, false);
  if (use.declaration) return {std::move(use), {}, token.column};
  const auto constant = _names.constants.find(token.text);
  if (constant != _names.constants.end()) {
    const bool number = !constant->second.empty() && Lexer(constant->second).next().text == constant->second;
    const bool digit = number && constant->second.find_first_of("0123456789") == 0;
    return {{}, literal({digit ? Token::Kind::number : Token::Kind::text, constant->second, token.column}), token.column};
  }
  report(token.column, unknownName(use.written, rightSide));
  return {std::move(use), {}, token.column};
}

Literal ExpressionParser::literal(const Token& token) {
  if (token.kind == Token::Kind::text) {
    if (token.text.find("${") != std::string::npos)
      fail(token.column, "${...} stands in attribute values only; write the variable without quotation marks");
    return {Type::text, token.text, 0, {}};
  }
  if (const auto number = parseInteger(token.text)) return {Type::integer, token.text, *number, {}};
  if (const auto bytes = parseBytes(token.text)) return {Type::bytes, token.text, *bytes, {}};
  if (const auto duration = parseDuration(token.text)) return {Type::duration, token.text, duration->count(), {}};
  if (const auto network = Network::parse(token.text))
    return {token.text.find('/') == std::string::npos ? Type::address : Type::network, token.text, 0, *network};
  fail(token.column, "'" + token.text + "' is no number, size (16KiB), duration (500ms), address or network (10.0.0.0/8)");
}

}  // namespace Patchbay::Pipeline
