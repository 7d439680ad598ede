#pragma once

#include "Arguments.h"

namespace Patchbay::Pipeline {

/// Reads a condition, with types checked. What is wrong is reported with its column; a fault of form ends the reading, others do not.
///
///   any        := every { 'or' every }
///   every      := inverse { 'and' inverse }
///   inverse    := 'not' inverse | '!' tight | comparison
///   tight      := '!' tight | '(' any ')' | call | variable | 'true' | 'false'
///   comparison := '(' any ')' | call | 'true' | 'false' | variable [ operator right ]
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, Location location, std::string where, Names& names);
  std::optional<Condition> condition();
  /// A variable and nothing else.
  std::optional<VariableUse> variableAlone();

 private:
  struct Operand {
    std::optional<VariableUse> variable;
    std::optional<Literal> literal;
    size_t column = 0;
    std::string shown() const;
    Type type() const { return literal ? literal->type : variable->type(); }
    bool unknown() const { return variable && !variable->declaration; }
  };

  Condition any();
  Condition every();
  Condition inverse();
  Condition tight();
  Condition comparison();
  Condition group();
  Condition call(const std::string& name, size_t column);
  Condition routeCall(size_t column);
  std::vector<GivenArgument> arguments();
  Pieces argumentValue();
  Condition constant(bool value);
  Condition truth(Operand left);

  // Comparison.cpp
  Condition compared(Operand left);
  Condition ordinary(Operand left, Comparison comparison);
  void checkOperands(const Operand& left, Operand& right, Comparison comparison);
  Condition matched(Operand left, bool negated);
  Condition contained(Operand left, bool negated);
  std::vector<Literal> listOfLiterals();
  void fit(const Operand& left, Literal& literal, size_t column);
  std::optional<Condition> named(Operand& left, bool set, bool negated);
  void wantVariable(const Operand& left, const char* sign);
  Literal literal(const Token& token);
  bool operatorFollows() const;

  Operand operand(bool rightSide);
  VariableUse variable(const std::string& name, size_t column, bool report = true);
  VariableUse useOf(VariableUse variable);
  std::string unknownName(const std::string& name, bool rightSide) const;

  void advance() { _token = _lexer.next(); }
  bool accept(std::string_view what);
  void expect(std::string_view what);
  [[noreturn]] void fail(size_t column, const std::string& text) const { throw ExpressionError{column, text}; }
  void report(size_t column, const std::string& text) const;
  void deeper();

  Lexer _lexer;
  Token _token;
  Location _location;
  std::string _where;
  Names& _names;
  int _depth = 0;
};

}  // namespace Patchbay::Pipeline
