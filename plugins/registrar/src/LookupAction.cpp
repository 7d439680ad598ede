#include "LookupAction.h"

#include <array>

#include "Registration.h"
#include "patchbay/core/Request.h"

namespace Patchbay::Registrar {

namespace {

using Pipeline::Verdict;
using Usrloc::Contact;

/// The key of a URI's user, in memory of its own; empty when it has none.
struct Key {
  Key(const Core::Service& core, const Parser::Uri* uri) {
    if (uri == nullptr || !uri->isSip() || uri->user.size() + uri->host.size() + 1 > LongestAor) return;
    if (const char* end = writeKey(core, *uri, _octets)) _length = static_cast<size_t>(end - _octets);
  }
  std::string_view text() const { return {_octets, _length}; }

 private:
  char _octets[LongestAor + 1];  // an IPv6 address may grow by an octet while it is written
  size_t _length = 0;
};

uint16_t qOf(const Contact& contact) {
  return contact.q == Contact::noQ ? 1000 : contact.q;
}

/// Copies the best contacts into the request's own texts, under the table's lock: highest q first, or freshest first.
class Choice : public Usrloc::Visitor {
 public:
  Choice(Core::Request& request, const Services& services, const Policy& policy)
      : _request(request), _services(services), _policy(policy) {}

  void contacts(std::span<const Contact> contacts) override {
    for (const Contact& contact : contacts) rank(contact);
    if (_policy.appendBranches) _leftOut = contacts.size() - _count;
    for (size_t i = 0; i < _count; ++i) _found[i] = copy(*_best[i]);
  }
  size_t count() const { return _count; }
  size_t leftOut() const { return _leftOut; }
  const Core::Destination& at(size_t index) const { return _found[index]; }

 private:
  /// Before the first one that it beats; equals stay in the order in which they came.
  void rank(const Contact& contact) {
    const size_t most = _policy.appendBranches ? _best.size() : 1;
    size_t place = _count;
    while (place > 0 && beats(contact, *_best[place - 1])) --place;
    if (place >= most) return;
    if (_count < most) ++_count;
    for (size_t i = _count - 1; i > place; --i) _best[i] = _best[i - 1];
    _best[place] = &contact;
  }
  bool beats(const Contact& a, const Contact& b) const { return _policy.descTimeOrder ? a.modified > b.modified : qOf(a) > qOf(b); }
  Core::Destination copy(const Contact& contact) {
    Core::Destination destination;
    destination.uri = _request.keep(contact.uri);
    destination.listener = listener(contact.listener);
    if (const auto connection = connectionIn(contact.received))  // as long as it is there: its address may be another one's afterwards, and
                                                                 // the contact is where its URI says
      destination.flow = _services.transport->flowOf(*connection);
    else if (!contact.received.empty())
      destination.nextHop = _request.keep(contact.received);
    if (!contact.path.empty()) destination.path = _request.keep(contact.path);
    destination.q = qOf(contact);
    destination.flags = contact.flags;
    return destination;
  }
  const Transport::Listener* listener(uint16_t id) const {
    for (const auto& listener : _services.transport->listeners())
      if (listener.id == id) return &listener;
    return nullptr;
  }

  Core::Request& _request;
  const Services& _services;
  const Policy& _policy;
  std::array<const Contact*, Core::DestinationSet::Most> _best;
  std::array<Core::Destination, Core::DestinationSet::Most> _found;
  size_t _count = 0, _leftOut = 0;
};

class Nothing : public Usrloc::Visitor {
  void contacts(std::span<const Contact>) override {}
};

}  // namespace

Verdict LookupAction::run(Pipeline::Machine& machine) {
  auto& request = machine.subject<Core::Request>();
  if (_table.state() == Usrloc::Table::State::loading) return machine.fail("the location table is loading");
  const Key key(*_services.core, request.uri());
  Choice choice(request, _services, *_policy);
  if (key.text().empty() || !_table.visit(key.text(), choice) || !Parser::Uri::parse(choice.at(0).uri)) {
    _services.missed->add();
    return Verdict::no;
  }
  _services.found->add();
  auto& main = request.destinations.main();
  const auto* edits = main.edits;
  main = choice.at(0);
  main.edits = edits;
  for (size_t i = 1; i < choice.count(); ++i)
    if (!request.destinations.add(choice.at(i))) break;
  request.destinations.leaveOut(choice.leftOut());
  return Verdict::yes;
}

Verdict RegisteredAction::run(Pipeline::Machine& machine) {
  auto& request = machine.subject<Core::Request>();
  if (_table.state() == Usrloc::Table::State::loading) return machine.fail("the location table is loading");
  std::optional<Parser::Uri> other;
  if (_given) other = Parser::Uri::parse(_uri.get(machine));
  const Key key(*_services.core, _given ? (other ? &*other : nullptr) : request.uri());
  Nothing nothing;
  return !key.text().empty() && _table.visit(key.text(), nothing) ? Verdict::yes : Verdict::no;
}

}  // namespace Patchbay::Registrar
