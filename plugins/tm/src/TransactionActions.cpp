#include "Actions.h"

namespace Patchbay::Tm {
namespace {

using Pipeline::ActionDeclaration;
using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::Verdict;

class NewTransactionAction : public Pipeline::Action {
 public:
  explicit NewTransactionAction(Transactions& transactions) : _transactions(transactions) {}
  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    if (_transactions.newTransaction(request)) return Verdict::yes;
    if (Transactions::isAbsorbed(request)) return Verdict::settled;
    return request.transaction ? machine.fail("transaction already in process") : Verdict::no;
  }

 private:
  Transactions& _transactions;
};

class ReplyAction : public Pipeline::Action {
 public:
  ReplyAction(Transactions& transactions, Binding& binding)
      : _transactions(transactions), _code(binding.integer("code")), _reason(binding.text("reason")) {}
  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    const auto code = _code.get(machine);
    if (!code) return machine.fail("the reply's code is not a number from 200 to 699");
    const std::string_view reason = _reason.get(machine);
    if (!Parser::isHeaderSafe(reason)) return machine.fail("the reason holds control characters");
    if (!request.transaction) _transactions.newTransaction(request);  // over the cap the answer goes out without one
    _transactions.core().answer(request, {.code = static_cast<int>(*code), .reason = reason});
    return Verdict::settled;
  }

 private:
  Transactions& _transactions;
  Pipeline::IntegerArgument _code;
  Pipeline::TextArgument _reason;
};

ActionDeclaration newTransactionAction(Transactions& transactions) {
  ActionDeclaration action;
  action.name = "t_newtran";
  action.summary =
      "Makes the request's transaction now, so that copies of it are absorbed while the rules go on. Twice for one request is an error.";
  action.predicate = true;
  action.effects = Pipeline::changesState;
  action.yes = "the transaction is there";
  action.no = "an ACK, which has none, or too many transactions";
  action.bind = [&transactions](Binding&) { return std::make_unique<NewTransactionAction>(transactions); };
  return action;
}

ActionDeclaration replyAction(Transactions& transactions) {
  ActionDeclaration action;
  action.name = "t_reply";
  action.summary =
      "Answers in the request's transaction (made when there is none yet): the reply is sent again for copies of the request, and until an "
      "ACK comes.";
  Pipeline::Parameter code{"code", Pipeline::Type::integer, "The status.", true};
  code.least = 200;
  code.most = 699;
  action.parameters = {code, {"reason", Pipeline::Type::text, "The phrase; the status's usual one when not given.", false, ""}};
  action.entries = {"request", "failure"};
  action.settles = true;
  action.effects = Pipeline::changesState | Pipeline::answers;
  action.bind = [&transactions](Binding& binding) { return std::make_unique<ReplyAction>(transactions, binding); };
  return action;
}

}  // namespace

std::vector<ActionDeclaration> transactionActions(Transactions& transactions) {
  return {newTransactionAction(transactions), replyAction(transactions)};
}

}  // namespace Patchbay::Tm
