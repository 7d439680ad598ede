#pragma once

#include <array>
#include <string>
#include <vector>

#include "Plan.h"
#include "patchbay/resolver/Resolver.h"
#include "patchbay/runtime/TimerWheel.h"

namespace Patchbay::Resolver {

class Lookup;
class Lookups;

/// A look-up's place in the line of those that wait for one answer.
struct Link {
  Link() = default;
  explicit Link(Lookup& lookup) : lookup(&lookup) {}
  bool linked() const { return next != nullptr; }
  void before(Link& other);
  void unlink();

  Link* next = nullptr;
  Link* previous = nullptr;
  Lookup* lookup = nullptr;
};

/// A question that is on its way to the name server, once for all who ask it. Kept in a map: does not move.
struct Inquiry {
  Inquiry() { waiting.next = waiting.previous = &waiting; }
  Inquiry(const Inquiry&) = delete;
  ~Inquiry();
  Link waiting;  ///< the line's head
};

/// One call of `resolve` that could not be answered at once: what it wants, and what it has so far. Pooled, one worker's own.
class Lookup : public Runtime::Timer {
 public:
  explicit Lookup(Lookups& owner) : owner(owner) {}
  void begin(const Plan& plan);
  /// One family's answer.
  void take(Runtime::IpAddress::Family family, Outcome outcome, const std::vector<Runtime::IpAddress>& addresses);
  Link& link(Runtime::IpAddress::Family family) { return _links[family == Runtime::IpAddress::Family::v6]; }
  void unlink();
  /// Something is still to come.
  bool open() const { return _links[0].linked() || _links[1].linked(); }
  bool anything() const { return !_v4.empty() || !_v6.empty(); }
  /// Fills `targets` with what there is, one family before the other.
  Outcome conclude(bool v6First, std::vector<Target>& targets) const;

  Lookups& owner;
  Plan plan;
  Waiter* waiter = nullptr;  ///< null while `resolve` itself still asks

 private:
  std::array<Link, 2> _links{Link(*this), Link(*this)};
  std::vector<Runtime::IpAddress> _v4, _v6;
  bool _failed = false;
};

}  // namespace Patchbay::Resolver
