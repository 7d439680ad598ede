#include "UsrlocPlugin.h"

#include <Poco/Exception.h>

namespace Patchbay::Usrloc {

using Pipeline::Type;

namespace {

constexpr Runtime::Duration FlushDeadline = std::chrono::seconds(5);

std::string partOf(const std::string& table) {
  return "usrloc." + table;
}

}  // namespace

UsrlocPlugin::~UsrlocPlugin() {
  if (_host) _host->environment().metrics.forget("usrloc_contacts");
}

void UsrlocPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {.name = "db_mode",
       .type = Type::integer,
       .summary = "0: contacts are kept in memory only and lost at the end. 1: write-through, the 200 of a REGISTER "
                  "leaves when its contacts are committed; survives a kill (and, with sync=full in the database's URL, a power cut). 2: "
                  "write-back, changes are "
                  "written every write_interval; a crash loses those of the last interval.",
       .fallback = "1",
       .least = 0,
       .most = 2},
      {.name = "write_interval",
       .type = Type::duration,
       .summary = "How long a change waits at most for its writing in db_mode 2.",
       .fallback = "1s",
       .least = 1000000,
       .most = 3600LL * 1000000000},
      {.name = "preload",
       .type = Type::boolean,
       .summary = "Whether the start waits until the tables are loaded. If not, look-ups and registrations get 503 while they load.",
       .fallback = "yes"},
      {.name = "default_domain",
       .type = Type::text,
       .summary = "The domain of rows in an existing database that have none. Without it, they are left alone.",
       .fallback = ""},
  };
  using Kind = Runtime::Metrics::Kind;
  declaration.metrics = {
      {"usrloc_contacts", "Contacts in memory.", Kind::gauge},
      {"usrloc_inserted_total", "Contacts that were new, those loaded at start included."},
      {"usrloc_updated_total", "Contacts that were refreshed or changed."},
      {"usrloc_removed_total", "Contacts that were taken away."},
      {"usrloc_expired_total", "Contacts that were not refreshed in time."},
  };
}

void UsrlocPlugin::configure(Bundle::Host& host) {
  _host = &host;
  _shared = std::make_unique<Shared>(Shared{host.environment()});
  const auto& settings = host.settings();
  _shared->mode = static_cast<WriteMode>(settings.integer("db_mode"));
  _shared->writeInterval = settings.duration("write_interval");
  auto& random = host.environment().random;
  _shared->key = {random.next(), random.next()};
  _shared->inserted = &host.counter("usrloc_inserted_total");
  _shared->updated = &host.counter("usrloc_updated_total");
  _shared->removed = &host.counter("usrloc_removed_total");
  _shared->expired = &host.counter("usrloc_expired_total");
  _preload = settings.boolean("preload");
  _defaultDomain = settings.text("default_domain");
  host.services().provide<Service>(*this);
}

void UsrlocPlugin::bind(Bundle::Host& host) {
  if (_shared->mode != WriteMode::none) _database = &host.services().find<Data::Database>();
  _transport = host.services().findOptional<Transport::Service>();
}

std::unique_ptr<Store> UsrlocPlugin::makeStore(const std::string& table) {
  if (_database == nullptr) return nullptr;
  return std::make_unique<Store>(table, *_database, _transport, _defaultDomain);
}

Table& UsrlocPlugin::table(std::string_view name) {
  const auto found = _tables.find(name);
  if (found != _tables.end()) return *found->second;
  const std::string text(name);
  auto made = std::make_unique<MemoryTable>(text, *_shared, makeStore(text));
  MemoryTable& table = *made;
  _tables.emplace(text, std::move(made));
  _host->gauge("usrloc_contacts", [&table] { return static_cast<double>(table.size()); }, {{"table", text}});
  if (_started) open(table);  // a rule that came with a reload
  return table;
}

void UsrlocPlugin::start() {
  _started = true;
  for (auto& [name, table] : _tables) open(*table);
}

void UsrlocPlugin::open(MemoryTable& table) {
  table.start();
  if (!table.hasStore()) {
    table.ready();
    return loaded(table);
  }
  if (const Data::Failure failure = table.open()) throw Poco::DataException(failure.text);
  _host->health().set(partOf(table.name()), Admin::Health::State::loading, "reads its contacts");
  if (_preload)
    load(table);
  else
    _host->environment().pool.submit([this, &table] { load(table); });
}

void UsrlocPlugin::load(MemoryTable& table) {
  const Data::Failure failure = table.load();
  if (!failure) return loaded(table);
  if (_preload) throw Poco::DataException(failure.text);
  _host->logger().error("a location table cannot be loaded", {{"table", table.name()}, {"reason", failure.text}});
  _host->health().set(partOf(table.name()), Admin::Health::State::loading, failure.text);
}

void UsrlocPlugin::loaded(const MemoryTable& table) {
  _host->health().set(partOf(table.name()), Admin::Health::State::ready);
  if (_preload) _host->announce("contacts", table.name() + ": " + std::to_string(table.size()));
  if (table.unfit() == 0) return;
  _host->logger().warning("rows that are no contacts were left alone (no time, contact or domain)",
                          {{"table", table.name()}, {"rows", std::to_string(table.unfit())}});
}

void UsrlocPlugin::stop() noexcept {
  if (!_started) return;
  _started = false;
  try {
    for (auto& [name, table] : _tables) table->stop();
    if (_database == nullptr) return;
    if (const size_t left = _database->flush(FlushDeadline))
      _host->logger().error("contacts could not be written", {{"rows", std::to_string(left)}});
  } catch (const Poco::Exception& exception) {
    _host->logger().error("contacts could not be written", {{"reason", exception.displayText()}});
  }
}

}  // namespace Patchbay::Usrloc
