#include "Words.h"

#include "EchoPlugin.h"

namespace Patchbay::Echo {

using namespace Pipeline;

namespace {

class Say : public Action {
 public:
  explicit Say(Binding& binding) : _text(binding.text("text")) {}
  Verdict run(Machine& machine) override {
    const auto& line = machine.subject<Line>();
    line.plugin.say(line, _text.get(machine));
    return Verdict::settled;
  }

 private:
  TextArgument _text;
};

class Hush : public Action {
 public:
  Verdict run(Machine&) override { return Verdict::settled; }
};

/// Waits, by a timer of the machine alone: its deadline. The error that comes of it is for the pipeline of on-error.
class Ponder : public Action {
 public:
  explicit Ponder(Binding& binding) : _time(binding.integer("time")) {}
  Verdict run(Machine& machine) override {
    machine.suspend(std::chrono::nanoseconds(_time.get(machine).value_or(0)));
    return Verdict::suspended;
  }

 private:
  IntegerArgument _time;
};

class Text : public Variable {
 public:
  Value read(Machine& machine) const override { return Value::of(std::string_view(machine.subject<Line>().text)); }
};

class Peer : public Variable {
 public:
  Value read(Machine& machine) const override { return Value::of(machine.subject<Line>().source.address); }
};

ActionDeclaration say() {
  ActionDeclaration action;
  action.name = "say";
  action.summary = "Answers with a line of text.";
  action.parameters = {{"text", Type::text, "what is said", true}};
  action.entries = {"line"};
  action.settles = true;
  action.effects = sends | answers;
  action.bind = [](Binding& binding) { return std::make_unique<Say>(binding); };
  return action;
}

ActionDeclaration hush() {
  ActionDeclaration action;
  action.name = "hush";
  action.summary = "Answers nothing.";
  action.entries = {"line"};
  action.settles = true;
  action.bind = [](Binding&) { return std::make_unique<Hush>(); };
  return action;
}

ActionDeclaration ponder() {
  ActionDeclaration action;
  action.name = "ponder";
  action.summary = "Waits for an answer that never comes: an error after the time.";
  Parameter time{"time", Type::duration, "how long", false, "1s"};
  time.least = 0;
  action.parameters = {time};
  action.entries = {"line"};
  action.suspends = true;
  action.bind = [](Binding& binding) { return std::make_unique<Ponder>(binding); };
  return action;
}

}  // namespace

void declareWords(Bundle::Declaration& declaration) {
  declaration.actions = {say(), hush(), ponder()};
  declaration.variables.resize(2);
  auto& text = declaration.variables[0];
  text.name = "line";
  text.summary = "The line that was received.";
  text.bind = [](const VariableReference&, Binding&) { return std::make_unique<Text>(); };
  auto& peer = declaration.variables[1];
  peer.name = "peer";
  peer.summary = "Where it came from.";
  peer.type = Type::address;
  peer.bind = [](const VariableReference&, Binding&) { return std::make_unique<Peer>(); };
}

}  // namespace Patchbay::Echo
