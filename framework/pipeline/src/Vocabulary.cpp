#include <Poco/Exception.h>

#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Pipeline {

namespace {

template <class T>
const T* find(const std::vector<T>& all, std::string_view name) {
  for (const T& one : all) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

template <class T>
void addTo(std::vector<T>& all, T declaration, const char* kind) {
  if (find(all, declaration.name)) throw Poco::ExistsException(std::string(kind) + " '" + declaration.name + "' is declared twice");
  all.push_back(std::move(declaration));
}

/// error.action and error.text, for on-error pipelines.
class ErrorVariable : public Variable {
 public:
  explicit ErrorVariable(bool text) : _text(text) {}
  Value read(Machine& machine) const override {
    const std::string_view value = _text ? machine.errorText() : std::string_view(machine.errorAction());
    return value.empty() ? Value::absent() : Value::of(value);
  }

 private:
  bool _text;
};

VariableDeclaration errorVariable(const char* name, const char* summary, bool text) {
  VariableDeclaration declaration;
  declaration.name = name;
  declaration.summary = summary;
  declaration.bind = [text](const VariableReference&, Binding&) { return std::make_unique<ErrorVariable>(text); };
  return declaration;
}

}  // namespace

bool Variable::write(Machine&, const Value&) const {
  return false;
}

Vocabulary::Vocabulary() {
  add(errorVariable("error.action", "the action that failed, in an on-error pipeline", false));
  add(errorVariable("error.text", "why it failed, in an on-error pipeline", true));
}

void Vocabulary::add(ActionDeclaration declaration) {
  addTo(_actions, std::move(declaration), "action");
}

void Vocabulary::add(VariableDeclaration declaration) {
  addTo(_variables, std::move(declaration), "variable");
}

void Vocabulary::add(MembershipDeclaration declaration) {
  addTo(_memberships, std::move(declaration), "membership");
}

void Vocabulary::add(EntryDeclaration declaration) {
  addTo(_entries, std::move(declaration), "entry point");
}

const ActionDeclaration* Vocabulary::action(std::string_view name) const {
  return find(_actions, name);
}

const VariableDeclaration* Vocabulary::variable(std::string_view name) const {
  return find(_variables, name);
}

const MembershipDeclaration* Vocabulary::membership(std::string_view name) const {
  return find(_memberships, name);
}

const EntryDeclaration* Vocabulary::entry(std::string_view name) const {
  return find(_entries, name);
}

}  // namespace Patchbay::Pipeline
