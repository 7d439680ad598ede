#pragma once

#include <functional>
#include <memory>
#include <string>

#include "Block.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Usrloc {

/// A location table in the database: the columns of Kamailio 5's `location`, table version 9.
class Store {
 public:
  /// `transport` may be null: then no listener is written or found again.
  Store(const std::string& table, Data::Database& database, const Transport::Service* transport, std::string defaultDomain);

  /// Load time, blocking.
  Data::Failure open() { return _database.open(_table); }
  /// The blocks are given away. Rows that make no sense are counted, not given.
  Data::Failure read(const std::function<void(Block*)>& each, size_t& unfit);
  /// Blocking: the contacts of one address of record.
  Data::Failure find(std::string_view aor, std::vector<std::string>& contacts);
  /// Queue a row; see Data::Database.
  void write(const Block& block, Data::Database::Committed committed);
  void remove(const Block& block, Data::Database::Committed committed);
  const std::string& name() const { return _table.name; }
  /// As the journal and the column `socket` have it; empty when there is none of that number.
  std::string_view listenerText(uint16_t id) const;
  /// That no listener has, when there is none of that text.
  uint16_t listenerOf(std::string_view text) const;
  Data::Database& database() { return _database; }

 private:
  Data::Row rowOf(const Block& block) const;
  Block* blockOf(const Data::Row& row) const;
  const Transport::Listener* listener(uint16_t id) const;

  const Data::Table _table;
  Data::Database& _database;
  const Transport::Service* _transport;
  const std::string _defaultDomain;
};

}  // namespace Patchbay::Usrloc
