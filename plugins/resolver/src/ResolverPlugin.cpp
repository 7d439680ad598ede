#include "ResolverPlugin.h"

namespace Patchbay::Resolver {

using Pipeline::Type;
using Runtime::IpAddress;

namespace {

constexpr int64_t Second = 1000000000;

bool isServer(const std::string& text) {
  return Runtime::Endpoint::parse(text) || literalOf(text);
}

std::chrono::seconds seconds(const Bundle::Settings& settings, std::string_view name) {
  return std::chrono::duration_cast<std::chrono::seconds>(settings.duration(name));
}

}  // namespace

void ResolverPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {"servers", Type::list, "Name servers: `ADDRESS` or `ADDRESS:PORT`, IPv6 in brackets. Without it the system's (resolv.conf).", false,
       ""},
      {"timeout", Type::duration, "How long one look-up may take in all.", false, "4s", Second / 10, 60 * Second},
      {"outstanding", Type::integer, "How many questions may be under way; beyond it a look-up fails at once.", false, "1000", 1, 1000000},
      {"cache_entries", Type::integer, "How many answers each worker keeps.", false, "10000", 1, 10000000},
      {"least_ttl", Type::duration, "An answer is kept at least so long.", false, "5s", 0, 86400 * Second},
      {"most_ttl", Type::duration, "An answer is kept no longer.", false, "1d", Second, 7 * 86400 * Second},
      {"negative_ttl", Type::duration,
       "How long it is believed, at most, that a name does not exist; also when its zone does not say how long.", false, "30s", 0,
       3 * 3600 * Second},
      {"stale", Type::duration, "How long beyond its time an answer may be used while the name servers fail. 0: not at all.", false, "1h",
       0, 7 * 86400 * Second},
      {.name = "prefer",
       .type = Type::text,
       .summary = "Which addresses of a name that has both are tried first.",
       .fallback = "ipv6",
       .choices = {"ipv4", "ipv6"}},
      {.name = "loopback",
       .type = Type::text,
       .summary = "Whether a name may lead to this machine's loopback addresses. `auto`: when a listener is bound to such an address.",
       .fallback = "auto",
       .choices = {"auto", "allow", "refuse"}},
      {"inward", Type::boolean,
       "Whether a Request-URI or Route as its sender wrote it may lead to addresses of a narrower scope than his own: to this machine's "
       "loopback and link-local addresses, or, from the Internet, to private networks. What rules write, contacts and, for private "
       "networks, "
       "dialogs that were opened by us lead there anyway.",
       false, "no"},
      {"hosts", Type::text, "A table of names, as hosts(5), that goes before DNS; read at the start. Empty: none.", false, "/etc/hosts"},
  };
  declaration.metrics = {
      {"resolver_queries_total", "Questions to name servers, by type: a, aaaa, srv, naptr."},
      {"resolver_answers_total", "Their answers, by result: found, not_found, failed."},
      {"resolver_failures_total",
       "Failed questions, by kind: timeout, server (not there, cannot or will not answer), malformed, refused (too many under way)."},
      {"resolver_cache_hits_total", "Questions that the cache answered."},
      {"resolver_joined_total", "Questions that joined the same one under way."},
      {"resolver_stale_total", "Questions that an expired answer served, since the name servers failed."},
      {"resolver_timeouts_total", "Look-ups that got no answer in time."},
      {"resolver_outstanding", "Questions under way.", Runtime::Metrics::Kind::gauge},
  };
}

void ResolverPlugin::configure(Bundle::Host& host) {
  _host = &host;
  readServers(host);
  _settings.deadline = host.settings().duration("timeout");
  _hosts.emplace(host.settings().text("hosts"));
  host.services().provide<NameServer>(_ares);
  host.services().provide<Service>(*this);
}

void ResolverPlugin::readServers(Bundle::Host& host) {
  for (const auto& server : host.settings().list("servers")) {
    if (!isServer(server))
      host.problem("servers", "'" + server + "' is no address of a name server, such as 192.0.2.53 or [2001:db8::53]:53");
    _settings.servers += (_settings.servers.empty() ? "" : ",") + server;
  }
}

void ResolverPlugin::bind(Bundle::Host& host) {
  const auto& settings = host.settings();
  _common.emplace(host.services().find<NameServer>(), *_hosts);
  _common->deadline = _common->desk.deadline = _settings.deadline;
  _common->desk.bounds = {seconds(settings, "least_ttl"), seconds(settings, "most_ttl"), seconds(settings, "negative_ttl"),
                          seconds(settings, "stale"), static_cast<size_t>(settings.integer("cache_entries"))};
  _common->desk.most = static_cast<size_t>(settings.integer("outstanding"));
  _common->v6First = settings.text("prefer") == "ipv6";
  readListeners(host);
  addMeters(host);
}

void ResolverPlugin::readListeners(Bundle::Host& host) {
  bool local = false;
  auto& transport = host.services().find<Transport::Service>();
  _common->offers.use(transport);
  _common->offers.take(transport.listeners());
  for (const auto& listener : transport.listeners()) local |= listener.local.address.scope() == Runtime::Scope::loopback;
  _inward = host.settings().boolean("inward");
  const auto& loopback = host.settings().text("loopback");
  _common->desk.useLoopback = loopback == "allow" || (loopback == "auto" && local);
}

/// The listeners may be others. Whether names may lead to loopback addresses stays as it was at the start.
void ResolverPlugin::commit() noexcept {
  _common->offers.take(_host->services().find<Transport::Service>().listeners());
}

void ResolverPlugin::addMeters(Bundle::Host& host) {
  auto& desk = _common->desk;
  desk.hits = &host.counter("resolver_cache_hits_total");
  desk.joined = &host.counter("resolver_joined_total");
  desk.stale = &host.counter("resolver_stale_total");
  _common->timedOut = &host.counter("resolver_timeouts_total");
  const char *types[] = {"a", "aaaa", "srv", "naptr"}, *results[] = {"found", "not_found", "failed"};
  const char* kinds[] = {"timeout", "server", "malformed", "refused"};
  for (size_t i = 0; i < std::size(types); ++i) desk.asked[i] = &host.counter("resolver_queries_total", {{"type", types[i]}});
  for (size_t i = 0; i < std::size(results); ++i) desk.answers[i] = &host.counter("resolver_answers_total", {{"result", results[i]}});
  for (size_t i = 0; i < std::size(kinds); ++i) desk.failures[i] = &host.counter("resolver_failures_total", {{"kind", kinds[i]}});
  host.gauge("resolver_outstanding", [this] { return static_cast<double>(_common->desk.underWay.load()); });
}

void ResolverPlugin::start() {
  auto& workers = _host->environment().workers;
  if (&_common->desk.server == &_ares) _ares.start(workers, _settings);
  for (size_t i = 0; i < workers.count(); ++i) _lookups.push_back(std::make_unique<Lookups>(workers.at(i), *_common));
}

void ResolverPlugin::stop() noexcept {
  _lookups.clear();  // first: nobody is told any more
  _ares.stop();
}

Outcome ResolverPlugin::answer(const std::vector<IpAddress>& addresses, const Plan& plan, std::string_view name,
                               std::vector<Target>& targets) const {
  const uint64_t way = _common->offers.wayTo(plan.protocol, name);
  for (const bool v6 : {_common->v6First, !_common->v6First})
    for (const auto& address : addresses)
      if (address.isV6() == v6 && _common->offers.has(plan.protocol, v6) && !isTooNarrow(address, plan, _common->desk.useLoopback))
        targets.push_back({plan.protocol, {address, plan.port}, way});
  return targets.empty() ? Outcome::notFound : Outcome::found;
}

Outcome ResolverPlugin::resolve(const Query& query, std::vector<Target>& targets, Waiter& waiter) {
  targets.clear();
  auto plan = planOf(query, _common->offers);
  if (!plan) return Outcome::notFound;
  if (_inward) plan->least = Runtime::Scope::unspecified;
  if (const auto& literal = plan->literal) {
    if (!_common->offers.has(plan->protocol, literal->isV6()) || isTooNarrow(*literal, *plan, _common->desk.useLoopback))
      return Outcome::notFound;
    targets.push_back({plan->protocol, {*literal, plan->port}, _common->offers.wayTo(plan->protocol, query.host)});
    return Outcome::found;
  }
  char name[MostKeyOctets];
  const size_t length = writeName(query.host, name);
  if (length == 0) return Outcome::notFound;
  if (const auto* known = _hosts->find({name, length})) return answer(*known, *plan, {name, length}, targets);
  const size_t slot = Runtime::Worker::slot();
  if (slot == 0 || slot > _lookups.size()) return Outcome::failed;
  return _lookups[slot - 1]->resolve({*plan, {name, length}, query.key}, targets, waiter);
}

}  // namespace Patchbay::Resolver
