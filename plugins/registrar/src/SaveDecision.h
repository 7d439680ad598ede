#pragma once

#include <span>
#include <vector>

#include "Registration.h"
#include "Removals.h"
#include "patchbay/parser/Writer.h"
#include "patchbay/usrloc/Usrloc.h"

namespace Patchbay::Registrar {

/// Step 7 of RFC 3261, 10.3, under the lock of the address of record: what becomes of its contacts. Then the lines of the 200.
class SaveDecision : public Usrloc::Decision {
 public:
  SaveDecision(const Policy& policy, const Registration& registration, Removals& removals, uint16_t listener, Runtime::WallTime now,
               Parser::Writer& lines)
      : _policy(policy), _asked(registration), _removals(removals), _listener(listener), _now(now), _lines(lines) {}

  bool decide(std::span<const Usrloc::Contact> current, std::vector<Usrloc::Change>& changes) override;
  void result(std::span<const Usrloc::Contact> now) override;
  /// Set when `decide` refused.
  const Refusal& refusal() const { return _refusal; }

 private:
  enum class Order { newer, repeated, late };
  /// How this REGISTER stands to the one that a contact was last changed by.
  Order orderOf(const Usrloc::Contact& contact) const;
  bool refuse(int code, std::string_view reason);
  bool isLate(std::span<const Usrloc::Contact> current) const;
  bool decideContacts(std::span<const Usrloc::Contact> current, std::vector<Usrloc::Change>& changes);
  void noteRemovals(const std::vector<Usrloc::Change>& changes);
  bool removeAll(std::span<const Usrloc::Contact> current, std::vector<Usrloc::Change>& changes);
  bool apply(const Item& item, std::span<const Usrloc::Contact> current, std::vector<Usrloc::Change>& changes);
  bool limit(std::span<const Usrloc::Contact> current, std::vector<Usrloc::Change>& changes);
  static bool dropOldest(std::span<const Usrloc::Contact> current, std::vector<Usrloc::Change>& changes);
  static bool matches(const Item& item, const Usrloc::Contact& contact);
  void removeOthers(const Item& item, const Usrloc::Contact& known, std::span<const Usrloc::Contact> current,
                    std::vector<Usrloc::Change>& changes) const;
  void forgetEarlier(const Item& item, std::vector<Usrloc::Change>& changes) const;
  Usrloc::Contact contactOf(const Item& item) const;
  void write(const Usrloc::Contact& contact);

  const Policy& _policy;
  const Registration& _asked;
  Removals& _removals;
  const uint16_t _listener;
  const Runtime::WallTime _now;
  Parser::Writer& _lines;
  Refusal _refusal;
};

}  // namespace Patchbay::Registrar
