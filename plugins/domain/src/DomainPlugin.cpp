#include "DomainPlugin.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include "Actions.h"
#include "patchbay/admin/Commit.h"
#include "patchbay/core/Account.h"

namespace Patchbay::Domain {

using Admin::Answer;
using Admin::Arguments;
using Pipeline::Type;

namespace {

constexpr int64_t Second = 1000000000;
const Pipeline::Parameter Name{.name = "domain", .type = Type::text, .summary = "The domain, for example example.org.", .required = true};

std::string nameOf(const Arguments& arguments) {
  const std::string text = Admin::argument(arguments, "domain").value_or("");
  std::string name = hostOf(text);
  if (name.empty()) throw Poco::InvalidArgumentException("'" + text + "' is no domain: letters, digits, dots and hyphens, at most 64");
  return name;
}

}  // namespace

void DomainPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {.name = "table",
       .type = Type::text,
       .summary = "The table of further served domains, with the columns of Kamailio's domain; empty: none.",
       .fallback = "domain"},
      {.name = "refresh",
       .type = Type::duration,
       .summary = "How often the table is read again, for what others have changed in it. What operations change counts at once.",
       .fallback = "1min",
       .least = Second,
       .most = 86400 * Second},
  };
  declaration.metrics = {{"domain_entries", "Served domains in the table.", Runtime::Metrics::Kind::gauge}};
  declaration.actions = {localAction(_core, false), localAction(_core, true), lookupAction(_list)};
  declaration.operations = operations();
}

std::vector<Admin::Operation> DomainPlugin::operations() {
  using Admin::Role;
  constexpr uint8_t Changes = Pipeline::reads | Pipeline::changesState;
  return {
      {.name = "domain.list",
       .summary = "The domains of the table; those of the configuration are served besides.",
       .path = "/domains",
       .run = [this](const Arguments&) { return show(); },
       .columns = {"domain", "id"}},
      {.name = "domain.add",
       .summary = "Serves a further domain, from now on.",
       .method = "POST",
       .path = "/domains",
       .parameters = {Name, {.name = "id", .type = Type::text, .summary = "What its owner's domains have in common.", .fallback = ""}},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return add(arguments); }},
      {.name = "domain.rm",
       .summary = "Serves a domain no more.",
       .method = "DELETE",
       .path = "/domains/{domain}",
       .parameters = {Name},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return remove(arguments); }},
      {.name = "domain.reload",
       .summary = "Reads the table again.",
       .method = "POST",
       .path = "/domains/reload",
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments&) { return reload(); }},
  };
}

void DomainPlugin::configure(Bundle::Host& host) {
  _host = &host;
  _table = DomainList::tableNamed(host.settings().text("table"));
  _every = host.settings().duration("refresh");
  _list = std::make_unique<DomainList>(host.environment().workers);
  host.gauge("domain_entries", [this] { return static_cast<double>(_list->all()->size()); });
}

void DomainPlugin::bind(Bundle::Host& host) {
  _core = &host.services().find<Core::Service>();
  _core->use(*_list);
}

/// A reload of the configuration reads the table, too.
void DomainPlugin::furnish(Pipeline::Snapshot&) {
  if (_database) load();
}

void DomainPlugin::start() {
  if (_table.name.empty()) return;
  auto& database = _host->services().find<Data::Database>();
  if (const auto failure = database.open(_table)) return tell(failure);  // the configured domains are served all the same
  _database = &database;
  load();
  _refresh = std::make_unique<Data::Refresh>(_host->environment(), _every, [this] { load(); });
}

void DomainPlugin::stop() noexcept {
  _refresh.reset();
  _database = nullptr;
}

Data::Failure DomainPlugin::load() {
  DomainList::Entries entries;
  size_t unfit = 0;
  auto failure = _database->read(_table, [&](const Data::Row& row) {
    if (auto entry = DomainList::entryOf(row))
      entries.push_back(std::move(*entry));
    else
      ++unfit;
  });
  tell(failure);
  if (failure || !_list->replace(std::move(entries))) return failure;
  _host->logger().notice("served domains have been read", {{"domains", std::to_string(_list->all()->size())}});
  if (unfit != 0) _host->logger().warning("rows that are no domains were left alone", {{"rows", std::to_string(unfit)}});
  return failure;
}

void DomainPlugin::tell(const Data::Failure& failure) {
  using State = Admin::Health::State;
  if (_well.exchange(!failure) != static_cast<bool>(failure)) return;
  _host->health().set("domain", failure ? State::degraded : State::ready, failure.text);
  if (failure) _host->logger().error("the domains of the database are not known", {{"reason", failure.text}});
}

void DomainPlugin::require() const {
  if (!_database) throw Poco::ExistsException("the table of domains is not in use");
}

Answer DomainPlugin::add(const Arguments& arguments) {
  require();
  const std::string name = nameOf(arguments), id = Admin::argument(arguments, "id").value_or("");
  const auto failure = Admin::commit([&](auto done) {
    _database->upsert(_table, {name, id.empty() ? Data::Field() : Data::Field(id), Data::timeText(_host->environment().clock.wall())},
                      std::move(done));
  });
  return failure ? Admin::refusal(failure) : reload();
}

Answer DomainPlugin::remove(const Arguments& arguments) {
  require();
  const std::string name = nameOf(arguments);
  bool found = false;
  auto failure = _database->read(_table, [&](const Data::Row& row) { found |= hostOf(Core::textOf(row[0])) == name; });
  if (!failure && !found) throw Poco::NotFoundException("there is no domain '" + name + "' in the table");
  if (!failure) failure = Admin::commit([&](auto done) { _database->remove(_table, {name}, std::move(done)); });
  return failure ? Admin::refusal(failure) : reload();
}

Answer DomainPlugin::reload() {
  require();
  const auto failure = load();
  return failure ? Admin::refusal(failure) : show();
}

Answer DomainPlugin::show() const {
  Poco::JSON::Array::Ptr domains = new Poco::JSON::Array;
  for (const auto& entry : *_list->all()) {
    Poco::JSON::Object::Ptr one = new Poco::JSON::Object;
    one->set("domain", entry.name);
    one->set("id", entry.id);
    domains->add(one);
  }
  Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
  body->set("domains", domains);
  return {200, body};
}

}  // namespace Patchbay::Domain
