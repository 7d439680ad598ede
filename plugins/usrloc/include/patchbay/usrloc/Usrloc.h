#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/log/Api.h"
#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/Task.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Usrloc {

/// One contact of an address of record: the record that everybody shares. As given to the table and as shown by it; all texts are views.
struct Contact {
  std::string_view uri;       ///< the Contact URI as registered
  std::string_view received;  ///< "sip:192.0.2.1:5062" when it differs from the URI: where its requests go
  std::string_view path;      ///< Path values as one list, first hop first; empty without
  std::string_view callId;
  std::string_view userAgent;
  std::string_view instance;  ///< +sip.instance, without quotes
  uint32_t regId = 0;         ///< 0: none
  uint32_t cseq = 0;
  uint16_t q = 1000;       ///< thousandths; `noQ` when the phone gave none
  uint32_t methods = 0;    ///< bit 1 << Parser::Method; 0: not said
  uint64_t flags = 0;      ///< branch flags
  uint16_t listener = 0;   ///< Transport::Listener::id it came in by
  bool permanent = false;  ///< never expires; written by an operator
  Runtime::WallTime expires{};
  Runtime::WallTime modified{};

  static constexpr uint16_t noQ = 0xffff;
};

/// Everything that happens to contacts, for replication, presence, trails.
struct Event {
  enum class Kind : uint8_t { insert, update, remove, expire } kind;
  enum class Origin : uint8_t { registrar, administration, database, replication } origin;
  uint64_t sequence;  ///< grows by one with each event of this table's shard
  std::string_view table;
  std::string_view aor;
  const Contact& contact;
};

/// Called with the shard's lock held: take note and return, never call back into usrloc.
class PATCHBAY_API Observer {
 public:
  virtual ~Observer() = default;
  virtual void happened(const Event& event) = 0;
};

/// One change of a contact, keyed by `Contact::uri` (or instance and reg-id when both are given: a reconnecting client replaces itself, RFC
/// 5626).
struct Change {
  enum class Kind : uint8_t { put, remove } kind;
  Contact contact;
};

/// Looks at an address of record and decides what becomes of it, under its lock: all or nothing. Do not block, do not call back.
class PATCHBAY_API Decision {
 public:
  virtual ~Decision() = default;
  /// `current` holds the unexpired contacts. Appends what is to change; false changes nothing.
  virtual bool decide(std::span<const Contact> current, std::vector<Change>& changes) = 0;
  /// After the changes, under the same lock: the contacts as they are now, for the reply.
  virtual void result(std::span<const Contact> now) = 0;
};

class PATCHBAY_API Visitor {
 public:
  virtual ~Visitor() = default;
  /// The unexpired contacts, under the lock: copy what you need.
  virtual void contacts(std::span<const Contact> contacts) = 0;
};

/// A location table ("location", "aliases"). The key is an address of record "user@host" as Parser::writeAddressOfRecord makes it.
/// Thread-safe.
class PATCHBAY_API Table {
 public:
  enum class State : uint8_t { loading, ready };
  virtual ~Table() = default;
  virtual const std::string& name() const = 0;
  virtual State state() const = 0;
  /// False when it has none. No allocation.
  virtual bool visit(std::string_view aor, Visitor& visitor) = 0;
  enum class Durability : uint8_t { done, pending, full };
  /// Runs the decision. In write-through mode `pending` is returned when something must be committed first: `committed` then runs on this
  /// worker, with false when the database refused; else it is not called. `full`: there is no room for what would be new (the caps of all
  /// tables, or memory); nothing has changed, and the decision was told no result.
  virtual Durability change(std::string_view aor, Decision& decision, Event::Origin origin,
                            std::function<void(bool durable)> committed) = 0;
  virtual size_t size() const = 0;  ///< contacts

  /// For operators, who want to see all: the addresses of record with unexpired contacts, part by part (0 to parts() - 1), each part under
  /// its lock: copy, and say false when it is enough.
  using Each = std::function<bool(std::string_view aor, std::span<const Contact> contacts)>;
  virtual size_t parts() const { return 0; }
  virtual void visitPart(size_t part, const Each& each) {
    (void)part;
    (void)each;
  }
  /// For operators, blocking, not on a worker: the contacts that the database has of an address of record, expired ones included. Why it
  /// cannot be asked, else empty.
  virtual std::string stored(std::string_view aor, std::vector<std::string>& contacts) {
    (void)aor;
    (void)contacts;
    return "there is no database";
  }
};

/// The tables, made when a rule or another plug-in first names them at load time.
class PATCHBAY_API Service {
 public:
  virtual ~Service() = default;
  /// Load time only.
  virtual Table& table(std::string_view name) = 0;
  virtual void add(Observer& observer) = 0;
  /// From any thread: a table that there is, else null; it stays as long as the server.
  virtual Table* find(std::string_view name) {
    (void)name;
    return nullptr;
  }
};

}  // namespace Patchbay::Usrloc
