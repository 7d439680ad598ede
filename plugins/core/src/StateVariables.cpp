#include "CorePlugin.h"
#include "Variables.h"

namespace Patchbay::Core {

using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::Type;
using Pipeline::Value;

namespace {

/// flag.NAME and branch.flag.NAME.
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
    return _leg ? request.destinations.main().flags : request.flags;
  }
  uint64_t _bit;
  bool _leg;
};

class AttributeVariable : public Pipeline::Variable {
 public:
  explicit AttributeVariable(uint8_t index) : _index(index) {}
  Value read(Machine& machine) const override { return textOrAbsent(machine.subject<Request>().attribute(_index)); }
  bool write(Machine& machine, const Value& value) const override {
    auto& request = machine.subject<Request>();
    switch (value.kind()) {
      case Value::Kind::absent:
        request.setAttribute(_index, {});
        return true;
      case Value::Kind::text:
        request.setAttribute(_index, value.text());
        return true;
      case Value::Kind::boolean:
        request.setAttribute(_index, value.boolean() ? "yes" : "");
        return true;
      case Value::Kind::integer:
        request.setAttribute(_index, std::to_string(value.integer()));
        return true;
      case Value::Kind::address:
        request.setAttribute(_index, value.address().toString());
        return true;
    }
    return false;
  }

 private:
  uint8_t _index;
};

template <class Make>
Pipeline::VariableDeclaration dotted(std::string name, std::string summary, Type type, Make make) {
  Pipeline::VariableDeclaration declaration;
  declaration.name = std::move(name);
  declaration.summary = std::move(summary);
  declaration.type = type;
  declaration.form = Pipeline::VariableDeclaration::Form::dotted;
  declaration.entries = {"request"};
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
                            [](Machine& m) { return textOrAbsent(m.subject<Request>().identity.user); }));
  variables.push_back(dotted("flag", "A named mark on the request; false until set.", Type::boolean, flagMaker(false)));
  variables.push_back(dotted("branch.flag", "A named mark on the first destination.", Type::boolean, flagMaker(true)));
  variables.push_back(dotted("attr", "A named text on the request; absent until set.", Type::text,
                             [](const Pipeline::VariableReference& reference, Binding& binding) -> std::unique_ptr<Pipeline::Variable> {
                               const auto index = binding.attributeIndex(reference.key);
                               if (!index) binding.error("too many attributes; at most 256 names may be used");
                               return std::make_unique<AttributeVariable>(index.value_or(0));
                             }));
  declareMemberships(declaration, core);
}

}  // namespace Patchbay::Core
