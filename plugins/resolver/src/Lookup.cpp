#include "Lookup.h"

namespace Patchbay::Resolver {

using Family = Runtime::IpAddress::Family;

void Link::before(Link& other) {
  next = &other;
  previous = other.previous;
  previous->next = this;
  other.previous = this;
}

void Link::unlink() {
  if (!next) return;
  next->previous = previous;
  previous->next = next;
  next = previous = nullptr;
}

Inquiry::~Inquiry() {
  while (waiting.next != &waiting) waiting.next->unlink();
}

void Lookup::begin(const Plan& wanted) {
  plan = wanted;
  waiter = nullptr;
  _failed = false;
  _v4.clear();
  _v6.clear();
}

void Lookup::take(Family family, Outcome outcome, const std::vector<Runtime::IpAddress>& addresses) {
  auto& mine = family == Family::v6 ? _v6 : _v4;
  if (outcome == Outcome::found) mine.insert(mine.end(), addresses.begin(), addresses.end());
  if (outcome == Outcome::failed) _failed = true;
}

void Lookup::unlink() {
  if (open()) _failed = true;
  for (auto& link : _links) link.unlink();
}

Outcome Lookup::conclude(bool v6First, std::vector<Target>& targets) const {
  for (const auto* addresses : {v6First ? &_v6 : &_v4, v6First ? &_v4 : &_v6})
    for (const auto& address : *addresses) targets.push_back({plan.protocol, {address, plan.port}});
  if (!targets.empty()) return Outcome::found;
  return _failed ? Outcome::failed : Outcome::notFound;
}

}  // namespace Patchbay::Resolver
