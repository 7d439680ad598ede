#include <algorithm>

#include "CorePlugin.h"
#include "Variables.h"

namespace Patchbay::Core {

using Pipeline::Machine;
using Pipeline::Type;
using Pipeline::Value;

Value decoded(Machine& machine, std::string_view text) {
  if (text.find('%') == std::string_view::npos) return textOrAbsent(text);
  char* room = machine.scratch().take(text.size());
  const char* end = Parser::unescape(text, room);
  return end ? Value::of(std::string_view(room, static_cast<size_t>(end - room))) : Value::of(text);
}

Value folded(Machine& machine, std::string_view text) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (std::none_of(text.begin(), text.end(), upper)) return textOrAbsent(text);
  char* room = machine.scratch().take(text.size());
  std::transform(text.begin(), text.end(), room, [&](char c) { return upper(c) ? static_cast<char>(c + 32) : c; });
  return Value::of(std::string_view(room, text.size()));
}

namespace {

using UriGetter = const Parser::Uri* (*)(Request&);

/// The parts of a URI as variables: uri, uri.user, uri.host, uri.port, uri.scheme.
template <class Get>
void declareUri(Bundle::Declaration& declaration, const std::string& name, const std::string& of, Get get, bool whole, Service& core) {
  const auto part = [&](const std::string& suffix, const std::string& summary, Type type, auto read) {
    declaration.variables.push_back(plain(name + suffix, summary + " of " + of, type, [get, read](Machine& machine) {
      const Parser::Uri* uri = get(machine.subject<Request>());
      return uri ? read(machine, *uri) : Value::absent();
    }));
  };
  if (whole) part(".uri", "The URI", Type::text, [](Machine&, const Parser::Uri& uri) { return textOrAbsent(uri.text); });
  part(".user", "The user part, unescaped,", Type::text,
       [](Machine& machine, const Parser::Uri& uri) { return decoded(machine, uri.user); });
  part(".host", "The host in lower case", Type::text, [](Machine& machine, const Parser::Uri& uri) { return folded(machine, uri.host); });
  part(".domain",
       "The host in lower case or, when it is a second name of a served domain, that domain: the realm and address of its users,",
       Type::text, [&core](Machine& machine, const Parser::Uri& uri) {
         DomainName room;
         const auto main = core.mainDomain(uri.host, room);
         return main.data() == room.data() ? Value::of(machine.scratch().copy(main)) : folded(machine, main);
       });
  part(".port", "The port, when one is written,", Type::integer,
       [](Machine&, const Parser::Uri& uri) { return uri.port ? Value::of(int64_t(uri.port)) : Value::absent(); });
  part(".scheme", "The scheme in lower case", Type::text,
       [](Machine& machine, const Parser::Uri& uri) { return folded(machine, uri.schemeText); });
}

const Parser::Uri* uriOf(const Parser::Address* address) {
  return address ? &address->uri : nullptr;
}

class HeaderVariable : public Pipeline::Variable {
 public:
  HeaderVariable(std::string name, bool all) : _name(std::move(name)), _all(all) {}
  Value read(Machine& machine) const override {
    const auto& message = machine.subject<Request>().message;
    const auto* header = message.find(_name);
    if (!header) return Value::absent();
    const auto* more = _all ? message.find(_name, header) : nullptr;
    if (!more) return Value::of(message.text(header->value));
    return Value::of(join(machine, message, header));
  }

 private:
  std::string_view join(Machine& machine, const Parser::Message& message, const Parser::Header* header) const {
    size_t length = 0;
    for (const auto* at = header; at; at = message.find(_name, at)) length += at->value.length + 2;
    char* room = machine.scratch().take(length);
    Parser::Writer out(room, length);
    for (const auto* at = header; at; at = message.find(_name, at)) out.raw(at == header ? "" : ", ").raw(message.text(at->value));
    return out.written();
  }
  std::string _name;
  bool _all;
};

void declareHeader(Bundle::Declaration& declaration) {
  Pipeline::VariableDeclaration header;
  header.name = "header";
  header.summary = "The value of the first header of that name as it was received; header['Name',*]: of all, joined by commas.";
  header.form = Pipeline::VariableDeclaration::Form::bracketed;
  header.entries = onRequests();
  header.bind = [](const Pipeline::VariableReference& reference, Pipeline::Binding& binding) -> std::unique_ptr<Pipeline::Variable> {
    if (!Parser::isToken(reference.key)) binding.error("'" + reference.key + "' is no header name");
    return std::make_unique<HeaderVariable>(reference.key, reference.all);
  };
  declaration.variables.push_back(std::move(header));
}

}  // namespace

void declareMessageVariables(Bundle::Declaration& declaration, CorePlugin& core) {
  auto& variables = declaration.variables;
  variables.push_back(
      plain("method", "The method.", Type::text, [](Machine& m) { return Value::of(m.subject<Request>().message.methodText()); }));
  variables.push_back(plain("uri", "The current Request-URI.", Type::text,
                            [](Machine& m) { return textOrAbsent(m.subject<Request>().destinations.main().uri); }));
  variables.push_back(plain("uri.original", "The Request-URI as received.", Type::text,
                            [](Machine& m) { return textOrAbsent(m.subject<Request>().originalUri()); }));
  declareUri(
      declaration, "uri", "the current Request-URI.", [](Request& request) { return request.uri(); }, false, core);
  declareUri(
      declaration, "from", "From.", [](Request& request) { return uriOf(request.message.from()); }, true, core);
  declareUri(
      declaration, "to", "To.", [](Request& request) { return uriOf(request.message.to()); }, true, core);
  variables.push_back(plain("from.tag", "The tag of From.", Type::text, [](Machine& m) {
    const auto* from = m.subject<Request>().message.from();
    return from ? textOrAbsent(from->tag) : Value::absent();
  }));
  variables.push_back(plain("to.tag", "The tag of To: there within dialogs.", Type::text, [](Machine& m) {
    const auto* to = m.subject<Request>().message.to();
    return to ? textOrAbsent(to->tag) : Value::absent();
  }));
  variables.push_back(
      plain("call_id", "The Call-ID.", Type::text, [](Machine& m) { return textOrAbsent(m.subject<Request>().message.callId()); }));
  variables.push_back(plain("cseq", "The number of CSeq.", Type::integer, [](Machine& m) {
    const auto* cseq = m.subject<Request>().message.cseq();
    return cseq ? Value::of(int64_t(cseq->number)) : Value::absent();
  }));
  variables.push_back(plain("msg.size", "The length of the message in octets.", Type::bytes,
                            [](Machine& m) { return Value::of(int64_t(m.subject<Request>().message.octets().size())); }));
  variables.push_back(plain("body", "The body.", Type::text, [](Machine& m) { return textOrAbsent(m.subject<Request>().message.body()); }));
  declareHeader(declaration);
}

}  // namespace Patchbay::Core
