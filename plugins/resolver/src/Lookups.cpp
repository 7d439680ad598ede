#include "Lookups.h"

#include <algorithm>
#include <cstring>

#include "WaiterAccess.h"

namespace Patchbay::Resolver {

using Runtime::IpAddress;

namespace {

constexpr size_t MostAddresses = 16;

size_t indexOf(Outcome outcome) {
  if (outcome == Outcome::found) return 0;
  return outcome == Outcome::notFound ? 1 : 2;
}

}  // namespace

Lookups::Lookups(Runtime::Worker& worker, Common& common)
    : _worker(worker),
      _common(common),
      _wheel(worker.now()),
      _cache(common.bounds, {worker.random().next(), worker.random().next()}),
      _self(std::make_shared<Lookups*>(this)) {
  _worker.add(*this);
}

Lookups::~Lookups() {
  *_self = nullptr;
  _worker.remove(*this);
  for (auto& lookup : _all) {
    if (lookup->waiter) WaiterAccess::clear(*lookup->waiter);
    if (lookup->armed()) _wheel.cancel(*lookup);
    lookup->unlink();
  }
  _common.underWay -= _inquiries.size();
}

Outcome Lookups::resolve(std::string_view name, const Plan& plan, std::vector<Target>& targets, Waiter& waiter) {
  Lookup& lookup = takeLookup();
  lookup.begin(plan);
  if (_common.useV4) want(lookup, name, Family::v4);
  if (_common.useV6) want(lookup, name, Family::v6);
  if (lookup.open()) {
    wait(lookup, waiter);
    return Outcome::pending;
  }
  const Outcome outcome = lookup.conclude(_common.v6First, targets);
  release(lookup);
  return outcome;
}

void Lookups::want(Lookup& lookup, std::string_view name, Family family) {
  char text[MostKeyOctets];
  std::memcpy(text, name.data(), name.size());
  text[name.size()] = family == Family::v6 ? '6' : '4';
  const std::string_view key(text, name.size() + 1);
  if (const auto* known = _cache.find(key, _worker.now())) {
    _common.hits->add();
    return lookup.take(family, known->outcome, known->addresses);
  }
  ask(lookup, key, family);
}

void Lookups::ask(Lookup& lookup, std::string_view key, Family family) {
  std::string owned(key);
  if (const auto found = _inquiries.find(owned); found != _inquiries.end()) {
    _common.joined->add();
    return lookup.link(family).before(found->second->waiting);
  }
  if (_common.underWay.fetch_add(1) >= _common.most) {
    --_common.underWay;
    _common.refused->add();
    return lookup.take(family, Outcome::failed, {});
  }
  auto& inquiry = *_inquiries.emplace(owned, std::make_unique<Inquiry>()).first->second;
  lookup.link(family).before(inquiry.waiting);
  const std::string name = owned.substr(0, owned.size() - 1);
  _common.server.addresses(name, family, [self = _self, owned, family](NameServer::Addresses answer) {
    if (*self) (*self)->answered(owned, family, std::move(answer));
  });
}

void Lookups::answered(const std::string& key, Family family, NameServer::Addresses answer) {
  const auto node = _inquiries.extract(key);
  if (node.empty()) return;  // said twice
  --_common.underWay;
  if (answer.outcome == Outcome::found) dropUseless(answer.addresses);
  if (answer.outcome == Outcome::pending) answer.outcome = Outcome::failed;
  if (answer.outcome == Outcome::found && answer.addresses.empty()) answer.outcome = Outcome::notFound;
  _common.answers[indexOf(answer.outcome)]->add();
  _cache.put(key, answer, _worker.now());
  // whom we tell may cancel others of this line, or ask again
  Link& line = node.mapped()->waiting;
  while (line.next != &line) {
    Lookup& lookup = *line.next->lookup;
    lookup.link(family).unlink();
    lookup.take(family, answer.outcome, answer.addresses);
    settle(lookup);
  }
}

void Lookups::settle(Lookup& lookup) {
  if (!lookup.waiter) return;  // `resolve` is still asking
  if (!lookup.open()) return finish(lookup);
  if (lookup.anything()) _wheel.arm(lookup, std::min(lookup.due(), _worker.now() + Grace));
}

void Lookups::wait(Lookup& lookup, Waiter& waiter) {
  lookup.waiter = &waiter;
  WaiterAccess::set(waiter, &lookup, cancel);
  const auto deadline = _worker.now() + _common.deadline;
  _wheel.arm(lookup, lookup.anything() ? std::min(deadline, _worker.now() + Grace) : deadline);
}

void Lookups::finish(Lookup& lookup) {
  std::vector<Target> targets;
  const Outcome outcome = lookup.conclude(_common.v6First, targets);
  Waiter& waiter = *lookup.waiter;
  WaiterAccess::clear(waiter);
  release(lookup);
  waiter.resolved(outcome, targets);
}

void Lookups::cancel(Waiter& waiter) {
  auto& lookup = *static_cast<Lookup*>(WaiterAccess::lookupOf(waiter));
  WaiterAccess::clear(waiter);
  lookup.unlink();
  lookup.owner.release(lookup);
}

void Lookups::tick(Runtime::Instant now) {
  _wheel.advance(now, [this](Runtime::Timer& timer) {
    auto& lookup = static_cast<Lookup&>(timer);
    if (!lookup.anything()) _common.timedOut->add();
    lookup.unlink();
    finish(lookup);
  });
}

void Lookups::dropUseless(std::vector<IpAddress>& addresses) const {
  std::erase_if(addresses, [this](const IpAddress& address) {
    const auto scope = address.scope();
    // who owns a name may say that it is this machine, and so reach what listens for local programs only
    return scope == Runtime::Scope::unspecified || scope == Runtime::Scope::multicast ||
           (scope == Runtime::Scope::loopback && !_common.useLoopback);
  });
  if (addresses.size() > MostAddresses) addresses.resize(MostAddresses);
}

Lookup& Lookups::takeLookup() {
  if (_free.empty()) {
    _all.push_back(std::make_unique<Lookup>(*this));
    _free.push_back(_all.back().get());
  }
  Lookup& lookup = *_free.back();
  _free.pop_back();
  return lookup;
}

void Lookups::release(Lookup& lookup) {
  if (lookup.armed()) _wheel.cancel(lookup);
  lookup.waiter = nullptr;
  _free.push_back(&lookup);
}

}  // namespace Patchbay::Resolver
