#include "ExpressionParser.h"

#include <algorithm>

namespace Patchbay::Pipeline {

namespace {

constexpr int MostNesting = 100;

/// Words that are operators; `in` and the like stand for themselves nowhere else.
bool isOperator(const Token& token) {
  static constexpr std::string_view Operators[] = {"and", "or", "not", "in", "lt", "le", "gt", "ge"};
  return token.kind == Token::Kind::word && std::find(std::begin(Operators), std::end(Operators), token.text) != std::end(Operators);
}

Condition joined(Condition::Kind kind, std::vector<Condition> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  Condition condition;
  condition.kind = kind;
  condition.parts = std::move(parts);
  return condition;
}

Condition inverted(Condition part) {
  Condition condition;
  condition.kind = Condition::Kind::negation;
  condition.parts.push_back(std::move(part));
  return condition;
}

}  // namespace

ExpressionParser::ExpressionParser(std::string_view text, Location location, std::string where, Names& names)
    : _lexer(text), _location(std::move(location)), _where(std::move(where)), _names(names) {}

std::optional<Condition> ExpressionParser::condition() {
  try {
    advance();
    if (_token.kind == Token::Kind::end) fail(1, "an expression is expected");
    Condition condition = any();
    if (_token.kind != Token::Kind::end) fail(_token.column, "'and', 'or' or the end is expected, not " + _token.shown());
    return condition;
  } catch (const ExpressionError& error) {
    report(error.column, error.text);
    return std::nullopt;
  }
}

std::optional<VariableUse> ExpressionParser::variableAlone() {
  try {
    advance();
    if (_token.kind != Token::Kind::word) fail(_token.column, "a variable is expected, not " + _token.shown());
    const Token name = _token;
    advance();
    VariableUse found = variable(name.text, name.column);
    if (_token.kind != Token::Kind::end) fail(_token.column, "only a variable is allowed here, not an expression");
    return found;
  } catch (const ExpressionError& error) {
    report(error.column, error.text);
    return std::nullopt;
  }
}

Condition ExpressionParser::any() {
  std::vector<Condition> parts;
  do parts.push_back(every());
  while (accept("or"));
  return joined(Condition::Kind::any, std::move(parts));
}

Condition ExpressionParser::every() {
  std::vector<Condition> parts;
  do parts.push_back(inverse());
  while (accept("and"));
  return joined(Condition::Kind::every, std::move(parts));
}

Condition ExpressionParser::inverse() {
  deeper();
  Condition condition;
  const size_t column = _token.column;
  if (isOperator(_token) && !_token.is("not")) fail(column, "a condition is expected, not the operator " + _token.shown());
  if (accept("not")) {
    condition = inverted(inverse());
  } else if (accept("!")) {
    condition = inverted(tight());
    if (operatorFollows()) fail(column, "'!' before a comparison; write !(...) or 'not'");
  } else {
    condition = comparison();
  }
  --_depth;
  return condition;
}

Condition ExpressionParser::tight() {
  deeper();
  Condition condition;
  if (accept("!")) {
    condition = inverted(tight());
  } else if (_token.is("(")) {
    condition = group();
  } else if (_token.kind != Token::Kind::word) {
    fail(_token.column, "a variable, an action or '(' is expected, not " + _token.shown());
  } else {
    const Token name = _token;
    advance();
    if (_token.is("("))
      condition = call(name.text, name.column);
    else if (name.text == "true" || name.text == "false")
      condition = constant(name.text == "true");
    else
      condition = truth({variable(name.text, name.column), {}, name.column});
  }
  --_depth;
  return condition;
}

Condition ExpressionParser::group() {
  expect("(");
  Condition condition = any();
  expect(")");
  return condition;
}

Condition ExpressionParser::comparison() {
  const Token first = _token;
  Condition condition;
  if (first.is("(")) {
    condition = group();
  } else {
    Operand left;
    if (first.kind == Token::Kind::word) {
      advance();
      if (_token.is("("))
        condition = call(first.text, first.column);
      else if ((first.text == "true" || first.text == "false") && !operatorFollows())
        return constant(first.text == "true");
      else
        return compared({variable(first.text, first.column), {}, first.column});
    } else {
      left = operand(false);
      return compared(std::move(left));
    }
  }
  if (operatorFollows())
    fail(_token.column, "only variables are compared: what stands before " + _token.shown() + " is a condition by itself");
  return condition;
}

Condition ExpressionParser::constant(bool value) {
  Condition condition;
  condition.kind = Condition::Kind::constant;
  Literal literal;
  literal.type = Type::boolean;
  literal.number = value ? 1 : 0;
  condition.literals.push_back(std::move(literal));
  return condition;
}

Condition ExpressionParser::truth(Operand left) {
  if (left.literal) fail(left.column, left.shown() + " alone is no condition; compare it with a variable");
  Condition condition;
  condition.kind = Condition::Kind::truth;
  condition.left = std::move(*left.variable);
  return condition;
}

Condition ExpressionParser::call(const std::string& name, size_t column) {
  if (name == "route") return routeCall(column);
  Condition condition;
  condition.kind = Condition::Kind::call;
  condition.call.action = _names.vocabulary.action(name);
  condition.call.location = _location;
  condition.call.predicate = true;
  std::vector<GivenArgument> given = arguments();
  if (!condition.call.action) {
    report(column, _names.unknownAction(name, true));
    return condition;
  }
  if (!condition.call.action->predicate)
    report(column, "action '" + name + "' has no yes or no; it may not stand in an expression, only as a step <" + name + "/>");
  _names.use("action", name, condition.call.action->entries, _location);
  takeArguments(condition.call, std::move(given), _names);
  return condition;
}

Condition ExpressionParser::routeCall(size_t column) {
  std::vector<GivenArgument> given = arguments();
  if (given.size() != 1 || !isConstant(given.front().value) || !(given.front().name.empty() || given.front().name == "name"))
    fail(column, "route takes the name of a pipeline: route('gw')");
  Condition condition;
  condition.kind = Condition::Kind::route;
  condition.route = constantText(given.front().value);
  condition.location = _location;
  if (_names.pipeline) _names.pipeline->routes.push_back({condition.route, _location});
  return condition;
}

std::vector<GivenArgument> ExpressionParser::arguments() {
  std::vector<GivenArgument> given;
  expect("(");
  if (accept(")")) return given;
  do {
    GivenArgument argument;
    const size_t column = _token.column;
    argument.where = _where + ", column " + std::to_string(column);
    if (_token.kind == Token::Kind::word) {
      const Token name = _token;
      advance();
      if (accept("="))
        argument.name = name.text;
      else if (name.text == "true" || name.text == "false")
        argument.value.push_back({name.text, {}});
      else
        argument.value.push_back({{}, variable(name.text, name.column)});
    }
    if (argument.value.empty()) argument.value = argumentValue();
    if (argument.name.empty() && !given.empty() && !given.back().name.empty())
      fail(column, "an argument by position stands behind a named one");
    given.push_back(std::move(argument));
  } while (accept(","));
  expect(")");
  return given;
}

Pieces ExpressionParser::argumentValue() {
  const Token token = _token;
  advance();
  if (token.kind == Token::Kind::text || token.kind == Token::Kind::number) {
    if (token.text.find("${") != std::string::npos)
      fail(token.column, "${...} stands in attribute values only; write the variable without quotation marks");
    return {{token.text, {}}};
  }
  if (token.kind != Token::Kind::word) fail(token.column, "a value is expected, not " + token.shown());
  if (token.text == "true" || token.text == "false") return {{token.text, {}}};
  return {{{}, variable(token.text, token.column)}};
}

/// The name has been read; a bracket may follow.
VariableUse ExpressionParser::variable(const std::string& name, size_t column, bool complain) {
  std::optional<std::string> key;
  bool all = false;
  if (accept("[")) {
    if (_token.kind != Token::Kind::text) fail(_token.column, "a text in single quotes is expected in brackets, not " + _token.shown());
    key = _token.text;
    advance();
    all = accept(",");
    if (all) expect("*");
    expect("]");
  }
  VariableUse use = _names.variable(name, key, all);
  if (use.declaration) _names.use("variable", use.written, use.declaration->entries, _location);
  if (!use.declaration && complain) report(column, unknownName(use.written, false));
  return use;
}

std::string ExpressionParser::unknownName(const std::string& name, bool rightSide) const {
  if (!rightSide && _names.vocabulary.membership(name))
    return "'" + name + "' stands on the right side only: uri == myself, uri.host in domains";
  if (_names.vocabulary.action(name)) return "'" + name + "' is an action; write " + name + "(...)";
  if (_names.constants.count(name)) return "'" + name + "' is a constant; it stands on the right side only";
  std::vector<std::string> allowed = _names.variableNames();
  if (rightSide) {
    for (const bool set : {true, false})
      for (std::string& membership : _names.membershipNames(set)) allowed.push_back(std::move(membership));
  }
  const std::string hint = suggestion(name, allowed);
  if (rightSide && !hint.starts_with(" (did"))
    return "unknown variable '" + name + "'; a text stands in single quotes: '" + name + "'" + hint;
  return "unknown variable '" + name + "'" + hint;
}

bool ExpressionParser::accept(std::string_view what) {
  if (!_token.is(what)) return false;
  advance();
  return true;
}

void ExpressionParser::expect(std::string_view what) {
  if (!accept(what)) fail(_token.column, "'" + std::string(what) + "' is expected, not " + _token.shown());
}

void ExpressionParser::report(size_t column, const std::string& text) const {
  _names.problems.error(_location, _where + ", column " + std::to_string(column) + ": " + text);
}

void ExpressionParser::deeper() {
  if (++_depth > MostNesting) fail(_token.column, "nested deeper than " + std::to_string(MostNesting));
}

}  // namespace Patchbay::Pipeline
