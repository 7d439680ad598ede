#include "Bench.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

namespace Bench {

namespace {

Letter& letterOf(Machine& machine) {
  return machine.subject<Letter>();
}

/// Runs a function; keeps its text argument when it has a parameter `text`.
class Deed : public Action {
 public:
  using Do = std::function<Verdict(Machine&, std::string_view text)>;
  Deed(Do deed, TextArgument text) : _deed(std::move(deed)), _text(std::move(text)) {}
  Verdict run(Machine& machine) override { return _deed(machine, _text.get(machine)); }

 private:
  Do _deed;
  TextArgument _text;
};

ActionDeclaration deed(const std::string& name, Deed::Do run) {
  ActionDeclaration declaration;
  declaration.name = name;
  declaration.parameters = {{"text", Type::text, "what to say"}};
  declaration.predicate = true;
  declaration.entries = {"request", "reply"};
  declaration.bind = [run](Binding& binding) { return std::make_unique<Deed>(run, binding.text("text")); };
  return declaration;
}

Deed::Do says(const std::string& name, Verdict verdict) {
  return [name, verdict](Machine& machine, std::string_view text) {
    letterOf(machine).log.push_back(name + (text.empty() ? "" : ":" + std::string(text)));
    return verdict == Verdict::error ? machine.fail("because of " + name) : verdict;
  };
}

class TextVariable : public Variable {
 public:
  explicit TextVariable(std::string key) : _key(std::move(key)) {}
  Value read(Machine& machine) const override {
    const auto& texts = letterOf(machine).texts;
    const auto found = texts.find(_key);
    return found == texts.end() ? Value::absent() : Value::of(std::string_view(found->second));
  }

 private:
  std::string _key;
};

class NumberVariable : public Variable {
 public:
  NumberVariable(std::string key, bool flag) : _key(std::move(key)), _flag(flag) {}
  Value read(Machine& machine) const override {
    const auto& numbers = letterOf(machine).numbers;
    const auto found = numbers.find(_key);
    if (found == numbers.end()) return Value::absent();
    return _flag ? Value::of(found->second != 0) : Value::of(found->second);
  }
  bool write(Machine& machine, const Value& value) const override {
    if (value.integer() > 1000) return false;
    letterOf(machine).numbers[_key] = value.integer();
    return true;
  }

 private:
  std::string _key;
  bool _flag;
};

class AddressVariable : public Variable {
 public:
  Value read(Machine& machine) const override {
    const auto address = Runtime::IpAddress::parse(letterOf(machine).texts["src.ip"]);
    return address ? Value::of(*address) : Value::absent();
  }
};

class AttributeVariable : public Variable {
 public:
  explicit AttributeVariable(std::string key) : _key(std::move(key)) {}
  Value read(Machine& machine) const override {
    const auto& attributes = letterOf(machine).attributes;
    const auto found = attributes.find(_key);
    return found == attributes.end() ? Value::absent() : Value::of(std::string_view(found->second));
  }
  bool write(Machine& machine, const Value& value) const override {
    if (value.kind() != Value::Kind::text) return false;
    letterOf(machine).attributes[_key] = value.text();
    return true;
  }

 private:
  std::string _key;
};

class ThrowingVariable : public Variable {
 public:
  Value read(Machine&) const override { throw Poco::DataException("unreadable"); }
};

class Known : public Membership {
 public:
  explicit Known(std::string name) : _name(std::move(name)) {}
  bool contains(Machine&, const Value& left) const override { return left.text() == _name; }

 private:
  std::string _name;
};

VariableDeclaration variable(const char* name, Type type,
                             std::function<std::unique_ptr<Variable>(const VariableReference&, Binding&)> bind) {
  VariableDeclaration declaration;
  declaration.name = name;
  declaration.type = type;
  declaration.bind = std::move(bind);
  return declaration;
}

void addVariables(Vocabulary& words) {
  for (const char* name : {"method", "uri", "uri.user", "uri.host", "from.host"})
    words.add(variable(name, Type::text, [](auto& reference, Binding&) { return std::make_unique<TextVariable>(reference.name); }));
  const auto number = [](auto& reference, Binding&) { return std::make_unique<NumberVariable>(reference.name, false); };
  words.add(variable("status", Type::integer, number));
  words.add(variable("msg.size", Type::bytes, number));
  words.add(variable("age", Type::duration, number));
  words.add(variable("verified", Type::boolean,
                     [](auto& reference, Binding&) { return std::make_unique<NumberVariable>(reference.name, true); }));
  words.add(variable("src.ip", Type::address, [](auto&, Binding&) { return std::make_unique<AddressVariable>(); }));
  words.add(variable("bad", Type::text, [](auto&, Binding&) { return std::make_unique<ThrowingVariable>(); }));
  VariableDeclaration count = variable("count", Type::integer, number);
  count.writable = true;
  words.add(count);
  VariableDeclaration header = variable("header", Type::text, [](auto& reference, Binding&) {
    return std::make_unique<TextVariable>("header:" + reference.key + (reference.all ? "*" : ""));
  });
  header.form = VariableDeclaration::Form::bracketed;
  words.add(header);
  for (const char* name : {"attr", "branch.attr"}) {
    VariableDeclaration attribute = variable(name, Type::text, [](auto& reference, Binding& binding) -> std::unique_ptr<Variable> {
      if (!binding.attributeIndex(reference.name + "." + reference.key)) return nullptr;
      return std::make_unique<AttributeVariable>(reference.name + "." + reference.key);
    });
    attribute.form = VariableDeclaration::Form::dotted;
    attribute.writable = true;
    words.add(attribute);
  }
  VariableDeclaration code = variable("reply.code", Type::integer, number);
  code.entries = {"reply"};
  words.add(code);
}

void addMemberships(Vocabulary& words) {
  MembershipDeclaration domains;
  domains.name = "domains";
  domains.bind = [](const std::string& left, Binding& binding) -> std::unique_ptr<Membership> {
    if (left == "method") binding.error("'method' is no host");
    return std::make_unique<Known>("home");
  };
  words.add(domains);
  MembershipDeclaration myself;
  myself.name = "myself";
  myself.set = false;
  myself.bind = [](const std::string&, Binding&) { return std::make_unique<Known>("sip:me"); };
  words.add(myself);
}

/// Takes its typed arguments apart into the log.
class Typed : public Action {
 public:
  explicit Typed(Binding& binding)
      : _code(binding.integer("code")),
        _size(binding.integer("size")),
        _time(binding.integer("time")),
        _flag(binding.boolean("flag")),
        _level(binding.text("level")),
        _given(binding.given("size")) {}
  Verdict run(Machine& machine) override {
    const auto shown = [&](const IntegerArgument& argument) {
      const auto number = argument.get(machine);
      return number ? std::to_string(*number) : std::string("none");
    };
    letterOf(machine).log.push_back(shown(_code) + "," + shown(_size) + "," + shown(_time) + "," + (_flag ? "yes" : "no") + "," +
                                    std::string(_level.get(machine)) + (_given ? ",given" : ""));
    return Verdict::yes;
  }

 private:
  IntegerArgument _code, _size, _time;
  bool _flag;
  TextArgument _level;
  bool _given;
};

ActionDeclaration typed() {
  ActionDeclaration declaration = deed("typed", nullptr);
  declaration.parameters = {{"code", Type::integer, "the code", true, {}, 400, 699},
                            {"size", Type::bytes, "the size", false, "1KiB"},
                            {"time", Type::duration, "the time", false, "2s", 0, 60000000000},
                            {"flag", Type::boolean, "whether"},
                            {"level", Type::text, "how loud", false, "info", 0, 0, {"info", "error"}},
                            {"fixed", Type::text, "a name", false, {}, 0, 0, {}, true},
                            {"net", Type::network, "a network"}};
  declaration.bind = [](Binding& binding) { return std::make_unique<Typed>(binding); };
  return declaration;
}

void addSettling(Vocabulary& words) {
  ActionDeclaration reply = deed("reply", says("reply", Verdict::settled));
  reply.settles = true;
  reply.predicate = false;
  reply.effects = answers;
  words.add(reply);
  for (const auto& [name, verdict] : {std::pair{"relay", Verdict::yes}, {"norelay", Verdict::no}}) {
    ActionDeclaration relay = deed(name, says(name, verdict));
    relay.settles = relay.settlesAsPredicate = true;
    relay.effects = sends;
    words.add(relay);
  }
}

void addSuspending(Vocabulary& words) {
  const auto wait = [](Machine& machine, std::string_view text) {
    letterOf(machine).log.push_back("wait");
    Ticket ticket = machine.suspend(std::chrono::seconds(2));
    if (text == "now") ticket.resume(Verdict::yes);
    if (text == "bad now") ticket.resume(Verdict::error, "bad at once");
    if (text == "later") ticket.resumeLater(Verdict::yes);
    letterOf(machine).tickets.push_back(ticket);
    return text == "after all" ? Verdict::yes : Verdict::suspended;
  };
  ActionDeclaration waiting = deed("wait", wait);
  waiting.suspends = true;
  words.add(waiting);
  ActionDeclaration account = deed("account", wait);
  account.after = true;
  words.add(account);
  words.add(deed("lost", [](Machine&, std::string_view) { return Verdict::suspended; }));
}

}  // namespace

Vocabulary vocabulary() {
  Vocabulary words;
  ActionDeclaration log = deed("log", says("log", Verdict::yes));
  log.entries = {"*"};
  log.predicate = false;
  log.after = true;
  words.add(log);
  words.add(deed("quiet", [](Machine&, std::string_view) { return Verdict::yes; }));
  words.add(deed("still", [](Machine& machine, std::string_view) {
    machine.suspend(std::chrono::seconds(1));
    return Verdict::suspended;
  }));
  words.add(deed("look", says("look", Verdict::yes)));
  words.add(deed("miss", says("miss", Verdict::no)));
  words.add(deed("fail", says("fail", Verdict::error)));
  ActionDeclaration edit = deed("edit", says("edit", Verdict::yes));
  edit.effects = edits;
  words.add(edit);
  ActionDeclaration only = deed("only", says("only", Verdict::yes));
  only.step = false;
  words.add(only);
  words.add(deed("boom", [](Machine&, std::string_view) -> Verdict { throw Poco::IOException("disk on fire"); }));
  words.add(deed("oops", [](Machine&, std::string_view) -> Verdict { throw 42; }));
  ActionDeclaration refuses = deed("refuses", nullptr);
  refuses.bind = [](Binding& binding) -> std::unique_ptr<Action> {
    binding.error("not with this text");
    return nullptr;
  };
  words.add(refuses);
  ActionDeclaration arm = deed("on_failure", says("armed", Verdict::yes));
  arm.bind = [](Binding& binding) -> std::unique_ptr<Action> {
    const auto index = binding.pipeline(binding.text("text").isConstant() ? "gw" : "", "failure");
    return index ? std::make_unique<Deed>(says("armed", Verdict::yes), TextArgument(std::to_string(*index))) : nullptr;
  };
  words.add(arm);
  words.add(typed());
  addSettling(words);
  addSuspending(words);
  addVariables(words);
  addMemberships(words);
  words.add(EntryDeclaration{"request", "a letter comes", true, true});
  words.add(EntryDeclaration{"reply", "an answer comes", false, true});
  words.add(EntryDeclaration{"failure", "no answer", false, false});
  words.elsewhere["save"] = "registrar";
  return words;
}

Desk::Desk(size_t mostSuspended) : engine(workers, metrics, {mostSuspended}) {}

std::string Desk::load(const std::string& rules, const Constants& constants) {
  workers.worker.begin();
  program.reset();
  Problems problems;
  const auto node = readXml(rules, "r.xml", problems);
  if (node && !problems.hasErrors()) program = Program::check(*node, vocabulary(), constants, problems);
  if (program && !problems.hasErrors()) program->bind(problems);
  return problems.toString();
}

std::string Desk::run(const std::string& on) {
  workers.worker.begin();
  letter.log.clear();
  letter.tickets.clear();
  trail.clear();
  told = 0;
  _ending = "running";
  machine.start(engine, *program, *program->entry(on), letter, *this, observed ? this : nullptr);
  return result();
}

void Desk::ended(Machine& machine, Ending ending) {
  static const char* Names[] = {"settled", "completed", "stopped", "failed", "cancelled"};
  _ending = Names[static_cast<int>(ending)];
  if (ending == Ending::failed) _ending += std::string(" (") + machine.errorAction() + ": " + std::string(machine.errorText()) + ")";
  if (whenEnded) whenEnded();
}

void Desk::step(const Machine&, const Step& step) {
  static const char* Verdicts[] = {"no", "yes", "error", "settled", "suspended"};
  trail += (trail.empty() ? "" : " ") + std::string(step.action) + "=" + Verdicts[static_cast<int>(step.verdict)];
}

std::string escaped(const std::string& attribute) {
  std::string text;
  for (const char c : attribute) text += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return text;
}

bool Desk::holds(const std::string& expression) {
  const std::string problems = load("<routing><pipeline name='r' on='reply'><rule if=\"" + escaped(expression) +
                                    "\"><log text='held'/></rule></pipeline></routing>");
  CPPUNIT_ASSERT_EQUAL_MESSAGE(expression, std::string(), problems);
  return run("reply").find("log:held") != std::string::npos;
}

std::string Desk::refusal(const std::string& expression) {
  std::string problems =
      load("<routing><pipeline name='r' on='reply'><rule if=\"" + escaped(expression) + "\"><log/></rule></pipeline></routing>");
  const std::string prefix = "r.xml:1: error: attribute 'if', ";
  if (problems.find(prefix) == 0) problems.erase(0, prefix.size());
  return problems.substr(0, problems.find('\n'));
}

std::string problemsOf(const std::string& rules) {
  return Desk().load(rules);
}

}  // namespace Bench
