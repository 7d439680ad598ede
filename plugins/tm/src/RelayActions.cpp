#include "Actions.h"
#include "Relay.h"

namespace Patchbay::Tm {
namespace {

using Core::TransactionOrders;
using Pipeline::ActionDeclaration;
using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::Parameter;
using Pipeline::TextArgument;
using Pipeline::Type;
using Pipeline::Verdict;

RelayManner mannerOf(Binding& binding, const RelayUsage& usage) {
  RelayManner manner;
  manner.predicate = binding.asPredicate();
  manner.serial = binding.given("forking") ? binding.text("forking").constant() == "serial" : usage.serial;
  manner.redirections = binding.given("redirects")
                            ? static_cast<uint8_t>(Pipeline::parseInteger(binding.text("redirects").constant()).value_or(0))
                            : usage.redirections;
  manner.onBranch = binding.usualPipeline("branch").value_or(TransactionOrders::None);
  manner.onReply = binding.usualPipeline("reply").value_or(TransactionOrders::None);
  manner.onFailure = binding.usualPipeline("failure").value_or(TransactionOrders::None);
  return manner;
}

class RelayAction : public Pipeline::Action {
 public:
  RelayAction(Transactions& transactions, const RelayManner& manner) : _transactions(transactions), _manner(manner) {}
  Verdict run(Machine& machine) override { return Relay(_transactions, machine, machine.subject<Core::Request>(), _manner).run(); }

 protected:
  Transactions& _transactions;
  const RelayManner _manner;
};

/// Puts a URI together that leads to the next hop, then relays.
class RelayToAction : public RelayAction {
 public:
  RelayToAction(Transactions& transactions, const RelayManner& manner, TextArgument to, TextArgument transport)
      : RelayAction(transactions, manner), _to(std::move(to)), _transport(std::move(transport)) {}
  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    const std::string_view uri = nextHop(machine, request);
    if (uri.empty()) return machine.fail("the next hop is neither a sip URI nor host:port");
    for (Core::Destination& destination : request.destinations.all()) {
      destination.nextHop = uri;
      destination.flow = {};
    }
    return RelayAction::run(machine);
  }

 private:
  std::string_view nextHop(Machine& machine, Core::Request& request) const {
    const std::string_view to = _to.get(machine), transport = _transport.get(machine);
    const bool whole = to.starts_with("sip:") || to.starts_with("sips:");
    const size_t room = to.size() + transport.size() + 16;
    Parser::Writer out(request.keepRoom(room), room);
    out.raw(whole ? "" : "sip:").text(to);
    if (!transport.empty()) out.raw(";transport=").text(transport);
    const auto uri = out.ok() && !to.empty() ? Parser::Uri::parse(out.written()) : std::nullopt;
    return uri && uri->isSip() && !uri->host.empty() ? out.written() : std::string_view();
  }
  TextArgument _to, _transport;
};

ActionDeclaration declared(std::string name, std::string summary) {
  ActionDeclaration action;
  action.name = std::move(name);
  action.summary = std::move(summary);
  Parameter forking{"forking", Type::text,
                    "`serial`: by q, the next ones when those of a higher q have failed. Unset: as the setting says."};
  forking.choices = {"parallel", "serial"};
  forking.constant = true;
  Parameter redirects{"redirects", Type::integer,
                      "How many 3xx one behind the other are followed; 0: passed on. Unset: as the setting says."};
  redirects.least = 0;
  redirects.most = 10;
  redirects.constant = true;
  action.parameters = {forking, redirects};
  action.entries = {"request", "failure"};
  action.predicate = true;
  action.settles = true;
  action.settlesAsPredicate = true;
  action.suspends = true;
  action.effects = Pipeline::changesState | Pipeline::sends | Pipeline::answers;
  action.yes = "it was sent to one destination at least, or answered as a loop";
  action.no = "nothing was sent";
  return action;
}

ActionDeclaration relayAction(Transactions& transactions, const RelayUsage& usage) {
  ActionDeclaration action = declared(
      "t_relay",
      "Relays the request to all its destinations, in a transaction: copies are absorbed, replies go back, the best final one wins. When "
      "nothing can be sent it answers by itself: 478 for a name that does not exist, 482 for a loop, 416 for what is no SIP URI, 513 for "
      "what "
      "is too long, else 500. An ACK is sent on without a transaction and never answered. In a failure pipeline it sends to what that has "
      "added, and to the Request-URI when that was changed.");
  action.bind = [&transactions, &usage](Binding& binding) { return std::make_unique<RelayAction>(transactions, mannerOf(binding, usage)); };
  return action;
}

ActionDeclaration relayToAction(Transactions& transactions, const RelayUsage& usage) {
  ActionDeclaration action = declared("t_relay_to", "Relays like t_relay, to this next hop whatever Request-URI and Route say.");
  Parameter transport{"transport", Type::text, "How; unset: as the URI says, and its host's name."};
  transport.choices = {"udp", "tcp", "tls", "ws", "wss"};
  transport.constant = true;
  action.parameters.insert(action.parameters.begin(), {{"to", Type::text, "A sip or sips URI, or host:port.", true}, transport});
  action.bind = [&transactions, &usage](Binding& binding) {
    return std::make_unique<RelayToAction>(transactions, mannerOf(binding, usage), binding.text("to"), binding.text("transport"));
  };
  return action;
}

ActionDeclaration relayToUdpAction(Transactions& transactions, const RelayUsage& usage) {
  ActionDeclaration action = declared("t_relay_to_udp", "t_relay_to by UDP, under its old name.");
  action.parameters.insert(action.parameters.begin(), {"to", Type::text, "host:port.", true});
  action.bind = [&transactions, &usage](Binding& binding) {
    return std::make_unique<RelayToAction>(transactions, mannerOf(binding, usage), binding.text("to"), TextArgument("udp"));
  };
  return action;
}

}  // namespace

std::vector<ActionDeclaration> relayActions(Transactions& transactions, const RelayUsage& usage) {
  return {relayAction(transactions, usage), relayToAction(transactions, usage), relayToUdpAction(transactions, usage)};
}

}  // namespace Patchbay::Tm
