#include "CorePlugin.h"

#include "Secrets.h"
#include "ViaStamp.h"
#include "patchbay/bundle/Loader.h"

namespace Patchbay::Core {

using Pipeline::Type;

void CorePlugin::describe(Bundle::Declaration& declaration) {
  declaration.entries.push_back({"request", "Every new request that no transaction claims.", true, true});
  declaration.settings = {
      {"domains", Type::list, "The served domains: host names without port. Unset: the listeners' addresses.", false, ""},
      {"sip_warning", Type::boolean, "Adds SER's Warning 392 with internals to replies made here.", false, "no"},
      {"server_signature", Type::text, "The Server header of replies made here: nothing, the name, or name, version and system.", false,
       "name"},
      {"pending_memory", Type::bytes,
       "How much memory requests may take that wait: for an answer of their pipeline, a name server or a branch. Above it new ones get "
       "503; "
       "the last eighth is for those inside of dialogs. What is not needed any more is given back after some seconds.",
       false, "256MiB", 4 << 20},
  };
  declaration.live = {"domains"};
  declaration.settings[2].choices = {"off", "name", "full"};
  declaration.metrics = {
      {"core_requests_total", "Sound requests received, retransmissions included."},
      {"core_replies_received_total", "Sound replies received."},
      {"core_malformed_total", "Messages refused because they break the grammar."},
      {"core_stray_replies_total", "Replies that belong to nothing known; dropped (RFC 6026)."},
      {"core_replies_sent_total", "Replies made here, by class."},
      {"core_dropped_total", "Requests dropped by rule, and ACKs that nothing answers."},
      {"core_unsettled_total", "Requests whose rules ended without settling them; answered 500."},
      {"core_failures_total", "Requests whose rules failed with an error that no rule dealt with; answered 503."},
      {"core_requests_pooled", "Requests in memory, in use or free.", Runtime::Metrics::Kind::gauge},
      {"core_requests_octets", "The memory that they take, their transactions included, about.", Runtime::Metrics::Kind::gauge},
      {"core_refused_total", "Requests that could not wait because those that wait take all of pending_memory; answered 503."},
  };
  declareMessageVariables(declaration, *this);
  declareStateVariables(declaration, *this);
  declareUriActions(declaration);
  declareFlowActions(declaration, *this);
}

void CorePlugin::configure(Bundle::Host& host) {
  _host = &host;
  const auto domains = host.settings().list("domains");
  if (!domains.empty()) _defaultDomain = domains.front();
  _nextDomains = readDomains(host);
  _domains.publish(_nextDomains, host.environment().workers);
  const auto signature = host.settings().text("server_signature");
  _key = {host.environment().random.next(), host.environment().random.next()};
  _instanceId = makeInstanceId(host.environment().random);
  _repliesMade.configure({signature == "off"    ? Replies::Signature::off
                          : signature == "full" ? Replies::Signature::full
                                                : Replies::Signature::name,
                          host.settings().boolean("sip_warning"), Bundle::version()},
                         _key);
  _dispatcher.configure(host);
  host.services().provide<Service>(*this);
}

void CorePlugin::bind(Bundle::Host& host) {
  _transport = &host.services().find<Transport::Service>();
  _transport->attach(_dispatcher);
  if (const auto* limits = host.services().findOptional<Parser::Limits>()) _dispatcher.limit(*limits);
}

void CorePlugin::start() {
  _dispatcher.start(*_host);
  _lastingKey = lastingSecret(_host->dataFolder(), _host->environment().random);
}

void CorePlugin::listen() {
  publish(std::make_shared<Domains>(*std::exchange(_nextDomains, nullptr)));
  std::string names;
  for (const auto& name : _domains.hold()->names()) names += (names.empty() ? "" : ", ") + name;
  _host->announce("domains", names);
}

std::shared_ptr<Domains> CorePlugin::readDomains(Bundle::Host& host) const {
  auto domains = std::make_shared<Domains>();
  for (const auto& name : host.settings().list("domains"))
    if (!domains->add(name))
      host.problem("domains", "'" + name + "' is no host name; allowed: letters, digits, dots and hyphens, without port");
  return domains;
}

void CorePlugin::publish(std::shared_ptr<Domains> domains) {
  domains->settle(*_transport);
  if (_source) domains->use(*_source);
  _domains.publish(std::move(domains), _host->environment().workers);
}

/// Accounts, contacts and groups are kept under the first domain when they are without one.
void CorePlugin::prepare(Bundle::Host& next) {
  const auto domains = next.settings().list("domains");
  if ((domains.empty() ? std::string() : domains.front()) != _defaultDomain)
    next.problem("domains", "the first one, '" + _defaultDomain + "', is the domain of users without one; another one needs a restart");
  _nextDomains = readDomains(next);
}

/// The listeners may be others, too.
void CorePlugin::commit() noexcept {
  if (_nextDomains) publish(std::exchange(_nextDomains, nullptr));
}

void CorePlugin::write(Received& request, const Reply& reply, Parser::Writer& out) {
  auto* own = dynamic_cast<Request*>(&request);
  _repliesMade.write(request, own ? own->incident : 0, own ? own->destinations.main().uri : request.message.requestUriText(), reply, out);
  _dispatcher.countReply(reply.code);
}

Transport::Flow CorePlugin::replyFlow(Received& request, bool forceRport) const {
  auto flow = request.flow;
  if (Transport::isReliable(flow.protocol())) return flow;
  const auto* via = request.message.topVia();
  if (via && !via->hasRport && !forceRport) flow.peer.port = via->port ? via->port : 5060;
  return flow;
}

bool CorePlugin::answer(Request& request, const Reply& reply) {
  if (request.message.method() == Parser::Method::ack) {
    countDropped();
    return false;
  }
  if (request.transaction) return request.transaction->reply(request, reply);
  return answerStatelessly(request, reply);
}

namespace {

/// In the place of a transaction: the request has had its final reply without one. It needs none to wait in either (actions behind the
/// settling one), since nobody would end that.
class Answered : public RequestTransaction {
 public:
  bool reply(Request&, const Reply&) override { return false; }
  void abandon(Request&) override {}
} answered;

}  // namespace

bool CorePlugin::answerStatelessly(Request& request, const Reply& reply) {
  if (reply.code >= 200) {
    request.transaction = &answered;
    request.status = static_cast<uint16_t>(reply.code);
  }
  if (!request.message.has(Parser::HeaderId::via)) return false;  // nobody to tell
  const auto flow = replyFlow(request, request.forceRport);
  const auto room = _repliesMade.room(request, reply);
  char* octets = _transport->reserve(flow, room);
  if (!octets) return false;
  Parser::Writer out(octets, room);
  write(request, reply, out);
  return out.ok() && _transport->commit(flow, out.size());
}

void CorePlugin::stampVia(Request& request) {
  if (request.viaStamped) return;
  request.viaStamped = true;
  const ViaStamp stamp(request);
  for (size_t i = 0; i < stamp.count(); ++i) request.edits.replace(stamp[i].where, stamp[i].view());
}

std::string_view CorePlugin::nextRoute(Request& request) {
  if (request.route.nextKnown) return request.route.next;
  request.route.nextKnown = true;
  if (const auto* header = request.message.first(Parser::HeaderId::route)) {
    Parser::ListValues values(request.message.text(header->value));
    if (const auto value = values.next())
      if (const auto address = Parser::parseAddress(*value)) request.route.next = address->uriText;
  }
  return request.route.next;
}

}  // namespace Patchbay::Core
