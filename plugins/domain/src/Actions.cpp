#include "Actions.h"

namespace Patchbay::Domain {

namespace {

using Pipeline::Type;
using Pipeline::Verdict;

class IsLocal : public Pipeline::Action {
 public:
  IsLocal(Core::Service*& core, bool from) : _core(core), _from(from) {}
  Verdict run(Pipeline::Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    const auto* from = request.message.from();
    const Parser::Uri* uri = _from ? (from ? &from->uri : nullptr) : request.uri();
    return uri && uri->isSip() && _core->isDomain(uri->host) ? Verdict::yes : Verdict::no;
  }

 private:
  Core::Service*& _core;
  bool _from;
};

class Lookup : public Pipeline::Action {
 public:
  Lookup(const DomainList& list, Pipeline::Binding& binding) : _list(list), _host(binding.text("host")) {
    const std::string attribute = binding.text("attribute").constant();
    if (!attribute.empty()) _attribute = binding.attributeIndex(attribute);
  }
  Verdict run(Pipeline::Machine& machine) override {
    const auto* entry = _list.find(hostOf(_host.get(machine)));
    if (!entry) return Verdict::no;
    if (_attribute) machine.subject<Core::Request>().origin().setAttribute(*_attribute, entry->id);
    return Verdict::yes;
  }

 private:
  const DomainList& _list;
  Pipeline::TextArgument _host;
  std::optional<uint8_t> _attribute;
};

}  // namespace

Pipeline::ActionDeclaration localAction(Core::Service*& core, bool from) {
  return {.name = from ? "is_from_local" : "is_uri_host_local",
          .summary = std::string("Whether the host of ") + (from ? "From" : "the Request-URI") +
                     " is a served domain, of the configuration or of the table: as '" + (from ? "from.host" : "uri.host") +
                     " in domains'.",
          .entries = {"request", "branch", "failure"},
          .step = false,
          .predicate = true,
          .yes = "it is",
          .no = "it is not",
          .bind = [&core, from](Pipeline::Binding&) { return std::make_unique<IsLocal>(core, from); }};
}

Pipeline::ActionDeclaration lookupAction(const std::unique_ptr<DomainList>& list) {
  return {.name = "lookup_domain",
          .summary = "Whether a host is a domain of the table, and whose.",
          .parameters = {{.name = "host", .type = Type::text, .summary = "The host, for example ${from.host}.", .required = true},
                         {.name = "attribute",
                          .type = Type::text,
                          .summary = "The attribute (attr.NAME) that gets the domain's id: the column did, or the domain itself.",
                          .fallback = "",
                          .constant = true}},
          .entries = {"request", "branch", "failure"},
          .predicate = true,
          .effects = Pipeline::reads | Pipeline::edits,
          .yes = "it is one",
          .no = "it is none; the attribute is left as it was",
          .bind = [&list](Pipeline::Binding& binding) { return std::make_unique<Lookup>(*list, binding); }};
}

}  // namespace Patchbay::Domain
