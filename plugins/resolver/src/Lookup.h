#pragma once

#include <array>
#include <string>
#include <vector>

#include "HostsFile.h"
#include "Questions.h"
#include "Services.h"
#include "patchbay/runtime/TimerWheel.h"

namespace Patchbay::Resolver {

class Lookups;

/// One call of `resolve` that DNS must answer, on its way through RFC 3263: NAPTR, SRV, addresses. Pooled, one worker's own.
class Lookup : public Runtime::Timer, public Asker {
 public:
  struct Wishes {
    Plan plan;
    std::string_view name;  ///< from writeName()
    uint64_t key = 0;
  };
  /// What a look-up needs to know of the server.
  struct Site {
    Questions& questions;
    const HostsFile& hosts;
    const Offers& offers;
    Runtime::Random& random;
    bool v6First = true;
    bool useLoopback = true;
  };
  static constexpr size_t MostHops = 8, MostTargets = 32;

  explicit Lookup(Lookups& owner);
  void begin(const Site& site, const Wishes& wishes);  ///< asks, too
  void answered(Link& link, const NameServer::Answer& answer) override;
  /// Goes on as far as the answers reach and asks what is to be asked next; false when there is still to wait for what was asked before.
  bool advance(const Site& site);
  /// Something is still to come.
  bool open() const { return _open > 0; }
  /// There are addresses, but not yet all that were asked for: of each hop (true), or of the first one only.
  bool enough() const;
  bool enoughOfFirst() const;
  /// Takes what was known before instead of what does not come; goes on without NAPTR records when it is these that do not come.
  void losePatience(const Site& site);
  /// Gives up what is still to come.
  void giveUp();
  /// Fills `targets`: hop by hop, the families in turn.
  Outcome conclude(const Site& site, std::vector<Target>& targets);

  Lookups& owner;
  Waiter* waiter = nullptr;                          ///< null while `resolve` itself still asks
  Runtime::Instant deadline{}, patience{}, grace{};  ///< kept by the owner

 private:
  enum class Stage : uint8_t { begin, pointers, services, addresses };
  struct Slot {
    Link link;
    Outcome outcome = Outcome::notFound;
    std::vector<NameServer::Record> records;
  };
  /// Where one SRV record, or the name itself, leads.
  struct Hop {
    Transport::Protocol protocol = Transport::Protocol::udp;
    uint16_t port = 0;
    std::string name;
  };

  void step(const Site& site);
  void askPointers(const Site& site);
  void askServices(const Site& site);
  void fallBackTo(Transport::Protocol protocol);
  void takePointers(const Site& site);
  void takeServices(const Site& site);
  void takeHops(const Site& site, size_t service);
  void askAddresses(const Site& site);
  void askAddress(const Site& site, size_t hop, bool v6);
  void ask(const Site& site, std::string_view name, NameServer::Type type, size_t slot);
  void addTargets(const Site& site, size_t hop, std::vector<Target>& targets);
  Slot& slotOf(Link& link);
  bool anyOf(size_t hop) const { return !_slots[2 * hop].records.empty() || !_slots[2 * hop + 1].records.empty(); }
  bool openOf(size_t hop) const { return _slots[2 * hop].link.linked() || _slots[2 * hop + 1].link.linked(); }

  Stage _stage = Stage::begin;
  Plan _plan;
  std::string _name;
  uint64_t _key = 0;
  bool _asking = false, _failed = false, _withheld = false;
  size_t _open = 0;
  std::vector<ServiceName> _services;
  std::vector<Hop> _hops;
  std::array<Slot, 2 * MostHops> _slots;
};

}  // namespace Patchbay::Resolver
