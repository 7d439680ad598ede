#include "TmPlugin.h"

#include "Actions.h"

namespace Patchbay::Tm {
namespace {

using Pipeline::Parameter;
using Pipeline::Type;

Parameter duration(std::string name, std::string summary, std::string fallback, std::chrono::milliseconds least) {
  Parameter parameter{std::move(name), Type::duration, std::move(summary), false, std::move(fallback)};
  parameter.least = std::chrono::nanoseconds(least).count();
  parameter.most = std::chrono::nanoseconds(std::chrono::hours(24)).count();
  return parameter;
}

}  // namespace

void TmPlugin::describe(Bundle::Declaration& declaration) {
  using namespace std::chrono_literals;
  declaration.entries = entryPoints();
  for (auto& actions : {relayActions(_transactions, _usage), transactionActions(_transactions), orderActions()})
    declaration.actions.insert(declaration.actions.end(), actions.begin(), actions.end());
  Parameter most{"max_transactions", Type::integer, "How many server transactions there may be; above it requests get 503 without one.",
                 false, "1000000"};
  most.least = 64;
  most.most = 100000000;
  Parameter perTarget{
      "max_per_target", Type::integer,
      "How many branches to one address may be without a final reply; above it no more are sent there, and a request that has nowhere "
      "else to go gets 503.",
      false, "10000"};
  perTarget.least = 1;
  perTarget.most = 100000000;
  Parameter forking{"forking", Type::text, "How t_relay forks when it does not say: to all at once, or by q.", false, "parallel"};
  forking.choices = {"parallel", "serial"};
  declaration.settings = {
      duration("t1", "The round-trip time that retransmission begins with (RFC 3261, 17.1.1.1).", "500ms", 1ms),
      duration("t2", "The longest time between two retransmissions.", "4s", 1ms),
      duration("t4", "How long a message stays in the network.", "5s", 1ms),
      duration("fr_timer", "How long a branch waits for its first reply (timers B and F).", "32s", 1ms),
      duration("fr_inv_timer", "How long a ringing branch waits for its final reply (timer C).", "185s", 1s),
      duration("failover_timer", "How long a target may be silent when its name leads to another one.", "2s", 1ms),
      {"trying", Type::boolean, "Sends 100 as soon as an INVITE is relayed, rather than after 200 ms without a reply.", false, "yes"},
      forking,
      {"redirects", Type::integer, "How many 3xx one behind the other t_relay follows when it does not say; 0: they are passed on.", false,
       "0", 0, 10},
      most,
      perTarget,
  };
  for (const auto& setting : declaration.settings)
    if (setting.name != "max_per_target") declaration.live.push_back(setting.name);
  declaration.operations = _operations.all();
  for (auto& operation : _probes.operations()) declaration.operations.push_back(std::move(operation));
  declaration.metrics = {
      {"tm_transactions_total", "Transactions made, by kind."},
      {"tm_transactions", "Transactions that there are, own requests included.", Runtime::Metrics::Kind::gauge},
      {"tm_timers", "Timers of transactions and branches that are armed.", Runtime::Metrics::Kind::gauge},
      {"tm_branches_total", "Requests sent on branches, CANCELs included."},
      {"tm_absorbed_total", "Copies of requests that were absorbed."},
      {"tm_retransmissions_total", "Messages sent again."},
      {"tm_replies_total", "Replies sent upstream, by class."},
      {"tm_timeouts_total", "Branches and replies that ran out of time."},
      {"tm_stray_replies_total", "Replies that fit no branch; dropped (RFC 6026)."},
      {"tm_crowded_total", "Branches not sent because too many to the same address had no final reply yet."},
      {"tm_refused_total", "Requests refused because there were too many transactions."},
      {"tm_foreign_cancels_total", "CANCELs from another source than their INVITE's; not obeyed."},
      {"tm_loops_total", "Requests that came back unchanged."},
      {"tm_failovers_total", "Targets given up for the next one of the same name."},
      {"tm_branch_limit_total", "Destinations left out because a request has 12 at most."},
      {"tm_redirections_total", "3xx replies that were followed."},
      {"tm_acks_total", "ACKs to a 2xx, sent on."},
  };
}

void TmPlugin::configure(Bundle::Host& host) {
  _host = &host;
  _timing = timingOf(host);
  _usage = usageOf(host);
  makeCounters(host);
  _transactions.configure(_timing, _counters);
  host.gauge("tm_transactions", [this] { return static_cast<double>(_transactions.transactions()); });
  host.gauge("tm_timers", [this] { return static_cast<double>(_transactions.timers()); });
  host.services().provide<Service>(_transactions);
}

RelayUsage TmPlugin::usageOf(Bundle::Host& host) {
  RelayUsage usage;
  usage.serial = host.settings().text("forking") == "serial";
  usage.redirections = static_cast<uint8_t>(host.settings().integer("redirects"));
  return usage;
}

void TmPlugin::prepare(Bundle::Host& next) {
  _nextTiming = timingOf(next);
  _usageBefore = std::exchange(_usage, usageOf(next));
}

/// Timers that run end when they would have; those that are set from now on take the new times.
void TmPlugin::commit() noexcept {
  if (_nextTiming != _timing) _transactions.use(_timing = _nextTiming);
}

Timing TmPlugin::timingOf(Bundle::Host& host) {
  Timing timing;
  const Bundle::Settings& settings = host.settings();
  timing.t1 = settings.duration("t1");
  timing.t2 = settings.duration("t2");
  timing.t4 = settings.duration("t4");
  timing.noReply = settings.duration("fr_timer");
  timing.noAnswer = settings.duration("fr_inv_timer");
  timing.failover = settings.duration("failover_timer");
  timing.tryingAtOnce = settings.boolean("trying");
  timing.mostPerTarget = static_cast<uint32_t>(settings.integer("max_per_target"));
  timing.most = static_cast<size_t>(settings.integer("max_transactions"));
  if (timing.t2 < timing.t1) host.problem("t2", "t2 must not be shorter than t1");
  if (timing.noAnswer <= std::chrono::minutes(3)) host.warning("fr_inv_timer", "RFC 3261, 16.6 wants timer C longer than three minutes");
  return timing;
}

void TmPlugin::makeCounters(Bundle::Host& host) {
  _counters.invites = &host.counter("tm_transactions_total", {{"kind", "invite"}});
  _counters.others = &host.counter("tm_transactions_total", {{"kind", "other"}});
  _counters.own = &host.counter("tm_transactions_total", {{"kind", "own"}});
  _counters.branches = &host.counter("tm_branches_total");
  _counters.ended = &_ended;
  _counters.absorbed = &host.counter("tm_absorbed_total");
  _counters.retransmitted = &host.counter("tm_retransmissions_total");
  for (size_t i = 1; i < _counters.replies.size(); ++i)
    _counters.replies[i] = &host.counter("tm_replies_total", {{"class", std::to_string(i) + "xx"}});
  _counters.replies[0] = _counters.replies[5];
  _counters.timeouts = &host.counter("tm_timeouts_total");
  _counters.stray = &host.counter("tm_stray_replies_total");
  _counters.crowded = &host.counter("tm_crowded_total");
  _counters.refused = &host.counter("tm_refused_total");
  _counters.foreignCancels = &host.counter("tm_foreign_cancels_total");
  _counters.loops = &host.counter("tm_loops_total");
  _counters.failovers = &host.counter("tm_failovers_total");
  _counters.leftOut = &host.counter("tm_branch_limit_total");
  _counters.redirections = &host.counter("tm_redirections_total");
  _counters.acks = &host.counter("tm_acks_total");
}

void TmPlugin::bind(Bundle::Host& host) {
  auto& core = host.services().find<Core::Service>();
  _transactions.bind(core, host.services().find<Transport::Service>(), host.services().find<Resolver::Service>());
  core.add(_transactions, 10);
  core.use(_transactions);
  _operations.bind(host.environment());
  _probes.bind(host.environment(), host.services().findOptional<Core::Locations>());
}

void TmPlugin::start() {
  _transactions.start(_host->environment().workers, _host->environment().clock);
}

void TmPlugin::stop() noexcept {
  _transactions.stop();
}

}  // namespace Patchbay::Tm
