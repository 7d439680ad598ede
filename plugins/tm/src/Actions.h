#pragma once

#include "Transactions.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Tm {

/// What t_relay does when it is not told otherwise; from the settings, which are read before rules are bound.
struct RelayUsage {
  bool serial = false;
  uint8_t redirections = 0;
};

/// t_relay, t_relay_to, t_relay_to_udp.
std::vector<Pipeline::ActionDeclaration> relayActions(Transactions& transactions, const RelayUsage& usage);
/// t_newtran, t_reply.
std::vector<Pipeline::ActionDeclaration> transactionActions(Transactions& transactions);
/// What is said before relaying: t_on_branch, t_on_reply, t_on_failure, t_set_timeout.
std::vector<Pipeline::ActionDeclaration> orderActions();
/// branch, reply, failure.
std::vector<Pipeline::EntryDeclaration> entryPoints();

}  // namespace Patchbay::Tm
