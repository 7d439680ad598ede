#include "Redirection.h"

#include <algorithm>

#include "ServerTransaction.h"
#include "Transactions.h"
#include "patchbay/parser/Fields.h"

namespace Patchbay::Tm {
namespace {

/// Those whose URI no destination of the request has yet.
class Contacts {
 public:
  Contacts(ServerTransaction& transaction, Core::Request& source) : _transaction(transaction), _source(source) {}

  size_t take(Parser::Message& reply, uint8_t hops) {
    size_t taken = 0;
    for (const auto* header = reply.first(Parser::HeaderId::contact); header; header = reply.next(*header)) {
      Parser::ListValues values(reply.text(header->value));
      while (const auto value = values.next())
        if (const auto address = Parser::parseAddress(*value)) taken += add(*address, hops) ? 1 : 0;
    }
    return taken;
  }

 private:
  bool add(const Parser::Address& contact, uint8_t hops) {
    auto& all = _source.destinations.all();
    if (!contact.uri.isSip() || isKnown(contact.uriText) || all.size() >= Core::DestinationSet::Most) return false;
    Core::Destination destination;
    destination.uri = _source.origin().keep(contact.uriText);
    destination.q = Parser::parseQ(contact.parameter("q").value_or("")).value_or(1000);
    all.push_back(destination);
    place({Core::RequestHold(_source), static_cast<uint8_t>(all.size() - 1), destination.q, hops});
    return true;
  }
  bool isKnown(std::string_view uri) const {
    const auto& all = _source.destinations.all();
    if (std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.uri == uri; })) return true;
    for (const ClientTransaction* leg = _transaction.legs; leg; leg = leg->sibling)
      if (leg->from()->destinations.all()[leg->target].uri == uri) return true;
    return false;
  }
  /// Behind those of the same or a higher preference.
  void place(Waiting one) {
    auto& later = _transaction.fork->later;
    const auto at = std::find_if(later.begin(), later.end(), [&](const Waiting& other) { return other.q < one.q; });
    later.insert(at, std::move(one));
  }

  ServerTransaction& _transaction;
  Core::Request& _source;
};

}  // namespace

bool Redirection::follow(Turn& turn, ClientTransaction& leg, Core::Request& reply) {
  ServerTransaction& transaction = leg.parent;
  Fork* const fork = transaction.fork.get();
  if (!fork || leg.hops >= fork->mostHops || transaction.isFinal() || transaction.cancelled || !leg.from()) return false;
  if (fork->bestCode >= 600 || transaction.branches >= ServerTransaction::MostBranches) return false;
  if (Contacts(transaction, *leg.from()).take(reply.message, static_cast<uint8_t>(leg.hops + 1)) == 0) return false;
  turn.tm.counters().redirections->add();
  if (--transaction.open == 0) Fork::conclude(turn, transaction);
  return true;
}

}  // namespace Patchbay::Tm
