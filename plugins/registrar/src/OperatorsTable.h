#pragma once

#include <optional>
#include <string>
#include <vector>

#include "patchbay/admin/Operation.h"
#include "patchbay/core/Core.h"
#include "patchbay/runtime/Environment.h"
#include "patchbay/transport/Transport.h"
#include "patchbay/usrloc/Usrloc.h"

namespace Patchbay::Registrar {

struct OperatorsServices {
  const Core::Service* core = nullptr;
  Usrloc::Service* usrloc = nullptr;
  const Transport::Service* transport = nullptr;
  Runtime::Environment* environment = nullptr;
};

/// What an operator gives for a contact; its texts.
struct GivenContact {
  std::string uri;
  uint16_t q = Usrloc::Contact::noQ;
  std::optional<Runtime::Duration> expires;  ///< none: it stays
};

/// A contact of the table, copied.
struct ShownContact {
  std::string uri, received, path, callId, userAgent, instance;
  uint16_t q = 0;
  uint32_t cseq = 0;
  bool permanent = false;
  Runtime::WallTime expires{};
};

/// A location table as operators use it: live, in memory, and as durable as registrations. Changes are made on a worker. What is wrong is
/// thrown: Poco::NotFoundException, Poco::InvalidArgumentException, Poco::ExistsException (it cannot be done now).
class OperatorsTable {
 public:
  OperatorsTable(const OperatorsServices& services, const std::string& table);

  /// The key of "user@domain", a URI, or a user of the default domain.
  std::string keyOf(const std::string& user) const;
  /// A contact's URI, with sip: before it when it had no scheme; refuses what can be no target.
  std::string uriOf(const std::string& text) const;
  std::vector<ShownContact> show(const std::string& key) const;
  void add(const std::string& key, const GivenContact& contact) const;
  /// One contact, or all when `uri` is empty; how many there were.
  size_t remove(const std::string& key, const std::string& uri) const;
  Usrloc::Table& table() const { return *_table; }
  const std::string& name() const { return _table->name(); }
  const OperatorsServices& services() const { return _services; }

 private:
  void change(const std::string& key, std::unique_ptr<Usrloc::Decision> decision) const;
  std::string defaultDomain() const;
  const OperatorsServices _services;
  Usrloc::Table* _table;
};

}  // namespace Patchbay::Registrar
