#include "GuardPlugin.h"

#include <algorithm>

#include "Actions.h"

namespace Patchbay::Guard {

using Pipeline::Type;

namespace {

constexpr int64_t Second = 1000000000;
constexpr auto ReportEvery = std::chrono::minutes(1);
constexpr int First = 0;  // before tm
constexpr uint32_t PasswordPoints = 3, ChallengePoints = 1;
constexpr uint32_t Looks = 4;  // a scanner's name is looked for in the first requests of a window only

std::vector<Pipeline::Parameter> settings() {
  return {
      {.name = "mode",
       .type = Type::text,
       .summary = "drop: what a banned source sends is dropped, unanswered. watch: only counted and told.",
       .fallback = "drop",
       .choices = {"drop", "watch"}},
      {.name = "friends",
       .type = Type::list,
       .summary = "Addresses and networks that are never counted or banned: trunks and proxies of our own.",
       .fallback = "127.0.0.0/8, ::1"},
      {.name = "points",
       .type = Type::integer,
       .summary =
           "A source with so many points in `window` is banned, unless it has proved something within good_for: 3 for a wrong password or "
           "unknown user, 1 for a challenge (a good answer takes all of them away), what the action suspect says. 0: none is.",
       .fallback = "60",
       .least = 0,
       .most = 1000000},
      {.name = "window",
       .type = Type::duration,
       .summary = "In what time points count together.",
       .fallback = "5min",
       .least = Second,
       .most = 86400 * Second},
      {.name = "requests",
       .type = Type::integer,
       .summary = "More requests than this within a minute from a source that has proved nothing are a flood. 0: none are. A network (/24, "
                  "/48) may "
                  "send eight times as many.",
       .fallback = "1000",
       .least = 0,
       .most = 100000000},
      {.name = "scanners",
       .type = Type::list,
       .summary = "User-Agents that are dropped and banned at once: what stands here anywhere in the header, without regard to case.",
       .fallback = "friendly-scanner, sipvicious, sipcli, sip-scan, sipscan, sundayddr, iwar, vaxsipuseragent, pplsip, smap"},
      {.name = "ban_time",
       .type = Type::duration,
       .summary = "How long a source is banned that has shown that it is where it says: by a connection, or by answering a challenge.",
       .fallback = "5min",
       .least = Second,
       .most = 365 * 86400 * Second},
      {.name = "short_ban_time",
       .type = Type::duration,
       .summary = "How long others are: anybody can send datagrams in another's name.",
       .fallback = "30s",
       .least = Second,
       .most = 86400 * Second},
      {.name = "good_for",
       .type = Type::duration,
       .summary = "How long after a good password (or the action vouch) a source is not banned for what seems to come from it.",
       .fallback = "1h",
       .least = Second,
       .most = 7 * 86400 * Second},
      {.name = "sources",
       .type = Type::integer,
       .summary = "How many sources are remembered, a worker, 32 octets each.",
       .fallback = "32768",
       .least = 64,
       .most = 1 << 26},
      {.name = "bans",
       .type = Type::integer,
       .summary = "How many may be banned, 40 octets each.",
       .fallback = "16384",
       .least = 64,
       .most = 1 << 26},
  };
}

uint32_t secondsOf(Runtime::Instant now) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()) + 1;
}

}  // namespace

void GuardPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = settings();
  for (const auto& setting : declaration.settings)
    if (setting.name != "sources" && setting.name != "bans") declaration.live.push_back(setting.name);
  declaration.metrics = {
      {"guard_bans_total", "Sources that were banned, by reason."},
      {"guard_dropped_total", "Requests of banned sources and of known scanners that were dropped."},
      {"guard_failed_total", "Wrong passwords and unknown users."},
      {"guard_challenged_total", "Challenges to sources that had proved nothing."},
      {"guard_banned", "Sources that are banned now.", Runtime::Metrics::Kind::gauge},
  };
  declaration.actions = actionsOf(*this);
  declaration.operations = operations();
}

void GuardPlugin::configure(Bundle::Host& host) {
  _host = &host;
  const auto& settings = host.settings();
  _policy.publish(std::make_shared<const Policy>(Policy::read(host)), host.environment().workers);
  for (size_t i = 0; i < _banned.size(); ++i) _banned[i] = &host.counter("guard_bans_total", {{"reason", nameOf(static_cast<Reason>(i))}});
  _dropped = &host.counter("guard_dropped_total");
  _failed = &host.counter("guard_failed_total");
  _challenged = &host.counter("guard_challenged_total");
  auto& random = host.environment().random;
  _bans = std::make_unique<Bans>(static_cast<size_t>(settings.integer("bans")), Runtime::TableHash::Key{random.next(), random.next()});
  host.gauge("guard_banned", [this] { return static_cast<double>(_bans->count(_host->environment().clock.now())); });
  for (size_t i = 0; i < host.environment().workers.count(); ++i)
    _sources.push_back(
        std::make_unique<Sources>(static_cast<size_t>(settings.integer("sources")), Runtime::TableHash::Key{random.next(), random.next()}));
}

/// Bans that stand last as long as they were to.
void GuardPlugin::prepare(Bundle::Host& next) {
  _nextPolicy = std::make_shared<const Policy>(Policy::read(next));
}

void GuardPlugin::commit() noexcept {
  if (_nextPolicy) _policy.publish(std::exchange(_nextPolicy, nullptr), _host->environment().workers);
}

void GuardPlugin::bind(Bundle::Host& host) {
  host.services().find<Core::Service>().add(*this, First);
  host.services().find<Auth::Service>().add(*this);
}

void GuardPlugin::start() {
  auto& worker = _host->environment().workers.at(0);
  _report = _host->environment().clock.now() + ReportEvery;
  worker.add(static_cast<Runtime::Ticker&>(*this));
}

void GuardPlugin::stop() noexcept {
  if (_report != Runtime::Instant{}) _host->environment().workers.at(0).remove(static_cast<Runtime::Ticker&>(*this));
  _report = {};
}

bool GuardPlugin::claimRequest(Core::Request& request) {
  const auto& address = request.flow.peer.address;
  const Policy& policy = _policy.get();
  if (policy.isFriend(address)) return false;
  const auto source = sourceOf(address);
  if (!_bans->has(source, Runtime::Worker::current()->now()) && !judge(request, source, policy)) [[likely]]
    return false;
  _dropped->add();
  return !policy.watchOnly;
}

/// True: it is banned from now on. What belongs to calls that are there is not counted: a gateway ends as many as it has.
bool GuardPlugin::judge(Core::Request& request, const Runtime::IpAddress& source, const Policy& policy) {
  const auto* to = request.message.to();
  if (to && !to->tag.empty()) return false;
  const uint32_t now = secondsOf(Runtime::Worker::current()->now());
  const auto& seen = sources().request(source, now, RequestWindow);
  if (seen.isGood(now)) return false;
  if (seen.requests <= Looks && policy.isScanner(request)) return ban(request, Reason::scanner, {}), true;
  if (policy.requests == 0) return false;
  const bool over = seen.requests > policy.requests;
  if (!over && sources().prefix(source, now, RequestWindow).requests <= policy.prefixRequests) return false;
  return ban(request, Reason::flood, {}), true;
}

void GuardPlugin::vouch(const Core::Request& request) {
  const uint32_t now = secondsOf(Runtime::Worker::current()->now());
  sources().prove(sourceOf(request.flow.peer.address), now, now + _policy.get().goodFor);
}

void GuardPlugin::challenged(const Core::Request& request) {
  _challenged->add();
  suspect(request, ChallengePoints, Reason::scan);
}

void GuardPlugin::failed(const Core::Request& request, std::string_view, std::string_view) {
  _failed->add();
  suspect(request, PasswordPoints, Reason::password);
}

void GuardPlugin::suspect(const Core::Request& request, uint32_t points, Reason reason) {
  const auto& address = request.flow.peer.address;
  const Policy& policy = _policy.get();
  if (policy.points == 0 || policy.isFriend(address)) return;
  const uint32_t now = secondsOf(Runtime::Worker::current()->now());
  auto& seen = sources().suspect(sourceOf(address), points, now, policy.window);
  if (seen.points < policy.points || seen.isGood(now)) return;
  seen.points = 0;  // what it does behind the ban counts anew
  ban(request, reason, {});
}

/// Whoever failed with a password has answered a challenge, so he is where he says.
Runtime::Duration GuardPlugin::timeFor(const Core::Request& request, Reason reason) const {
  return Transport::isReliable(request.flow.protocol()) || reason == Reason::password ? _policy.get().banTime : _policy.get().shortTime;
}

void GuardPlugin::ban(const Core::Request& request, Reason reason, Runtime::Duration time) {
  const auto& address = request.flow.peer.address;
  if (_policy.get().isFriend(address)) return;
  const auto now = Runtime::Worker::current()->now();
  const auto until = now + (time == Runtime::Duration{} ? timeFor(request, reason) : time);
  if (_bans->add({sourceOf(address), reason, until}, now)) _banned[static_cast<size_t>(reason)]->add();
}

GuardPlugin::Totals GuardPlugin::totals() const {
  Totals all{0, _dropped->value(), _failed->value(), _challenged->value()};
  for (const auto* counter : _banned) all.banned += counter->value();
  return all;
}

/// One line a minute, however much has happened.
void GuardPlugin::tick(Runtime::Instant now) {
  _report = now + ReportEvery;
  const Totals all = totals(), before = std::exchange(_told, all);
  if (all.banned == before.banned && all.dropped == before.dropped && all.failed == before.failed) return;
  const auto bans = _bans->all(now);
  const auto last = std::ranges::max_element(bans, {}, &Bans::Ban::until);
  _host->logger().warning("scans, guesses and floods in the last minute",
                          {{"banned", std::to_string(all.banned - before.banned)},
                           {"dropped", std::to_string(all.dropped - before.dropped)},
                           {"failed", std::to_string(all.failed - before.failed)},
                           {"challenged", std::to_string(all.challenged - before.challenged)},
                           {"banned_now", std::to_string(bans.size())},
                           {"for_example", last == bans.end() ? "" : last->source.toString() + " (" + nameOf(last->reason) + ")"}});
}

}  // namespace Patchbay::Guard
