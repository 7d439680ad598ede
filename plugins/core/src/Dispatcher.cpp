#include "Dispatcher.h"

#include <algorithm>

#include "CorePlugin.h"

namespace Patchbay::Core {

void Dispatcher::configure(Bundle::Host& host) {
  _log = &host.logger();
  _requests = &host.counter("core_requests_total");
  _received = &host.counter("core_replies_received_total");
  _malformed = &host.counter("core_malformed_total");
  _stray = &host.counter("core_stray_replies_total");
  _dropped = &host.counter("core_dropped_total");
  _unsettled = &host.counter("core_unsettled_total");
  _failures = &host.counter("core_failures_total");
  _refused = &host.counter("core_refused_total");
  host.gauge("core_requests_pooled", [this] { return static_cast<double>(_pool.made()); });
  host.gauge("core_requests_octets", [this] { return static_cast<double>(_pool.octets()); });
  for (size_t i = 1; i < _replies.size(); ++i)
    _replies[i] = &host.counter("core_replies_sent_total", {{"class", std::to_string(i) + "xx"}});
  _replies[0] = _replies[5];
}

void Dispatcher::start(Bundle::Host& host) {
  _pool.start(host.environment().workers, static_cast<size_t>(host.settings().integer("pending_memory")));
}

void Dispatcher::add(Claimant& claimant, int order) {
  _claimants.emplace_back(order, &claimant);
  std::sort(_claimants.begin(), _claimants.end());
}

namespace {

/// What becomes of the request that a message was read into, also when an exception passes.
class Hand {
 public:
  explicit Hand(Request*& hand) : _hand(hand) {}
  Hand(const Hand&) = delete;
  ~Hand() {
    if (_hand->onlyHeldOnce()) {
      _hand->letGo();
    } else {  // kept by its transaction, or suspended: the next message needs another
      std::exchange(_hand, nullptr)->release();
    }
  }

 private:
  Request*& _hand;
};

}  // namespace

namespace {

/// Empty lines may stand before a message (RFC 3261, 7.5) and are no part of it: what goes on begins with its start line. Too many are the
/// parser's to refuse.
std::string_view fromStartLine(std::string_view octets) {
  std::string_view rest = octets;
  for (int i = 0; i < 4 && rest.starts_with("\r\n"); ++i) rest.remove_prefix(2);
  return rest.starts_with("\r\n") ? octets : rest;
}

}  // namespace

Request*& Dispatcher::hand() {
  Request*& hand = _hand[Runtime::Worker::slot()];
  if (!hand) hand = &_pool.take();
  return hand;
}

void Dispatcher::malformed(std::string_view octets, const Transport::Flow& flow, Parser::Fault fault) {
  Request*& taken = hand();
  Request& message = *taken;
  const Hand after(taken);
  message.begin(fromStartLine(octets), flow, Runtime::Worker::current()->now(), *_limits);
  if (message.message.isRequest())
    refuse(message, fault);
  else
    _malformed->add();
}

void Dispatcher::received(std::string_view octets, const Transport::Flow& flow) {
  take(octets, flow, Runtime::Worker::current()->now());
}

void Dispatcher::late(std::string_view octets, const Transport::Flow& flow, Runtime::Duration waited) {
  take(octets, flow, Runtime::Worker::current()->now() - waited);
}

void Dispatcher::take(std::string_view octets, const Transport::Flow& flow, Runtime::Instant at) {
  Request*& taken = hand();
  Request& message = *taken;
  const Hand after(taken);
  message.begin(fromStartLine(octets), flow, at, *_limits);
  auto fault = message.message.fault();
  if (!fault) fault = message.message.validate();
  if (message.message.isRequest())
    request(message, fault);
  else
    reply(message, fault);
}

void Dispatcher::reply(Request& message, Parser::Fault fault) {
  if (fault) return note(message, fault);
  _received->add();
  for (const auto& [order, claimant] : _claimants)
    if (claimant->claimReply(message)) return;
  _stray->add();
}

void Dispatcher::request(Request& request, Parser::Fault fault) {
  if (fault) return refuse(request, fault);
  _requests->add();
  for (const auto& [order, claimant] : _claimants)
    if (claimant->claimRequest(request)) return;
  run(request);
}

void Dispatcher::note(const Request& message, Parser::Fault fault) {
  _malformed->add();
  if (!_log->enabled(Log::Level::debug)) return;
  _log->debug(message.message.isRequest() ? "malformed request" : "malformed reply",
              {{"fault", fault.text}, {"from", message.flow.peer.toString()}});
}

void Dispatcher::refuse(Request& request, Parser::Fault fault) {
  note(request, fault);
  request.incident = Runtime::Worker::current()->random().next();
  _core.answer(request, {.code = fault.status, .reason = fault.text});
}

void Dispatcher::run(Request& request) {
  const auto& snapshot = _core.snapshot();
  request.snapshot = Pipeline::SnapshotHold(snapshot);
  request.incident = _trails ? _trails->began(request) : Runtime::Worker::current()->random().next();
  const auto entry = snapshot.program().entry("request");
  if (!entry) {
    _core.answer(request, {.code = 500, .reason = "No Rules"});
    return;
  }
  request.hold();  // the pipeline's
  request.machine.start(_core.engine(), snapshot.program(), *entry, request, *this, _observer);
}

/// What belongs to something that is there already goes before what would make more.
bool Dispatcher::hasRoom(Request& request) {
  using Parser::Method;
  const Method method = request.message.method();
  const auto* to = request.message.to();
  const bool precedence = (to && !to->tag.empty()) || method == Method::ack || method == Method::cancel;
  if (_pool.hasRoom(request, precedence)) return true;
  _refused->add();
  return false;
}

bool Dispatcher::suspending(Pipeline::Machine& machine) {
  auto& request = machine.subject<Request>();
  if (!request.transaction && !hasRoom(request)) {
    answerBusy(_core, request);
    machine.settle();
    return true;
  }
  request.retain();
  if (request.transaction || !_maker || request.message.method() == Parser::Method::ack) return true;
  return _maker->adopt(request);
}

void Dispatcher::ended(Pipeline::Machine& machine, Pipeline::Ending ending) {
  auto& request = machine.subject<Request>();
  const struct Release {
    Request& request;
    ~Release() { request.release(); }
  } pipelines{request};
  if (ending != Pipeline::Ending::settled && ending != Pipeline::Ending::cancelled) settleUnanswered(request, machine, ending);
  if (_trails) _trails->ended(request, ending);
}

void Dispatcher::settleUnanswered(Request& request, Pipeline::Machine& machine, Pipeline::Ending ending) {
  const bool ack = request.message.method() == Parser::Method::ack;
  switch (ending) {
    case Pipeline::Ending::stopped:
      if (request.transaction) request.transaction->abandon(request);
      break;
    case Pipeline::Ending::completed:
      _unsettled->add();
      report(request, machine, "the rules ended without settling the request");
      if (!ack) _core.answer(request, {.code = 500});
      break;
    default:
      _failures->add();
      report(request, machine, machine.errorText());
      if (!ack) _core.answer(request, {.code = 503, .lines = "Retry-After: 5\r\n"});
  }
}

void Dispatcher::report(Request& request, Pipeline::Machine& machine, std::string_view what) {
  const auto& rules = machine.program().rules();
  const std::string rule =
      machine.rule() < rules.size() ? rules[machine.rule()].name + " (" + rules[machine.rule()].location.toString() + ")" : "";
  _log->error(what, {{"action", machine.errorAction()},
                     {"last_rule", rule},
                     {"method", request.message.methodText()},
                     {"call_id", request.message.callId()}});
}

void Dispatcher::failed(const Transport::Flow& flow, int error) {
  for (const auto& [order, claimant] : _claimants) claimant->failed(flow, error);
}

}  // namespace Patchbay::Core
