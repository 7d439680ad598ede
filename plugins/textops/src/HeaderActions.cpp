#include "HeaderLine.h"
#include "TextopsPlugin.h"
#include "patchbay/core/Request.h"

namespace Patchbay::Textops {

using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::TextArgument;
using Pipeline::Type;
using Pipeline::Verdict;

namespace {

Verdict append(Machine& machine, const std::optional<HeaderLine>& line) {
  if (!line) return machine.fail("the text is no 'Name: value'");
  auto& request = machine.subject<Core::Request>();
  if (isFixed(Parser::headerOf(line->name))) return machine.fail("a second header of that name would break the message");
  if (machine.dry()) return Verdict::yes;
  if (!request.edits.appendHeader(request.message, line->name, line->value)) return machine.fail("the value holds control characters");
  return Verdict::yes;
}

class AppendHeader : public Pipeline::Action {
 public:
  AppendHeader(TextArgument name, TextArgument value) : _name(std::move(name)), _value(std::move(value)) {}
  Verdict run(Machine& machine) override {
    const auto value = _value.get(machine);
    const auto name = _name.get(machine);
    if (name.empty()) return append(machine, HeaderLine::cut(value));
    if (!Parser::isToken(name)) return machine.fail("the name is no header's name");
    return append(machine, HeaderLine{name, value});
  }

 private:
  TextArgument _name, _value;
};

/// append_urihf: prefix, the Request-URI as it was received, suffix.
class AppendUriHeader : public Pipeline::Action {
 public:
  AppendUriHeader(TextArgument prefix, TextArgument suffix) : _prefix(std::move(prefix)), _suffix(std::move(suffix)) {}
  Verdict run(Machine& machine) override {
    const auto prefix = _prefix.get(machine), suffix = _suffix.get(machine);
    const auto uri = machine.subject<Core::Request>().originalUri();
    char* room = machine.scratch().take(prefix.size() + uri.size() + suffix.size());
    char* at = room;
    for (const auto part : {prefix, uri, suffix}) at = std::copy(part.begin(), part.end(), at);
    return append(machine, HeaderLine::cut({room, static_cast<size_t>(at - room)}));
  }

 private:
  TextArgument _prefix, _suffix;
};

class RemoveHeader : public Pipeline::Action {
 public:
  explicit RemoveHeader(TextArgument name) : _name(std::move(name)) {}
  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    const auto name = _name.get(machine);
    if (isFixed(Parser::headerOf(name))) return machine.fail("a message cannot do without that header");
    const auto* header = request.message.find(name);
    if (!header) return Verdict::no;
    for (; header; header = request.message.find(name, header))
      if (!machine.dry() && !request.edits.removeHeader(*header)) return machine.fail("the header was changed by another action");
    return Verdict::yes;
  }

 private:
  TextArgument _name;
};

Pipeline::Parameter text(std::string name, std::string summary, bool required) {
  Pipeline::Parameter parameter;
  parameter.name = std::move(name);
  parameter.summary = std::move(summary);
  parameter.required = required;
  return parameter;
}

std::unique_ptr<Pipeline::Action> bindAppend(Binding& binding) {
  auto name = binding.text("name"), value = binding.text("value");
  if (name.isConstant() && !name.constant().empty() && !Parser::isToken(name.constant()))
    binding.error("'" + name.constant() + "' is no header's name");
  if (name.isConstant() && name.constant().empty() && value.isConstant() && !HeaderLine::cut(value.constant()))
    binding.error("'" + value.constant() + "' is no 'Name: value'");
  return std::make_unique<AppendHeader>(std::move(name), std::move(value));
}

std::unique_ptr<Pipeline::Action> bindAppendUri(Binding& binding) {
  auto prefix = binding.text("prefix");
  if (prefix.isConstant() && !HeaderLine::cut(prefix.constant())) binding.error("'" + prefix.constant() + "' does not begin with 'Name:'");
  return std::make_unique<AppendUriHeader>(std::move(prefix), binding.text("suffix"));
}

std::unique_ptr<Pipeline::Action> bindRemove(Binding& binding) {
  auto name = binding.text("name");
  if (name.isConstant() && !Parser::isToken(name.constant())) binding.error("'" + name.constant() + "' is no header's name");
  if (name.isConstant() && isFixed(Parser::headerOf(name.constant())))
    binding.error("'" + name.constant() + "': a message cannot do without that header");
  return std::make_unique<RemoveHeader>(std::move(name));
}

}  // namespace

void declareHeaderActions(Bundle::Declaration& declaration) {
  Pipeline::ActionDeclaration append;
  append.name = "append_hf";
  append.summary = "Adds a header behind the last one of what goes out.";
  append.parameters = {text("value", "The header, `Name: value`; the value alone when a name is given.", true),
                       text("name", "Its name.", false)};
  append.effects = Pipeline::edits;
  append.bind = bindAppend;
  Pipeline::ActionDeclaration uri;
  uri.name = "append_urihf";
  uri.summary = "Adds a header that holds the Request-URI as it was received.";
  uri.parameters = {text("prefix", "What stands before the URI, beginning with `Name:`.", true),
                    text("suffix", "What stands behind it.", false)};
  uri.effects = Pipeline::edits;
  uri.bind = bindAppendUri;
  Pipeline::ActionDeclaration remove;
  remove.name = "remove_hf";
  remove.summary = "Takes every header of that name (compact form and case aside) out of what goes out.";
  remove.parameters = {text("name", "The header's name.", true)};
  remove.predicate = true;
  remove.effects = Pipeline::edits;
  remove.yes = "there was one";
  remove.no = "there was none";
  remove.bind = bindRemove;
  for (auto* action : {&append, &remove}) action->entries = {"request", "branch", "reply", "failure"};
  uri.entries = {"request", "branch", "failure"};
  for (auto* action : {&append, &uri, &remove}) declaration.actions.push_back(std::move(*action));
}

}  // namespace Patchbay::Textops
