#include "CorePlugin.h"
#include "Variables.h"
#include "patchbay/log/Setup.h"

namespace Patchbay::Core {

using Pipeline::ActionDeclaration;
using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::TextArgument;
using Pipeline::Type;
using Pipeline::Verdict;

namespace {

class LogLine : public Pipeline::Action {
 public:
  LogLine(TextArgument message, Log::Level level) : _message(std::move(message)), _level(level) {}
  Verdict run(Machine& machine) override {
    static Log::Logger& log = Log::Logger::get("rules");
    if (log.enabled(_level)) log.write(_level, _message.get(machine), {{"call_id", machine.subject<Request>().message.callId()}});
    return Verdict::yes;
  }

 private:
  TextArgument _message;
  Log::Level _level;
};

class Drop : public Pipeline::Action {
 public:
  Drop(CorePlugin& core, Pipeline::IntegerArgument code) : _core(core), _code(std::move(code)) {}
  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Request>();
    if (!request.message.isRequest() && request.message.status() >= 200) return machine.fail("a final reply may not be dropped");
    request.dropCode = static_cast<uint16_t>(_code.get(machine).value_or(0));
    if (request.transaction) request.transaction->abandon(request);
    _core.countDropped();
    return Verdict::settled;
  }

 private:
  CorePlugin& _core;
  Pipeline::IntegerArgument _code;
};

class ForceRport : public Pipeline::Action {
 public:
  Verdict run(Machine& machine) override {
    machine.subject<Request>().forceRport = true;
    return Verdict::yes;
  }
};

enum class FlagDeed { set, reset, ask };

class FlagAction : public Pipeline::Action {
 public:
  FlagAction(uint8_t index, FlagDeed deed) : _bit(uint64_t(1) << index), _deed(deed) {}
  Verdict run(Machine& machine) override {
    auto& flags = machine.subject<Request>().origin().flags;
    if (_deed == FlagDeed::ask) return flags & _bit ? Verdict::yes : Verdict::no;
    flags = _deed == FlagDeed::set ? flags | _bit : flags & ~_bit;
    return Verdict::yes;
  }

 private:
  uint64_t _bit;
  FlagDeed _deed;
};

void declareFlag(Bundle::Declaration& declaration, std::string name, std::string summary, FlagDeed deed) {
  ActionDeclaration action;
  action.name = std::move(name);
  action.summary = std::move(summary);
  Pipeline::Parameter flag{"flag", Type::text, "The flag's name; numbers are names too.", true};
  flag.constant = true;
  action.parameters = {flag};
  action.entries = onRequests();
  action.predicate = deed == FlagDeed::ask;
  action.step = deed != FlagDeed::ask;
  if (deed == FlagDeed::ask) action.yes = "the flag is set";
  action.effects = deed == FlagDeed::ask ? Pipeline::reads : Pipeline::edits;
  action.bind = [deed](Binding& binding) -> std::unique_ptr<Pipeline::Action> {
    const auto index = binding.flagIndex(binding.text("flag").constant());
    if (!index) binding.error("too many flags; at most 64 names may be used");
    return std::make_unique<FlagAction>(index.value_or(0), deed);
  };
  declaration.actions.push_back(std::move(action));
}

ActionDeclaration logAction() {
  ActionDeclaration action;
  action.name = "log";
  action.summary = "Writes a line to the log, from logger 'rules'.";
  Pipeline::Parameter level{"level", Type::text, "Its level.", false, "information"};
  level.choices = {"fatal", "critical", "error", "warning", "notice", "information", "debug", "trace"};
  level.constant = true;
  action.parameters = {{"message", Type::text, "The text.", true}, level};
  action.entries = onRequests();
  action.after = true;
  action.bind = [](Binding& binding) -> std::unique_ptr<Pipeline::Action> {
    return std::make_unique<LogLine>(binding.text("message"),
                                     Log::levelOf(binding.text("level").constant()).value_or(Log::Level::information));
  };
  return action;
}

}  // namespace

void declareFlowActions(Bundle::Declaration& declaration, CorePlugin& core) {
  declaration.actions.push_back(logAction());
  ActionDeclaration drop;
  drop.name = "drop";
  drop.summary =
      "Ends the request without an answer; for a branch: takes it away; for a provisional reply: keeps it from the caller. A final reply "
      "may not be dropped.";
  Pipeline::Parameter code{"code", Type::integer, "For branches: the status of the answer when all are taken away.", false, "403"};
  code.least = 300;
  code.most = 699;
  drop.parameters = {code};
  drop.entries = {"request", "branch", "reply"};
  drop.settles = true;
  drop.bind = [&core](Binding& binding) { return std::make_unique<Drop>(core, binding.integer("code")); };
  declaration.actions.push_back(std::move(drop));
  ActionDeclaration rport;
  rport.name = "force_rport";
  rport.summary = "Sends replies to the port that the request came from, though the client did not ask for it with rport.";
  rport.effects = Pipeline::edits;
  rport.bind = [](Binding&) { return std::make_unique<ForceRport>(); };
  declaration.actions.push_back(std::move(rport));
  declareFlag(declaration, "setflag", "Sets a flag of the request.", FlagDeed::set);
  declareFlag(declaration, "resetflag", "Takes a flag of the request away.", FlagDeed::reset);
  declareFlag(declaration, "isflagset", "Asks for a flag of the request.", FlagDeed::ask);
}

}  // namespace Patchbay::Core
