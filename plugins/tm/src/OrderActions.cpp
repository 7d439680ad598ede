#include <chrono>

#include "Actions.h"

namespace Patchbay::Tm {
namespace {

using Core::TransactionOrders;
using Pipeline::ActionDeclaration;
using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::Parameter;
using Pipeline::Type;
using Pipeline::Verdict;

using Choice = uint16_t TransactionOrders::*;

class ChoosePipeline : public Pipeline::Action {
 public:
  ChoosePipeline(Choice which, uint16_t pipeline) : _which(which), _pipeline(pipeline) {}
  Verdict run(Machine& machine) override {
    machine.subject<Core::Request>().orders.*_which = _pipeline;
    return Verdict::yes;
  }

 private:
  const Choice _which;
  const uint16_t _pipeline;
};

class SetTimeout : public Pipeline::Action {
 public:
  explicit SetTimeout(Binding& binding) : _noReply(binding.integer("fr_timer")), _noAnswer(binding.integer("fr_inv_timer")) {}
  Verdict run(Machine& machine) override {
    auto& orders = machine.subject<Core::Request>().orders;
    const auto noReply = _noReply.get(machine), noAnswer = _noAnswer.get(machine);
    if (!noReply || !noAnswer) return machine.fail("the time is no duration from 0ms to 24h");
    if (*noReply) orders.noReply = milliseconds(*noReply);
    if (*noAnswer) orders.noAnswer = milliseconds(*noAnswer);
    return Verdict::yes;
  }

 private:
  static uint32_t milliseconds(int64_t nanoseconds) {
    return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(nanoseconds)).count());
  }
  Pipeline::IntegerArgument _noReply, _noAnswer;
};

ActionDeclaration choice(const std::string& on, const std::string& summary, Choice which) {
  ActionDeclaration action;
  action.name = "t_on_" + on;
  action.summary = summary + " Unset: the pipeline named '" + on + "', when there is one.";
  Parameter pipeline{"pipeline", Type::text, "A pipeline with on=\"" + on + "\"; empty: none.", true};
  pipeline.constant = true;
  action.parameters = {pipeline};
  action.entries = {"request", "failure"};
  action.effects = Pipeline::changesState;
  action.bind = [on, which](Binding& binding) -> std::unique_ptr<Pipeline::Action> {
    const std::string name = binding.text("pipeline").constant();
    const auto found = name.empty() ? TransactionOrders::None : binding.pipeline(name, on);
    return std::make_unique<ChoosePipeline>(which, found.value_or(TransactionOrders::None));
  };
  return action;
}

Parameter duration(std::string name, std::string summary) {
  Parameter parameter{std::move(name), Type::duration, std::move(summary), false, "0ms"};
  parameter.least = 0;
  parameter.most = std::chrono::nanoseconds(std::chrono::hours(24)).count();
  return parameter;
}

ActionDeclaration timeoutAction() {
  ActionDeclaration action;
  action.name = "t_set_timeout";
  action.summary = "How long the request's branches wait, in the place of the settings of the same names.";
  action.parameters = {duration("fr_timer", "For the first reply; 0ms: as it was."),
                       duration("fr_inv_timer", "Of an INVITE that rings, for the final reply; 0ms: as it was.")};
  action.entries = {"request", "branch", "failure"};
  action.effects = Pipeline::changesState;
  action.bind = [](Binding& binding) { return std::make_unique<SetTimeout>(binding); };
  return action;
}

}  // namespace

std::vector<ActionDeclaration> orderActions() {
  return {
      choice("branch", "Has each branch that t_relay makes go through this pipeline before it is sent.", &TransactionOrders::onBranch),
      choice("reply", "Has each reply of a branch (but 100) go through this pipeline before it counts.", &TransactionOrders::onReply),
      choice("failure", "Has this pipeline run when all branches have failed, before the caller is told.", &TransactionOrders::onFailure),
      timeoutAction()};
}

std::vector<Pipeline::EntryDeclaration> entryPoints() {
  return {
      {"branch", "Each branch of a relayed request before it is sent, those that failure pipelines add included. drop takes it away.",
       false, false},
      {"reply", "Each reply of a branch but 100. drop keeps a provisional one from the caller.", false, false},
      {"failure", "A relayed request whose branches have all failed (best reply 300 to 699) while the caller still waits.", false, false}};
}

}  // namespace Patchbay::Tm
