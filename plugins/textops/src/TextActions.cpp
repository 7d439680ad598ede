#include "Pattern.h"
#include "Replacement.h"
#include "TextopsPlugin.h"
#include "patchbay/core/Request.h"

namespace Patchbay::Textops {

using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::Verdict;

namespace {

class Search : public Pipeline::Action {
 public:
  explicit Search(std::unique_ptr<Pattern> pattern) : _pattern(std::move(pattern)) {}
  Verdict run(Machine& machine) override {
    Pattern::Groups groups;
    return _pattern->find(machine.subject<Core::Request>().message.octets(), 0, groups) ? Verdict::yes : Verdict::no;
  }

 private:
  std::unique_ptr<Pattern> _pattern;
};

class Replace : public Pipeline::Action {
 public:
  explicit Replace(Replacement replacement) : _replacement(std::move(replacement)) {}
  Verdict run(Machine& machine) override {
    return _replacement.apply(machine.subject<Core::Request>(), machine) ? Verdict::yes : Verdict::no;
  }

 private:
  Replacement _replacement;
};

std::unique_ptr<Pipeline::Action> bindSearch(Binding& binding) {
  return std::make_unique<Search>(Pattern::make(binding.text("regex").constant(), false, binding));
}

std::unique_ptr<Pipeline::Action> bindReplace(Binding& binding, bool all) {
  auto pattern = Pattern::make(binding.text("regex").constant(), false, binding);
  return std::make_unique<Replace>(Replacement(std::move(pattern), Template::plain(binding.text("text").constant()), all));
}

std::unique_ptr<Pipeline::Action> bindSubstitute(Binding& binding) {
  std::string why;
  const auto substitution = Substitution::parse(binding.text("expression").constant(), why);
  auto pattern = substitution ? Pattern::make(substitution->pattern, substitution->anyCase, binding) : nullptr;
  auto text = pattern ? Template::withGroups(substitution->text, pattern->groups(), why) : std::nullopt;
  if (!text) {
    if (!why.empty()) binding.error(why);
    return nullptr;
  }
  return std::make_unique<Replace>(Replacement(std::move(pattern), std::move(*text), substitution->all));
}

Pipeline::Parameter constant(std::string name, std::string summary) {
  Pipeline::Parameter parameter;
  parameter.name = std::move(name);
  parameter.summary = std::move(summary);
  parameter.required = true;
  parameter.constant = true;
  return parameter;
}

Pipeline::ActionDeclaration action(std::string name, std::string summary, std::vector<Pipeline::Parameter> parameters) {
  Pipeline::ActionDeclaration declaration;
  declaration.name = std::move(name);
  declaration.summary = std::move(summary);
  declaration.parameters = std::move(parameters);
  declaration.entries = {"request", "branch", "reply", "failure"};
  declaration.predicate = true;
  declaration.effects = Pipeline::edits;
  declaration.yes = "something matched and was replaced";
  declaration.no = "nothing was";
  return declaration;
}

}  // namespace

void declareTextActions(Bundle::Declaration& declaration) {
  auto search = action("search", "Whether the message as it was received, start line and body included, matches.",
                       {constant("regex", "A regular expression; ^ and $ stand at lines' ends.")});
  search.step = false;
  search.effects = Pipeline::reads;
  search.yes = "it matches";
  search.no = "it does not";
  search.bind = bindSearch;
  const auto text = constant("text", "What stands there instead, as it is.");
  auto first = action("replace", "Replaces the first match in headers and body.", {constant("regex", "A regular expression."), text});
  first.bind = [](Binding& binding) { return bindReplace(binding, false); };
  auto all =
      action("replace_all", "Replaces every match in headers and body (at most 256).", {constant("regex", "A regular expression."), text});
  all.bind = [](Binding& binding) { return bindReplace(binding, true); };
  auto substitute =
      action("subst", "Replaces matches in headers and body, groups put in.",
             {constant("expression", "`/regex/replacement/flags`: \\1 is a group, \\0 the match; flags i (any case) and g (all).")});
  substitute.bind = bindSubstitute;
  for (auto* one : {&search, &first, &all, &substitute}) declaration.actions.push_back(std::move(*one));
}

}  // namespace Patchbay::Textops
