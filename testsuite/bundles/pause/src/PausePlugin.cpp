#include "PausePlugin.h"

namespace Patchbay::Pause {

using Pipeline::Binding;
using Pipeline::Type;
using Pipeline::Verdict;

Pauses::Pauses(Runtime::Worker& worker) : _worker(worker), _wheel(worker.now()) {
  _worker.add(*this);
}

Pauses::~Pauses() {
  _worker.remove(*this);
  for (auto& entry : _entries) _wheel.cancel(*entry);
}

void Pauses::add(Runtime::Duration time, Pipeline::Ticket ticket, Verdict verdict) {
  auto entry = std::make_unique<Entry>();
  entry->ticket = ticket;
  entry->verdict = verdict;
  _wheel.arm(*entry, _worker.now() + time);
  _entries.push_back(std::move(entry));
}

void Pauses::tick(Runtime::Instant now) {
  std::vector<Entry*> due;
  _wheel.advance(now, [&](Runtime::Timer& timer) { due.push_back(static_cast<Entry*>(&timer)); });
  for (auto* entry : due) entry->ticket.resume(entry->verdict, "the pause said so");
  std::erase_if(_entries, [](const auto& entry) { return !entry->armed(); });
}

namespace {

class Wait : public Pipeline::Action {
 public:
  Wait(PausePlugin& plugin, Binding& binding) : _plugin(plugin), _time(binding.integer("time")), _deadline(binding.integer("deadline")) {
    const std::string verdict = binding.text("verdict").constant();  // a copy: the argument is gone behind this line
    _verdict = verdict == "error" ? Verdict::error : verdict == "no" ? Verdict::no : Verdict::yes;
  }
  Verdict run(Pipeline::Machine& machine) override {
    auto ticket = machine.suspend(Runtime::Duration(_deadline.get(machine).value_or(0)));
    _plugin.here().add(Runtime::Duration(_time.get(machine).value_or(0)), ticket, _verdict);
    return Verdict::suspended;
  }

 private:
  PausePlugin& _plugin;
  Pipeline::IntegerArgument _time, _deadline;
  Verdict _verdict = Verdict::yes;
};

}  // namespace

void PausePlugin::describe(Bundle::Declaration& declaration) {
  Pipeline::ActionDeclaration pause;
  pause.name = "pause";
  pause.summary = "Waits.";
  Pipeline::Parameter time{"time", Type::duration, "How long it waits.", true};
  Pipeline::Parameter deadline{"deadline", Type::duration, "After this the pipeline gives up.", false, "2s"};
  Pipeline::Parameter verdict{"verdict", Type::text, "What it says then.", false, "yes"};
  verdict.choices = {"yes", "no", "error"};
  verdict.constant = true;
  pause.parameters = {time, deadline, verdict};
  pause.entries = {"*"};
  pause.predicate = true;
  pause.suspends = true;
  pause.bind = [this](Binding& binding) { return std::make_unique<Wait>(*this, binding); };
  declaration.actions.push_back(std::move(pause));
}

void PausePlugin::start() {
  for (size_t i = 0; i < _workers->count(); ++i) _pauses.push_back(std::make_unique<Pauses>(_workers->at(i)));
}

}  // namespace Patchbay::Pause
