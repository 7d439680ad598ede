#include "OverloadPlugin.h"

#include <algorithm>

namespace Patchbay::Overload {

using Pipeline::Parameter;
using Pipeline::Type;
using namespace std::chrono_literals;

namespace {

/// A line in the log for the first refusal after so long without.
constexpr auto Quiet = 10s;

Parameter delay(std::string name, std::string summary, std::string fallback) {
  Parameter parameter{std::move(name), Type::duration, std::move(summary), false, std::move(fallback)};
  parameter.least = Runtime::Duration(20ms).count();
  parameter.most = Runtime::Duration(60s).count();
  return parameter;
}

Parameter retry(std::string name, std::string summary, std::string fallback) {
  Parameter parameter{std::move(name), Type::duration, std::move(summary), false, std::move(fallback)};
  parameter.least = Runtime::Duration(1s).count();
  parameter.most = Runtime::Duration(1h).count();
  return parameter;
}

}  // namespace

void OverloadPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      delay("soft_delay", "Of the new INVITE, SUBSCRIBE, MESSAGE and OPTIONS that have waited longer a share gets 503.", "200ms"),
      delay("hard_delay", "New requests that have waited so long get 503. Not above T1: then the client sends them again.", "500ms"),
      delay("discard_delay", "New requests that have waited so long are dropped: the client has sent them again since.", "2s"),
      retry("retry_after_least", "The shortest Retry-After in a 503; each gets a random one.", "5s"),
      retry("retry_after_most", "The longest one.", "15s"),
      {"emergency", Type::list,
       "New requests to a Request-URI that is one of these, or one of these and a dot and more, are never refused.", false,
       "urn:service:sos"},
  };
  declaration.metrics = {
      {"overload_refused_total",
       "New requests that got a stateless 503, by reason: share (waited above soft_delay), late (above hard_delay), copy (of one refused "
       "before)."},
      {"overload_discarded_total", "New requests dropped because they had waited above discard_delay."},
  };
}

void OverloadPlugin::configure(Bundle::Host& host) {
  _log = &host.logger();
  readLimits(host);
  _emergency = host.settings().list("emergency");
  _share = &host.counter("overload_refused_total", {{"reason", "share"}});
  _late = &host.counter("overload_refused_total", {{"reason", "late"}});
  _copies = &host.counter("overload_refused_total", {{"reason", "copy"}});
  _discarded = &host.counter("overload_discarded_total");
}

void OverloadPlugin::readLimits(Bundle::Host& host) {
  const auto& settings = host.settings();
  const Admission::Limits limits{settings.duration("soft_delay"), settings.duration("hard_delay"), settings.duration("discard_delay")};
  if (limits.hard <= limits.soft) host.problem("hard_delay", "hard_delay must be longer than soft_delay");
  if (limits.discard < limits.hard) host.problem("discard_delay", "discard_delay must not be shorter than hard_delay");
  _admission = Admission(limits);
  _retryLeast = std::chrono::duration_cast<std::chrono::seconds>(settings.duration("retry_after_least"));
  _retryMost = std::chrono::duration_cast<std::chrono::seconds>(settings.duration("retry_after_most"));
  if (_retryMost < _retryLeast) host.problem("retry_after_most", "retry_after_most must not be shorter than retry_after_least");
}

void OverloadPlugin::bind(Bundle::Host& host) {
  _core = &host.services().find<Core::Service>();
  _core->add(*this, 90);
}

bool OverloadPlugin::claimRequest(Core::Request& request) {
  auto& worker = *Runtime::Worker::current();
  const auto now = worker.now();
  if (request.at >= now && _refused[Runtime::Worker::slot()].empty(now)) [[likely]]
    return false;
  return judge(request, worker);
}

bool OverloadPlugin::judge(Core::Request& request, Runtime::Worker& worker) {
  if (isSpared(request)) return false;
  const auto now = worker.now();
  auto& refused = _refused[Runtime::Worker::slot()];
  char tag[16];
  const std::string_view key(tag, static_cast<size_t>(_core->writeStatelessTag(request, tag) - tag));
  const bool copies = !Transport::isReliable(request.flow.protocol());
  const auto sentence = _admission.judge(request.message.method(), now - request.at, worker.random().next());
  if (sentence == Sentence::discard) {
    _discarded->add();
    return true;
  }
  if (copies && refused.contains(key, now)) return refuse(request, worker, *_copies);
  if (sentence == Sentence::admit) return false;
  if (now - refused.last() > Quiet) report(now - request.at);
  refused.add(key, now);
  return refuse(request, worker, sentence == Sentence::late ? *_late : *_share);
}

bool OverloadPlugin::isSpared(Core::Request& request) const {
  if (Admission::isSpared(request.message.method())) return true;
  const auto* to = request.message.to();
  if (to && !to->tag.empty()) return true;
  const auto uri = request.message.requestUriText();
  return std::ranges::any_of(_emergency, [&](const std::string& service) {
    if (uri.size() < service.size() || !Parser::equalIgnoringCase(uri.substr(0, service.size()), service)) return false;
    return uri.size() == service.size() || uri[service.size()] == '.';
  });
}

bool OverloadPlugin::refuse(Core::Request& request, Runtime::Worker& worker, Runtime::Counter& reason) {
  reason.add();
  const auto choices = static_cast<uint64_t>((_retryMost - _retryLeast).count()) + 1;
  char line[48];
  Parser::Writer out(line, sizeof line);
  out.raw("Retry-After: ").number(static_cast<uint64_t>(_retryLeast.count()) + worker.random().next() % choices).raw("\r\n");
  _core->answer(request, {.code = 503, .lines = out.written()});
  return true;
}

void OverloadPlugin::report(Runtime::Duration waited) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(waited).count();
  _log->warning("overloaded: new requests are refused", {{"waited_ms", std::to_string(milliseconds)}});
}

}  // namespace Patchbay::Overload
