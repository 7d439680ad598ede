#include "CorePlugin.h"
#include "Variables.h"

namespace Patchbay::Core {

using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::Type;
using Pipeline::Value;

namespace {

/// flag.NAME and branch.flag.NAME. A flag belongs to the request, also where a branch or a reply of it is at work; a branch's to its
/// target.
class FlagVariable : public Pipeline::Variable {
 public:
  FlagVariable(uint8_t index, bool leg) : _bit(uint64_t(1) << index), _leg(leg) {}
  Value read(Machine& machine) const override { return Value::of((word(machine) & _bit) != 0); }
  bool write(Machine& machine, const Value& value) const override {
    if (value.truth())
      word(machine) |= _bit;
    else
      word(machine) &= ~_bit;
    return true;
  }

 private:
  uint64_t& word(Machine& machine) const {
    auto& request = machine.subject<Request>();
    return _leg ? request.destinations.main().flags : request.origin().flags;
  }
  uint64_t _bit;
  bool _leg;
};

/// attr.NAME and branch.attr.NAME.
class AttributeVariable : public Pipeline::Variable {
 public:
  AttributeVariable(uint8_t index, bool leg) : _index(index), _leg(leg) {}
  Value read(Machine& machine) const override {
    auto& request = machine.subject<Request>();
    return textOrAbsent(_leg ? request.legAttribute(_index) : request.origin().attribute(_index));
  }
  bool write(Machine& machine, const Value& value) const override {
    switch (value.kind()) {
      case Value::Kind::absent:
        return set(machine, {});
      case Value::Kind::text:
        return set(machine, value.text());
      case Value::Kind::boolean:
        return set(machine, value.boolean() ? "yes" : "");
      case Value::Kind::integer:
        return set(machine, std::to_string(value.integer()));
      case Value::Kind::address:
        return set(machine, value.address().toString());
    }
    return false;
  }

 private:
  bool set(Machine& machine, std::string_view text) const {
    auto& request = machine.subject<Request>();
    if (_leg)
      request.setLegAttribute(_index, text);
    else
      request.origin().setAttribute(_index, text);
    return true;
  }
  uint8_t _index;
  bool _leg;
};

template <class Make>
Pipeline::VariableDeclaration dotted(std::string name, std::string summary, Type type, Make make) {
  Pipeline::VariableDeclaration declaration;
  declaration.name = std::move(name);
  declaration.summary = std::move(summary);
  declaration.type = type;
  declaration.form = Pipeline::VariableDeclaration::Form::dotted;
  declaration.entries = onRequests();
  declaration.writable = true;
  declaration.bind = make;
  return declaration;
}

auto flagMaker(bool leg) {
  return [leg](const Pipeline::VariableReference& reference, Binding& binding) -> std::unique_ptr<Pipeline::Variable> {
    const auto index = binding.flagIndex(reference.key);
    if (!index) binding.error("too many flags; at most 64 names may be used");
    return std::make_unique<FlagVariable>(index.value_or(0), leg);
  };
}

auto attributeMaker(bool leg) {
  return [leg](const Pipeline::VariableReference& reference, Binding& binding) -> std::unique_ptr<Pipeline::Variable> {
    const auto index = binding.attributeIndex(reference.key);
    if (!index) binding.error("too many attributes; at most 256 names may be used");
    return std::make_unique<AttributeVariable>(index.value_or(0), leg);
  };
}

/// `x.host in domains`.
class InDomains : public Pipeline::Membership {
 public:
  explicit InDomains(const CorePlugin& core) : _core(core) {}
  bool contains(Machine&, const Value& left) const override { return left.kind() == Value::Kind::text && _core.isDomain(left.text()); }

 private:
  const CorePlugin& _core;
};

/// `uri == myself`.
class IsMyself : public Pipeline::Membership {
 public:
  IsMyself(const CorePlugin& core, bool current) : _core(core), _current(current) {}
  bool contains(Machine& machine, const Value& left) const override {
    if (_current) {
      const auto* uri = machine.subject<Request>().uri();
      return uri && _core.isMyself(*uri);
    }
    const auto uri = left.kind() == Value::Kind::text ? Parser::Uri::parse(left.text()) : std::nullopt;
    return uri && _core.isMyself(*uri);
  }

 private:
  const CorePlugin& _core;
  bool _current;
};

void declareMemberships(Bundle::Declaration& declaration, CorePlugin& core) {
  Pipeline::MembershipDeclaration domains;
  domains.name = "domains";
  domains.summary = "The served domains: host only, ports do not count.";
  domains.set = true;
  domains.bind = [&core](const std::string&, Binding&) { return std::make_unique<InDomains>(core); };
  Pipeline::MembershipDeclaration myself;
  myself.name = "myself";
  myself.summary = "This server: host and port are a listener's, an advertised address, or a served name.";
  myself.set = false;
  myself.bind = [&core](const std::string& left, Binding&) { return std::make_unique<IsMyself>(core, left == "uri"); };
  declaration.memberships.push_back(std::move(domains));
  declaration.memberships.push_back(std::move(myself));
}

}  // namespace

void declareStateVariables(Bundle::Declaration& declaration, CorePlugin& core) {
  auto& variables = declaration.variables;
  variables.push_back(plain("src.ip", "The address that the request came from.", Type::address,
                            [](Machine& m) { return Value::of(m.subject<Request>().flow.peer.address); }));
  variables.push_back(plain("src.port", "The port that the request came from.", Type::integer,
                            [](Machine& m) { return Value::of(int64_t(m.subject<Request>().flow.peer.port)); }));
  variables.push_back(plain("src.protocol", "udp, tcp, tls, ws or wss.", Type::text,
                            [](Machine& m) { return Value::of(Transport::nameOf(m.subject<Request>().flow.protocol())); }));
  variables.push_back(plain("listener", "The listener that took it, for example udp:127.0.0.1:5060.", Type::text,
                            [](Machine& m) { return Value::of(std::string_view(m.subject<Request>().flow.listener->text)); }));
  variables.push_back(plain("incident", "The id by which the request's trail can be found.", Type::text, [](Machine& m) {
    char* room = m.scratch().take(16);
    Parser::Writer(room, 16).hex(m.subject<Request>().incident);
    return Value::of(std::string_view(room, 16));
  }));
  variables.push_back(plain("identity.user", "Who proved to be the sender, when somebody did.", Type::text,
                            [](Machine& m) { return textOrAbsent(m.subject<Request>().origin().identity.user); }));
  variables.push_back(dotted("flag", "A named mark on the request; false until set.", Type::boolean, flagMaker(false)));
  variables.push_back(
      dotted("branch.flag", "A named mark on the branch, before there is one on the first destination.", Type::boolean, flagMaker(true)));
  variables.push_back(dotted("attr", "A named text on the request; absent until set.", Type::text, attributeMaker(false)));
  variables.push_back(dotted("branch.attr", "A named text on the branch, before there is one on the first destination; absent until set.",
                             Type::text, attributeMaker(true)));
  auto status = plain("status", "The status of the reply; in a failure pipeline of the one that would go to the caller.", Type::integer,
                      [](Machine& m) {
                        auto& request = m.subject<Request>();
                        return Value::of(int64_t(request.message.isRequest() ? request.status : request.message.status()));
                      });
  status.entries = {"reply", "failure"};
  variables.push_back(std::move(status));
  declareMemberships(declaration, core);
}

}  // namespace Patchbay::Core
