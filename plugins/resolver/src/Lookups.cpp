#include "Lookups.h"

#include <algorithm>

#include "WaiterAccess.h"

namespace Patchbay::Resolver {

namespace {

constexpr auto Never = Runtime::Instant::max();

}  // namespace

Lookups::Lookups(Runtime::Worker& worker, Common& common)
    : _worker(worker), _common(common), _wheel(worker.now()), _questions(worker, common.desk), _site{_questions,
                                                                                                     common.hosts,
                                                                                                     common.offers,
                                                                                                     worker.random(),
                                                                                                     common.v6First,
                                                                                                     common.desk.useLoopback} {
  _worker.add(*this);
}

Lookups::~Lookups() {
  _worker.remove(*this);
  for (auto& lookup : _all) {
    if (lookup->waiter) WaiterAccess::clear(*lookup->waiter);
    if (lookup->armed()) _wheel.cancel(*lookup);
    lookup->giveUp();
  }
}

Outcome Lookups::resolve(const Lookup::Wishes& wishes, std::vector<Target>& targets, Waiter& waiter) {
  Lookup& lookup = takeLookup();
  lookup.begin(_site, wishes);
  if (lookup.open()) {
    wait(lookup, waiter);
    return Outcome::pending;
  }
  const Outcome outcome = lookup.conclude(_site, targets);
  release(lookup);
  return outcome;
}

void Lookups::wait(Lookup& lookup, Waiter& waiter) {
  lookup.waiter = &waiter;
  WaiterAccess::set(waiter, &lookup, cancel);
  lookup.deadline = _worker.now() + _common.deadline;
  lookup.grace = Never;
  beginPatience(lookup);
  arm(lookup);
}

void Lookups::beginPatience(Lookup& lookup) {
  lookup.patience = _worker.now() + _common.deadline * 3 / 8;
}

void Lookups::arm(Lookup& lookup) {
  if (lookup.enough())
    lookup.grace = std::min(lookup.grace, _worker.now() + Grace);
  else if (lookup.enoughOfFirst())
    lookup.grace = std::min(lookup.grace, _worker.now() + LongGrace);
  _wheel.arm(lookup, std::min({lookup.deadline, lookup.patience, lookup.grace}));
}

void Lookups::goOn(Lookup& lookup) {
  if (lookup.advance(_site)) beginPatience(lookup);
  if (lookup.open()) return arm(lookup);
  finish(lookup);
}

void Lookups::finish(Lookup& lookup) {
  std::vector<Target> targets;
  const Outcome outcome = lookup.conclude(_site, targets);
  Waiter& waiter = *lookup.waiter;
  WaiterAccess::clear(waiter);
  release(lookup);
  waiter.resolved(outcome, targets);
}

void Lookups::cancel(Waiter& waiter) {
  auto& lookup = *static_cast<Lookup*>(WaiterAccess::lookupOf(waiter));
  WaiterAccess::clear(waiter);
  lookup.giveUp();
  lookup.owner.release(lookup);
}

void Lookups::tick(Runtime::Instant now) {
  _wheel.advance(now, [&](Runtime::Timer& timer) { fire(static_cast<Lookup&>(timer), now); });
}

void Lookups::fire(Lookup& lookup, Runtime::Instant now) {
  if (now < lookup.deadline && now < lookup.grace) {
    lookup.patience = Never;
    lookup.losePatience(_site);
    return goOn(lookup);
  }
  if (now >= lookup.deadline) _common.timedOut->add();
  lookup.giveUp();
  finish(lookup);
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
