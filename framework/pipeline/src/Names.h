#pragma once

#include "Lexer.h"
#include "Syntax.h"

namespace Patchbay::Pipeline {

/// What names mean at load: the vocabulary, the constants, and the pipeline that is being read, which remembers what it uses.
struct Names {
  const Vocabulary& vocabulary;
  Constants constants;
  Problems& problems;
  PipelineSource* pipeline = nullptr;

  void use(const char* kind, const std::string& name, const std::vector<std::string>& entries, const Location& location);
  /// The variable of a dotted name and, where given, a bracketed key; a null declaration when there is none.
  VariableUse variable(const std::string& name, const std::optional<std::string>& key, bool all) const;
  std::vector<std::string> variableNames() const;
  std::vector<std::string> membershipNames(bool set) const;
  /// What may stand as a step (the language's elements, actions), or else in an expression: for suggestions.
  std::vector<std::string> actionNames(bool predicates) const;
  /// Why an action of that name cannot be used, with advice.
  std::string unknownAction(const std::string& name, bool predicate) const;
};

/// Whether the literal `text` fits a parameter of this type, else why not.
std::optional<std::string> misfit(const Parameter& parameter, const std::string& text);
/// The same for a variable as the whole value.
std::optional<std::string> misfit(const Parameter& parameter, const VariableUse& variable);
/// " (a size has a unit: B, KiB, ...)"
std::string unitAdvice(Type type);

}  // namespace Patchbay::Pipeline
