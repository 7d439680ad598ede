#include "Lookup.h"

#include <algorithm>
#include <cstddef>

#include "Lookups.h"

namespace Patchbay::Resolver {

using Runtime::IpAddress;
using Type = NameServer::Type;

Lookup::Lookup(Lookups& owner) : owner(owner) {
  for (auto& slot : _slots) slot.link.asker = this;
}

void Lookup::begin(const Site& site, const Wishes& wishes) {
  _plan = wishes.plan;
  _name = wishes.name;
  _key = wishes.key;
  _stage = Stage::begin;
  _failed = _withheld = false;
  _open = 0;
  _services.clear();
  _hops.clear();
  waiter = nullptr;
  advance(site);
}

bool Lookup::advance(const Site& site) {
  const Stage before = _stage;
  _asking = true;
  while (_open == 0 && _stage != Stage::addresses) step(site);
  _asking = false;
  return _stage != before;
}

void Lookup::step(const Site& site) {
  switch (_stage) {
    case Stage::begin:
      if (_plan.start == Plan::Start::pointers) return askPointers(site);
      if (_plan.start == Plan::Start::services) {
        _services.push_back(serviceOf(_name, _plan.protocol));
        return askServices(site);
      }
      _hops.push_back({_plan.protocol, _plan.port, _name});
      return askAddresses(site);
    case Stage::pointers:
      return takePointers(site);
    default:
      return takeServices(site);
  }
}

void Lookup::ask(const Site& site, std::string_view name, Type type, size_t slot) {
  _slots[slot].records.clear();
  _slots[slot].outcome = Outcome::notFound;
  ++_open;
  site.questions.ask(name, type, _slots[slot].link);
}

Lookup::Slot& Lookup::slotOf(Link& link) {
  return *std::find_if(_slots.begin(), _slots.end(), [&](const Slot& slot) { return &slot.link == &link; });
}

void Lookup::answered(Link& link, const NameServer::Answer& answer) {
  Slot& slot = slotOf(link);
  slot.outcome = answer.outcome;
  slot.records = answer.records;
  --_open;
  if (!_asking) owner.goOn(*this);
}

void Lookup::askPointers(const Site& site) {
  _stage = Stage::pointers;
  ask(site, _name, Type::naptr, 0);
}

/// What DNS does not say of NAPTR is no reason to fail: SRV records may be there (the name servers of some zones answer no other types).
void Lookup::takePointers(const Site& site) {
  if (_slots[0].outcome == Outcome::failed) _failed = true;
  if (_slots[0].outcome == Outcome::found) _services = servicesOf(_slots[0].records, _plan.secure, site.offers);
  if (_services.empty())
    _services = servicesOf(_name, _plan.secure, site.offers);
  else
    fallBackTo(_services.front().protocol);
  askServices(site);
}

/// For a name whose NAPTR records lead to no SRV records.
void Lookup::fallBackTo(Transport::Protocol protocol) {
  _plan.protocol = protocol;
  _plan.port = defaultPortOf(protocol);
}

void Lookup::askServices(const Site& site) {
  _stage = Stage::services;
  for (size_t i = 0; i < _services.size(); ++i) {
    char name[MostKeyOctets];
    const size_t length = writeName(_services[i].name, name);
    _slots[i].outcome = Outcome::notFound;
    if (length) ask(site, {name, length}, Type::srv, i);
  }
}

/// The first protocol that has SRV records is it. One whose question failed is no reason for another, but for none at all it is.
void Lookup::takeServices(const Site& site) {
  for (size_t i = 0; i < _services.size() && _hops.empty(); ++i) {
    if (_slots[i].outcome == Outcome::failed) _failed = true;
    if (_slots[i].outcome == Outcome::found) takeHops(site, i);
  }
  const bool silent = std::any_of(_slots.begin(), _slots.begin() + static_cast<std::ptrdiff_t>(_services.size()),
                                  [](const Slot& slot) { return slot.outcome == Outcome::failed; });
  // only when the name says nothing of its services is it the host itself (RFC 3263, 4.2)
  if (_hops.empty() && !silent && !_withheld) _hops.push_back({_plan.protocol, _plan.port, _name});
  askAddresses(site);
}

void Lookup::takeHops(const Site& site, size_t service) {
  auto& records = _slots[service].records;
  orderServices(records, _key, site.random);
  for (const auto& record : records) {
    char name[MostKeyOctets];
    const size_t length = writeName(record.target, name);
    if (length && record.port && _hops.size() < MostHops) _hops.push_back({_services[service].protocol, record.port, {name, length}});
  }
  if (_hops.empty()) _withheld = true;  // RFC 2782: the target "." says that there is no such service here
}

void Lookup::askAddresses(const Site& site) {
  _stage = Stage::addresses;
  for (auto& slot : _slots) {
    slot.outcome = Outcome::notFound;
    slot.records.clear();
  }
  for (size_t i = 0; i < _hops.size(); ++i)
    for (const bool v6 : {false, true})
      if (site.offers.has(_hops[i].protocol, v6)) askAddress(site, i, v6);
}

void Lookup::askAddress(const Site& site, size_t hop, bool v6) {
  Slot& slot = _slots[2 * hop + v6];
  const auto* known = site.hosts.find(_hops[hop].name);
  if (!known) return ask(site, _hops[hop].name, v6 ? Type::aaaa : Type::a, 2 * hop + v6);
  for (const auto& address : *known)
    if (address.isV6() == v6 && isReachable(address, site.useLoopback)) slot.records.push_back({.address = address});
}

bool Lookup::enough() const {
  if (_stage != Stage::addresses || _hops.empty()) return false;
  bool any = false;
  for (size_t i = 0; i < _hops.size(); ++i) {
    any |= anyOf(i);
    if (!anyOf(i) && openOf(i)) return false;
  }
  return any;
}

bool Lookup::enoughOfFirst() const {
  if (_stage != Stage::addresses) return false;
  for (size_t i = 0; i < _hops.size(); ++i)
    if (anyOf(i) || openOf(i)) return anyOf(i);
  return false;
}

void Lookup::losePatience(const Site& site) {
  _asking = true;
  for (auto& slot : _slots) {
    if (!slot.link.linked() || site.questions.settleWithStale(slot.link) || _stage != Stage::pointers) continue;
    slot.link.unlink();
    slot.outcome = Outcome::failed;
    --_open;
  }
  _asking = false;
}

void Lookup::giveUp() {
  for (auto& slot : _slots) {
    if (slot.link.linked()) slot.outcome = Outcome::failed;
    slot.link.unlink();
  }
  if (_open) _failed = true;
  _open = 0;
}

Outcome Lookup::conclude(const Site& site, std::vector<Target>& targets) {
  for (size_t i = 0; i < _hops.size(); ++i) addTargets(site, i, targets);
  if (!targets.empty()) return Outcome::found;
  for (const auto& slot : _slots) _failed |= slot.outcome == Outcome::failed;
  return _failed ? Outcome::failed : Outcome::notFound;
}

/// RFC 7984, 4: all addresses of one hop before those of the next; in turn, so that a family that leads nowhere costs one attempt.
void Lookup::addTargets(const Site& site, size_t hop, std::vector<Target>& targets) {
  std::array<std::vector<IpAddress>, 2> families;
  for (const auto* slot : {&_slots[2 * hop], &_slots[2 * hop + 1]})
    for (const auto& record : slot->records)
      if (site.offers.has(_hops[hop].protocol, record.address.isV6()) && !isTooNarrow(record.address, _plan, site.useLoopback))
        families[record.address.isV6()].push_back(record.address);
  if (_key)
    for (auto& family : families) orderAddresses(family, _key);
  for (size_t i = 0; i < std::max(families[0].size(), families[1].size()); ++i)
    for (const auto* family : {&families[site.v6First], &families[!site.v6First]}) {
      if (i >= family->size() || targets.size() >= MostTargets) continue;
      const Target target{_hops[hop].protocol, {(*family)[i], _hops[hop].port}, site.offers.wayTo(_hops[hop].protocol, _name)};
      if (std::find(targets.begin(), targets.end(), target) == targets.end()) targets.push_back(target);
    }
}

}  // namespace Patchbay::Resolver
