#include "Establishing.h"

#include "Schema.h"

namespace Patchbay::Data {

using State = TableStatus::State;
using Opening = Database::Opening;

Failure Establishing::establish(Session& session, OpenTable& open, Opening how) {
  Schema schema(session);
  TableStatus status = schema.look(open.table);
  if (how != Opening::look) {
    if (status.state == State::absent)
      schema.make(open.table), status.state = State::good;
    else if (status.state == State::upgradable && how == Opening::upgrade)
      schema.mend(open.table), status.state = State::good;
    open.replaced = schema.lacksKey(open.table);
    if (status.state != State::good) return {Failure::Kind::schema, _sessions.driver().description() + ": " + status.text};
  }
  open.checked = true;
  return {};
}

Failure Establishing::open(OpenTable& open, Opening how) {
  Failure outcome;
  const Failure failure = _sessions.with([&](Session& session) { session.transaction([&] { outcome = establish(session, open, how); }); },
                                         how == Opening::upgrade ? Sessions::SchemaTime : Sessions::LoadTime);
  if (!failure) return outcome;
  const bool away = failure.kind == Failure::Kind::unreachable || failure.kind == Failure::Kind::timeout;
  return away && _sessions.driver().waitsAtStart() ? Failure() : failure;
}

Failure Establishing::probe(OpenTables& tables) {
  return _sessions.with(
      [&](Session& session) {
        session.execute("SELECT 1");
        for (size_t i = 0; i < tables.size(); ++i) {
          OpenTable& open = tables.at(i);
          if (open.checked) continue;
          Failure fault;
          session.transaction([&] { fault = establish(session, open, Opening::make); });
          if (fault) throw Poco::DataException(fault.text);
        }
      },
      _sessions.timeout(), true);
}

std::vector<TableStatus> Establishing::status(const OpenTables& tables) {
  std::vector<TableStatus> all;
  for (size_t i = 0; i < tables.size(); ++i) {
    const Table& table = tables.at(i).table;
    TableStatus one{table.name, table.version, 0, State::unreachable, {}};
    const Failure failure = _sessions.with([&](Session& session) { one = Schema(session).look(table); }, Sessions::LoadTime);
    if (failure) one.text = failure.text;
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace Patchbay::Data
