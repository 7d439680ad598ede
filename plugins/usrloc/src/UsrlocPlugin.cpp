#include "UsrlocPlugin.h"

#include <Poco/Exception.h>

namespace Patchbay::Usrloc {

using Pipeline::Type;

namespace {

constexpr Runtime::Duration FlushDeadline = std::chrono::seconds(5), AgainEvery = std::chrono::seconds(1);

std::string partOf(const std::string& table) {
  return "usrloc." + table;
}

}  // namespace

UsrlocPlugin::~UsrlocPlugin() {
  if (_host == nullptr) return;
  for (const char* gauge : {"usrloc_contacts", "usrloc_aors", "usrloc_journal_octets"}) _host->environment().metrics.forget(gauge);
}

void UsrlocPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {.name = "db_mode",
       .type = Type::integer,
       .summary = "0: contacts are kept in memory only and lost at the end. 1: write-through, the 200 of a REGISTER "
                  "leaves when its contacts are committed; survives a kill (and, with sync=full in the database's URL, a power cut). 2: "
                  "write-back, changes are "
                  "written every write_interval, and before that to a journal; a crash loses those of the last journal_window.",
       .fallback = "1",
       .least = 0,
       .most = 2},
      {.name = "write_interval",
       .type = Type::duration,
       .summary = "How long a change waits at most for its writing in db_mode 2.",
       .fallback = "1s",
       .least = 1000000,
       .most = 3600LL * 1000000000},
      {.name = "journal_window",
       .type = Type::duration,
       .summary = "What a crash may lose in db_mode 2: a change is handed to the journal after half of this at most.",
       .fallback = "100ms",
       .least = 2000000,
       .most = 3600LL * 1000000000},
      {.name = "journal_sync",
       .type = Type::boolean,
       .summary =
           "Whether each batch of the journal is forced to the medium, so that a power cut loses no more than a crash. Needs sync=full "
           "in the database's URL to mean anything.",
       .fallback = "no"},
      {.name = "journal_size",
       .type = Type::bytes,
       .summary = "How much the journal of a table may hold while the database takes no changes. What comes above that is in memory only.",
       .fallback = "1GiB",
       .least = 1 << 20,
       .most = int64_t{1} << 50},
      {.name = "max_contacts_total",
       .type = Type::integer,
       .summary = "How many contacts all tables together may hold. A registration that would add one gets 503; refreshes go on.",
       .fallback = "5000000",
       .least = 1,
       .most = 1000000000},
      {.name = "max_aors_total",
       .type = Type::integer,
       .summary = "The same for addresses of record that have a contact.",
       .fallback = "5000000",
       .least = 1,
       .most = 1000000000},
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
      {"usrloc_aors", "Addresses of record with a contact in memory.", Kind::gauge},
      {"usrloc_full_total", "Changes that were refused since the tables were full."},
      {"usrloc_inserted_total", "Contacts that were new, those loaded at start included."},
      {"usrloc_updated_total", "Contacts that were refreshed or changed."},
      {"usrloc_removed_total", "Contacts that were taken away."},
      {"usrloc_expired_total", "Contacts that were not refreshed in time."},
      {"usrloc_journal_octets", "What the journal holds on disk.", Kind::gauge},
      {"usrloc_journal_failures_total", "Writes, and removals of files, that failed."},
  };
}

void UsrlocPlugin::configure(Bundle::Host& host) {
  _host = &host;
  _shared = std::make_unique<Shared>(host.environment());
  const auto& settings = host.settings();
  _shared->mode = static_cast<WriteMode>(settings.integer("db_mode"));
  _shared->writeInterval = settings.duration("write_interval");
  _shared->journalWindow = settings.duration("journal_window");
  _journal = {settings.boolean("journal_sync"), static_cast<uint64_t>(settings.integer("journal_size"))};
  _journalFailures = &host.counter("usrloc_journal_failures_total");
  auto& random = host.environment().random;
  _shared->key = {random.next(), random.next()};
  _shared->inserted = &host.counter("usrloc_inserted_total");
  _shared->updated = &host.counter("usrloc_updated_total");
  _shared->removed = &host.counter("usrloc_removed_total");
  _shared->expired = &host.counter("usrloc_expired_total");
  _shared->full = &host.counter("usrloc_full_total");
  _shared->mostContacts = static_cast<size_t>(settings.integer("max_contacts_total"));
  _shared->mostAors = static_cast<size_t>(settings.integer("max_aors_total"));
  _preload = settings.boolean("preload");
  _defaultDomain = settings.text("default_domain");
  host.services().provide<Service>(*this);
}

void UsrlocPlugin::bind(Bundle::Host& host) {
  if (_shared->mode != WriteMode::none) _database = &host.services().find<Data::Database>();
  _transport = host.services().findOptional<Transport::Service>();
  _files = host.services().findOptional<Runtime::Files>();
  if (_files == nullptr) _ownFiles = Runtime::makeSystemFiles();
  if (_files == nullptr) _files = _ownFiles.get();
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
  {
    std::lock_guard<std::mutex> lock(_tablesMutex);
    _tables.emplace(text, std::move(made));
  }
  _host->gauge("usrloc_contacts", [&table] { return static_cast<double>(table.size()); }, {{"table", text}});
  _host->gauge("usrloc_aors", [&table] { return static_cast<double>(table.aors()); }, {{"table", text}});
  if (_shared->mode == WriteMode::back)
    _host->gauge("usrloc_journal_octets", [&table] { return table.journal() ? static_cast<double>(table.journal()->bytes()) : 0; },
                 {{"table", text}});
  if (_started) open(table);  // a rule that came with a reload
  return table;
}

Table* UsrlocPlugin::find(std::string_view name) {
  std::lock_guard<std::mutex> lock(_tablesMutex);
  const auto found = _tables.find(name);
  return found == _tables.end() ? nullptr : found->second.get();
}

void UsrlocPlugin::start() {
  _started = true;
  for (auto& [name, table] : _tables) open(*table);
  _begun = true;
  std::lock_guard<std::mutex> lock(_waitingMutex);
  if (_database && (!_preload || !_waiting.empty()))
    _again = std::make_unique<Data::Refresh>(_host->environment(), AgainEvery, [this] { loadAgain(); });
}

void UsrlocPlugin::loadAgain() {
  std::vector<MemoryTable*> tables;
  {
    std::lock_guard<std::mutex> lock(_waitingMutex);
    tables.swap(_waiting);
  }
  for (MemoryTable* table : tables) load(*table);
}

void UsrlocPlugin::open(MemoryTable& table) {
  table.start();
  if (!table.hasStore()) {
    table.ready();
    return loaded(table);
  }
  if (const Data::Failure failure = table.open()) throw Poco::DataException(failure.text);
  table.use(openJournal(table.name()));
  _host->health().set(partOf(table.name()), Admin::Health::State::loading, "reads its contacts");
  if (_preload)
    load(table);
  else
    _host->environment().pool.submit([this, &table] { load(table); });
}

/// Null when there is none, and none is needed.
std::shared_ptr<Journal> UsrlocPlugin::openJournal(const std::string& table) {
  auto segments = std::make_unique<Segments>(*_files, _host->dataFolder(), table);
  const bool back = _shared->mode == WriteMode::back;
  if (back) segments->lock();
  segments->find();
  if (!back && segments->isEmpty()) return nullptr;
  if (!back) segments->lock();
  const auto report = [host = _host, part = partOf(table) + ".journal"](const std::string& trouble) {
    using State = Admin::Health::State;
    host->health().set(part, trouble.empty() ? State::ready : State::degraded, trouble);
    if (trouble.empty())
      host->logger().notice("the journal is written again", {{"part", part}});
    else
      host->logger().error(trouble, {{"part", part}});
  };
  return std::make_shared<Journal>(_host->environment(), std::move(segments), _journal, *_journalFailures, report);
}

void UsrlocPlugin::load(MemoryTable& table) {
  Data::Failure failure;
  try {
    failure = table.load();
  } catch (const Poco::Exception& exception) {
    failure = {Data::Failure::Kind::other, exception.message()};
  }
  if (!failure) return loaded(table);
  using Kind = Data::Failure::Kind;
  const bool away = failure.kind == Kind::unreachable || failure.kind == Kind::timeout;
  if (_preload && !away) throw Poco::DataException(failure.text);
  if (away) {
    std::lock_guard<std::mutex> lock(_waitingMutex);
    _waiting.push_back(&table);
    if (_begun && _preload) return;  // it is known
  }
  _host->logger().error("a location table cannot be loaded", {{"table", table.name()}, {"reason", failure.text}});
  _host->health().set(partOf(table.name()), Admin::Health::State::loading, failure.text);
}

void UsrlocPlugin::loaded(const MemoryTable& table) {
  _host->health().set(partOf(table.name()), Admin::Health::State::ready);
  if (_begun)
    _host->logger().notice("contacts have been read", {{"table", table.name()}, {"contacts", std::to_string(table.size())}});
  else if (_preload)
    _host->announce("contacts", table.name() + ": " + std::to_string(table.size()));
  for (const auto& warning : table.warnings()) _host->logger().warning(warning);
  if (table.replayed() != 0)
    _host->logger().notice("changes read from the journal", {{"table", table.name()}, {"changes", std::to_string(table.replayed())}});
  if (table.unfit() == 0) return;
  _host->logger().warning("rows that are no contacts were left alone (no time, contact or domain)",
                          {{"table", table.name()}, {"rows", std::to_string(table.unfit())}});
}

void UsrlocPlugin::stop() noexcept {
  if (!_started) return;
  _started = false;
  _again.reset();
  try {
    stopTables();
  } catch (const Poco::Exception& exception) {
    _host->logger().error("contacts could not be written", {{"reason", exception.displayText()}});
  }
}

void UsrlocPlugin::stopTables() {
  const auto end = std::chrono::steady_clock::now() + FlushDeadline;
  size_t left = 0;
  for (auto& [name, table] : _tables) left += table->stop(end - std::chrono::steady_clock::now());
  left += _database ? _database->waiting() : 0;
  if (left == 0)
    for (auto& [name, table] : _tables) table->forgetJournal();
  else if (_shared->mode == WriteMode::back)
    _host->logger().warning("the database has not taken all contacts; they are in the journal until the next start",
                            {{"changes", std::to_string(left)}});
  else
    _host->logger().error("contacts could not be written", {{"rows", std::to_string(left)}});
}

}  // namespace Patchbay::Usrloc
