#include "AuthDbPlugin.h"

#include <Poco/Exception.h>

#include "patchbay/core/Core.h"

namespace Patchbay::AuthDb {

using Pipeline::Type;

namespace {

constexpr int64_t Second = 1000000000;

std::vector<Pipeline::Parameter> settings() {
  return {
      {.name = "cache_time",
       .type = Type::duration,
       .summary =
           "How long a user who was looked up is not looked up again. A password changed in the database counts within this time; one "
           "changed by passwd, and a new one, at once. 0s: always looked up.",
       .fallback = "1min",
       .least = 0,
       .most = 86400 * Second},
      {.name = "cache_without_database",
       .type = Type::duration,
       .summary = "How long a user who was looked up is taken with that password when the database does not answer. Others get 503 then. "
                  "0s: all do.",
       .fallback = "1h",
       .least = 0,
       .most = 7 * 86400 * Second},
      {.name = "cache_size",
       .type = Type::integer,
       .summary = "How many users are remembered, 96 octets each and algorithm.",
       .fallback = "131072",
       .least = 64,
       .most = 1 << 28},
      {.name = "query_timeout",
       .type = Type::duration,
       .summary = "How long the database may take; then it counts as not answering.",
       .fallback = "2s",
       .least = Second / 100,
       .most = 30 * Second},
      {.name = "default_domain",
       .type = Type::text,
       .summary = "The domain of users without one: in an existing database, and in operations. Without it, rows without domain are left "
                  "alone, and operations take the first served domain.",
       .fallback = ""},
      {.name = "hashes",
       .type = Type::boolean,
       .summary =
           "Whether there is a table TABLE_hashes beside the table of users, for hashes that Kamailio's columns cannot hold (SHA-256, "
           "SHA-512-256) and e-mail addresses; it is made when absent.",
       .fallback = "yes"},
      {.name = "store_passwords",
       .type = Type::boolean,
       .summary = "Whether operations store passwords as they are, besides hashes, for other programs that need them. Where a password is "
                  "stored it is what counts.",
       .fallback = "no"},
  };
}

bool isTableName(std::string_view name) {
  if (name.empty() || name.size() > 57 || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return true;
}

}  // namespace

void AuthDbPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = settings();
  const Authorizing authorizing{_means, _attempts, _cacheKey, [this](Pipeline::Binding& binding) { return table(binding); }};
  declaration.actions = {authorizeAction(authorizing, Auth::Side::www), authorizeAction(authorizing, Auth::Side::proxy)};
  declaration.metrics = {
      {"auth_db_queries_total", "Look-ups of users in the database."},
      {"auth_db_cached_total", "Requests judged without a look-up."},
      {"auth_db_unanswered_total", "Look-ups that the database failed, or did not answer in time."},
      {"auth_db_kept_total", "Requests taken by what was known of the user while the database did not answer."},
      {"auth_db_unusable_total", "Requests of users whose row has neither a password nor a hash of the algorithm that was used."},
  };
  declaration.operations = _accounts.operations();
}

void AuthDbPlugin::configure(Bundle::Host& host) {
  _host = &host;
  const auto& settings = host.settings();
  const auto seconds = [&](const char* name) { return std::chrono::ceil<std::chrono::seconds>(settings.duration(name)); };
  _cache = std::make_unique<CredentialCache>(static_cast<size_t>(settings.integer("cache_size")), seconds("cache_time"),
                                             seconds("cache_without_database"));
  _means.cache = _cache.get();
  _means.useHashes = settings.boolean("hashes");
  _means.patience = settings.duration("query_timeout");
  _means.asked = &host.counter("auth_db_queries_total");
  _means.cached = &host.counter("auth_db_cached_total");
  _means.unanswered = &host.counter("auth_db_unanswered_total");
  _means.kept = &host.counter("auth_db_kept_total");
  _means.unusable = &host.counter("auth_db_unusable_total");
  _defaultDomain = lower(settings.text("default_domain"));
  _accountSettings = {settings.boolean("store_passwords"), settings.boolean("hashes")};
  host.services().provide<Core::Accounts>(_accounts);
  auto& random = host.environment().random;
  _cacheKey = {random.next(), random.next()};
}

void AuthDbPlugin::bind(Bundle::Host& host) {
  _means.auth = &host.services().find<Auth::Service>();
  _means.database = &host.services().find<Data::Database>();
}

const Subscribers* AuthDbPlugin::table(Pipeline::Binding& binding) {
  const std::string name = binding.text("table").constant();
  if (!isTableName(name)) {
    binding.error("table '" + name + "': a table's name is letters, digits and underscores, at most 57, and begins with no digit");
    return nullptr;
  }
  auto& place = _tables[name];
  if (!place) {
    place = std::make_unique<Subscribers>(name, _defaultDomain);
    if (_started) open(*place);  // a rule that came with a reload
  }
  return place.get();
}

void AuthDbPlugin::open(const Subscribers& table) {
  for (const auto* one : {&table.users(), &table.hashes()})
    if (one == &table.users() || _means.useHashes)
      if (const auto failure = _means.database->open(*one)) throw Poco::DataException(failure.text);
  _accounts.add(table);
}

void AuthDbPlugin::start() {
  _started = true;
  auto& workers = _host->environment().workers;
  for (size_t i = 0; i < workers.count(); ++i) _attempts.push_back(std::make_shared<Attempts>(workers.at(i), _means));
  const auto& core = _host->services().find<Core::Service>();
  _accounts.use(core, _defaultDomain.empty() ? lower(core.defaultDomain()) : _defaultDomain);
  _accounts.use(*_means.database, _accountSettings,
                [this](const auto& table, const auto& user, const auto& domain) { changed(table, user, domain); });
  for (const auto& [name, table] : _tables) open(*table);
}

/// Also counts for who writes his domain, or his algorithm, in another way.
void AuthDbPlugin::changed(const Subscribers& table, const std::string& user, const std::string& domain) {
  for (size_t i = 0; i < Auth::AlgorithmCount; ++i)
    for (const auto& name : {user, user + "@" + domain})
      _cache->remove(cacheKeyOf(_cacheKey, table.name(), domain, name, static_cast<Auth::Algorithm>(i)));
}

void AuthDbPlugin::stop() noexcept {
  for (auto& attempts : _attempts) attempts->close();
  _attempts.clear();
  _started = false;
}

}  // namespace Patchbay::AuthDb
