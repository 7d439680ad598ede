#include "MaxfwdPlugin.h"

#include "CountDown.h"

namespace Patchbay::Maxfwd {

void MaxfwdPlugin::describe(Bundle::Declaration& declaration) {
  Pipeline::ActionDeclaration action;
  action.name = "mf_process_maxfwd_header";
  action.summary = "Counts Max-Forwards down by one, once a request; a request without one gets the limit (RFC 3261, 16.6 step 3).";
  action.parameters = {
      {"limit", Pipeline::Type::integer, "What a request without Max-Forwards gets, and what none leaves above.", false, "70", 1, 255}};
  action.predicate = true;
  action.effects = Pipeline::edits;
  action.yes = "the request may go on";
  action.no = "Max-Forwards was 0: too many hops";
  action.bind = [](Pipeline::Binding& binding) {
    return std::make_unique<CountDown>(binding.integer("limit"), binding.flagIndex("maxfwd.done").value_or(0));
  };
  declaration.actions.push_back(std::move(action));
}

}  // namespace Patchbay::Maxfwd
