#include "AuthPlugin.h"

#include <algorithm>

namespace Patchbay::Auth {

using Pipeline::Type;

namespace {

constexpr int64_t Millisecond = 1000000, Second = 1000 * Millisecond;

std::vector<Pipeline::Parameter> settings() {
  return {
      {.name = "algorithms",
       .type = Type::list,
       .summary =
           "What challenges offer, and what is taken in answers: MD5, SHA-256, SHA-512-256. The strongest is offered first, in whatever "
           "order they stand here. Without MD5, telephones that know nothing else cannot register.",
       .fallback = "MD5"},
      {.name = "nonce_expire",
       .type = Type::duration,
       .summary = "How long a nonce is good; afterwards clients get a new one with stale=true, and ask nobody for a password.",
       .fallback = "5min",
       .least = Second,
       .most = 3600 * Second},
      {.name = "nonce_source",
       .type = Type::boolean,
       .summary =
           "Whether a nonce is good only for the address (of IPv6 the /64) that it was sent to; others get a new one with stale=true. "
           "Without it, who listens in on a nonce may make this server answer to others' addresses.",
       .fallback = "yes"},
      {.name = "nonce_of_others",
       .type = Type::boolean,
       .summary = "Whether nonces are taken that another server with the same secret made (or this one before a restart), as replicated "
                  "registrations need it. A response that was used there can then be used here once more. no: they get stale=true.",
       .fallback = "no"},
      {.name = "nonces",
       .type = Type::integer,
       .summary =
           "Of how many nonces it is remembered which counts were used, 15 octets each; when there are more, the oldest get stale=true.",
       .fallback = "1048576",
       .least = 64,
       .most = 1 << 28},
      {.name = "uri_check",
       .type = Type::boolean,
       .summary = "Whether the uri of the credentials must be the Request-URI as received.",
       .fallback = "yes"},
      {.name = "failures",
       .type = Type::integer,
       .summary = "After how many wrong passwords for one account from one address that address is refused for this account until "
                  "failure_window ends. Others are not: nobody can lock a user out elsewhere.",
       .fallback = "10",
       .least = 1,
       .most = 1000000},
      {.name = "source_failures",
       .type = Type::integer,
       .summary = "The same for one address, whatever the account; accounts that have succeeded from there are still taken.",
       .fallback = "30",
       .least = 1,
       .most = 1000000},
      {.name = "failure_window",
       .type = Type::duration,
       .summary = "How long failures are counted together, from the first one on.",
       .fallback = "5min",
       .least = Second,
       .most = 86400 * Second},
      {.name = "failure_delay",
       .type = Type::duration,
       .summary = "How late a wrong password or unknown user is answered, so that time does not tell one from the other; doubles with each "
                  "failure beyond the third of an account from one address (the tenth of an address, the tenth of an account), up to 2s.",
       .fallback = "50ms",
       .least = 0,
       .most = 2 * Second},
  };
}

}  // namespace

void AuthPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = settings();
  declaration.live = {"failures", "source_failures", "failure_window", "failure_delay", "uri_check"};
  declaration.actions = {challengeAction(_means, Side::www), challengeAction(_means, Side::proxy), consumeAction()};
  declaration.metrics = {
      {"auth_challenges_total", "Challenges sent."},
      {"auth_accepted_total", "Requests whose sender proved who he is."},
      {"auth_failed_total", "Requests with a wrong password or an unknown user."},
      {"auth_broken_total",
       "Requests whose credentials were malformed, for another URI or domain, or of an algorithm that is not offered."},
      {"auth_stale_total", "Requests whose nonce was too old, another server's, or another client's."},
      {"auth_forged_total", "Requests whose nonce was never made here (or for another realm); also counted as broken."},
      {"auth_replayed_total", "Requests whose nonce and count had been used by another one."},
      {"auth_refused_total", "Requests that were refused without a look at the password, after too many failures."},
  };
}

std::vector<Algorithm> AuthPlugin::readAlgorithms(Bundle::Host& host) const {
  std::vector<Algorithm> algorithms;
  for (const auto& name : host.settings().list("algorithms")) {
    const auto algorithm = algorithmOf(name);
    if (!algorithm) host.problem("algorithms", "'" + name + "' is unknown; known: MD5, SHA-256, SHA-512-256");
    algorithms.push_back(algorithm.value_or(Algorithm::md5));
  }
  if (algorithms.empty()) host.problem("algorithms", "at least one must be offered: MD5, SHA-256, SHA-512-256");
  std::sort(algorithms.rbegin(), algorithms.rend());
  algorithms.erase(std::unique(algorithms.begin(), algorithms.end()), algorithms.end());
  return algorithms;
}

namespace {

std::chrono::seconds secondsOf(const Bundle::Settings& settings, const char* name) {
  return std::chrono::duration_cast<std::chrono::seconds>(settings.duration(name));
}

Failures::Settings failuresOf(const Bundle::Settings& settings) {
  Failures::Settings failures;
  failures.window = secondsOf(settings, "failure_window");
  failures.most = static_cast<uint32_t>(settings.integer("failures"));
  failures.mostOfSource = static_cast<uint32_t>(settings.integer("source_failures"));
  failures.hold = settings.duration("failure_delay");
  return failures;
}

}  // namespace

void AuthPlugin::prepare(Bundle::Host& next) {
  _nextFailures = failuresOf(next.settings());
  _nextUriCheck = next.settings().boolean("uri_check");
}

void AuthPlugin::commit() noexcept {
  _authenticator.use(_nextFailures, _nextUriCheck);
}

void AuthPlugin::configure(Bundle::Host& host) {
  _host = &host;
  const auto& settings = host.settings();
  Authenticator::Settings own;
  own.algorithms = readAlgorithms(host);
  own.uriCheck = settings.boolean("uri_check");
  own.lifetime = secondsOf(settings, "nonce_expire");
  own.bindSource = settings.boolean("nonce_source");
  own.acceptOthers = settings.boolean("nonce_of_others");
  own.nonces = static_cast<size_t>(settings.integer("nonces"));
  own.failures = failuresOf(settings);
  _authenticator.configure(own, {&host.counter("auth_accepted_total"), &host.counter("auth_failed_total"),
                                 &host.counter("auth_broken_total"), &host.counter("auth_stale_total"), &host.counter("auth_forged_total"),
                                 &host.counter("auth_replayed_total"), &host.counter("auth_refused_total")});
  _means.authenticator = &_authenticator;
  _means.challenges = &host.counter("auth_challenges_total");
  host.services().provide<Service>(_authenticator);
}

void AuthPlugin::bind(Bundle::Host& host) {
  _means.core = &host.services().find<Core::Service>();
}

void AuthPlugin::start() {
  _authenticator.begin(_means.core->lastingKey(), _host->environment().random);
}

}  // namespace Patchbay::Auth
