#include "TransportPlugin.h"

#include <algorithm>

#include "StreamHub.h"
#include "StreamSettings.h"

namespace Patchbay::Transport {

using Pipeline::Type;
using Runtime::Endpoint;

namespace {

/// Until core attaches itself, and when it is not there: nobody wants what arrives.
class Nobody : public Receiver {
 public:
  void received(std::string_view, const Flow&) override {}
  void failed(const Flow&, int) override {}
};
Nobody nobody;

/// A socket bound to a loopback address reaches nothing else.
bool reaches(const Listener& listener, const Runtime::IpAddress& target) {
  return listener.local.address.scope() != Runtime::Scope::loopback || target.scope() == Runtime::Scope::loopback;
}

bool fits(const Listener& listener, Protocol protocol, const Runtime::IpAddress& target) {
  return listener.protocol == protocol && listener.local.address.family() == target.family();
}

}  // namespace

void TransportPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {"listen", Type::list,
       "Where to listen: `PROTOCOL:ADDRESS:PORT` with udp, tcp, tls, ws or wss, an IPv6 address in brackets, port 0 for one that the "
       "system chooses. "
       "Behind a slash may stand "
       "the "
       "`HOST:PORT` that the server says of itself in Via and Record-Route (a wildcard address without one gives the machine's first "
       "address that is not loopback).",
       false, "udp:127.0.0.1:5060"},
      {"drain", Type::duration,
       "How long a listener that a reload takes away goes on for what is under way: its address is ours, replies leave and arrive by it, "
       "and "
       "ACK, BYE, CANCEL and PRACK are taken; connections live on in any case. Longer than a call rings.",
       false, "4min", 0, int64_t{24} * 3600 * 1'000'000'000},
      {"batched", Type::boolean, "Receive and send many datagrams with one system call. Off is for measuring.", false, "yes"},
      {"segmented", Type::boolean,
       "Send runs of equal datagrams to one peer as one (UDP_SEGMENT), where the system can. Off is for measuring.", false, "yes"},
      {"receive_buffer", Type::bytes, "Asked of the system for each socket; it may give less (net.core.rmem_max).", false, "8MiB", 65536,
       1 << 30},
      {"send_buffer", Type::bytes, "Asked of the system for each socket; it may give less (net.core.wmem_max).", false, "8MiB", 65536,
       1 << 30},
  };
  declaration.metrics = {
      {"transport_received_total", "Datagrams that arrived, keepalives included, and messages that arrived by connections."},
      {"transport_received_octets_total", "Their octets."},
      {"transport_sent_total", "Datagrams that the system took, and messages given to connections."},
      {"transport_sent_octets_total", "Octets handed to the system."},
      {"transport_handed_over_total", "Datagrams that a busy worker gave to another one."},
      {"transport_dropped_total",
       "Datagrams not handed on (keepalive, source, closing: begins something at a listener that is gone from the configuration) or not "
       "sent (port, address, family, own, too_long, refused, gone: a reply whose "
       "connection is no more), by reason."},
      {"transport_unreachable_total", "Datagrams that came back: an ICMP message said that the peer cannot be reached."},
  };
  declaration.metrics.insert(
      declaration.metrics.end(),
      {{"transport_late_total", "Datagrams that are known to have waited for 10 ms or more before they were read."},
       {"transport_queueing_seconds",
        "How long the oldest datagram of the last batch had waited, the longest of all workers; 0 while not measured.",
        Runtime::Metrics::Kind::gauge},
       {"transport_stamped_sockets", "Sockets on which waiting is measured, because their workers are loaded.",
        Runtime::Metrics::Kind::gauge}});
  declareStreams(declaration);
  declareTls(declaration);
  declaration.live = {"tls_certificate",    "tls_key", "tls_domains", "tls_ca",     "tls_crl",   "tls_clients",
                      "tls_verify_servers", "listen",  "drain",       "tls_mutual", "ws_origins"};
  declaration.settings.push_back({"ws_origins", Type::list,
                                  "The Origin headers, such as https://phone.example.org, of pages whose WebSocket is taken. Empty: any.",
                                  false, ""});
  declaration.operations.push_back({.name = "tls.reload",
                                    .summary = "Reads the certificates again, for the connections from now on.",
                                    .method = "POST",
                                    .path = "/tls/reload",
                                    .role = Admin::Role::operate,
                                    .audited = true,
                                    .effects = Pipeline::changesState,
                                    .run = [this](const auto&) { return reloadCertificates(); }});
  declaration.operations.push_back({.name = "listeners",
                                    .summary = "Where the server listens, and what a reload has taken away and is still in use.",
                                    .path = "/listeners",
                                    .run = [this](const auto&) { return _listeners->describe(); },
                                    .columns = {"listener", "advertised", "state"}});
}

TransportPlugin::TransportPlugin() = default;
TransportPlugin::~TransportPlugin() = default;

void TransportPlugin::configure(Bundle::Host& host) {
  _host = &host;
  if (!_receiver) _receiver = &nobody;
  _meters.received = &host.counter("transport_received_total");
  _meters.receivedOctets = &host.counter("transport_received_octets_total");
  _meters.sent = &host.counter("transport_sent_total");
  _meters.sentOctets = &host.counter("transport_sent_octets_total");
  _meters.handed = &host.counter("transport_handed_over_total");
  _meters.unreachable = &host.counter("transport_unreachable_total");
  for (size_t i = 0; i < _meters.dropped.size(); ++i)
    _meters.dropped[i] = &host.counter("transport_dropped_total", {{"reason", std::string(nameOf(static_cast<Drop>(i)))}});
  const auto& settings = host.settings();
  _options = {settings.boolean("batched"), settings.boolean("segmented"), static_cast<int>(settings.integer("receive_buffer")),
              static_cast<int>(settings.integer("send_buffer"))};
  countQueues(host);
  countStreams(host, _meters);
  configureStreams(host);
  _listeners = std::make_unique<Listeners>(Listeners::Common{host.environment(), host.logger(), *_streams, _own, _meters, _board});
  _listeners->begin(host, Listeners::read(host));
  LayerFactory::Plan layers;
  readLayers(host, layers);
  _layers.take(std::move(layers));
  host.services().provide<Service>(*this);
  host.services().provide<Routes>(_systemRoutes);
}

void TransportPlugin::countQueues(Bundle::Host& host) {
  _meters.queues = _queues.data();
  _meters.late = &host.counter("transport_late_total");
  host.gauge("transport_queueing_seconds", [this] {
    int64_t longest = 0;
    for (const QueueCell& cell : _queues) longest = std::max(longest, cell.nanoseconds.load(std::memory_order_relaxed));
    return static_cast<double>(longest) / 1e9;
  });
  host.gauge("transport_stamped_sockets", [this] {
    int count = 0;
    for (const QueueCell& cell : _queues) count += cell.stamping.load(std::memory_order_relaxed);
    return static_cast<double>(count);
  });
}

void TransportPlugin::configureStreams(Bundle::Host& host) {
  const auto& settings = host.settings();
  auto& environment = host.environment();
  _streams.reset(new StreamCommon{.network = environment.network,
                                  .log = host.logger(),
                                  .receiver = nullptr,
                                  .layers = _layers,
                                  .own = _own,
                                  .meters = _meters,
                                  .limits = readStreamLimits(settings),
                                  .caps = {static_cast<size_t>(settings.integer("max_connections")),
                                           static_cast<size_t>(settings.integer("max_connections_per_source")),
                                           {environment.random.next(), environment.random.next()}},
                                  .opened = {},
                                  .names = {},
                                  .firstId = environment.random.next() >> 8,
                                  .workers = environment.workers.count(),
                                  .open = decltype(StreamCommon::open)(),
                                  .hubs = {}});
  host.gauge("transport_connections", [this] { return static_cast<double>(_streams->caps.open()); });
  host.gauge("transport_queued_octets", [this] { return static_cast<double>(_streams->caps.queued.load()); });
}

/// For the listeners that are, or are about to be. Files are read again, also when their names are the same.
void TransportPlugin::readLayers(Bundle::Host& host, LayerFactory::Plan& plan) const {
  const auto options = TlsOptions::read(host);
  plan.origins = std::make_shared<const std::vector<std::string>>(host.settings().list("ws_origins"));
  readMutual(host, plan.mutual);
  if (!_listeners->anySecure()) return;
  if (!options.given()) return host.problem("tls_certificate", "a tls or wss listener needs a certificate");
  try {
    plan.contexts = LayerFactory::read(options);
  } catch (const Poco::Exception& error) {
    host.problem("tls_certificate", error.displayText());
  }
}

void TransportPlugin::readMutual(Bundle::Host& host, std::set<uint16_t>& mutual) const {
  for (const auto& text : host.settings().list("tls_mutual")) {
    std::string why;
    const auto address = ListenAddress::parse(text, why);
    const Listener* listener = address && isSecure(address->protocol) ? _listeners->find(*address) : nullptr;
    if (listener)
      mutual.insert(listener->id);
    else
      host.problem("tls_mutual", "'" + text + "' is none of the tls and wss listeners in `listen`");
  }
}

void TransportPlugin::prepare(Bundle::Host& next) {
  _listeners->prepare(next, Listeners::read(next), next.settings().duration("drain"));
  _nextLayers.emplace();
  readLayers(next, *_nextLayers);
  // who waits at a listener that goes away is asked for a certificate, too
  for (const uint16_t id : _layers.mutual())
    if (!_listeners->isWanted(id)) _nextLayers->mutual.insert(id);
}

void TransportPlugin::commit() noexcept {
  if (!_nextLayers) return;
  _layers.take(std::move(*_nextLayers));
  _nextLayers.reset();
  _listeners->commit();
}

void TransportPlugin::discard() noexcept {
  _nextLayers.reset();
  if (_listeners) _listeners->discard();
}

Admin::Answer TransportPlugin::reloadCertificates() {
  Poco::JSON::Object answer;
  try {
    _layers.reload();
    answer.set("reloaded", true);
    return {200, answer};
  } catch (const Poco::Exception& error) {
    answer.set("error", error.displayText());
    return {409, answer};
  }
}

void TransportPlugin::listen() {
  auto& environment = _host->environment();
  environment.network.use(_options);
  _streams->receiver = _receiver;
  _listeners->open(*_receiver, *_host);
  auto& routes = _host->services().find<Routes>();
  for (size_t i = 0; i < environment.workers.count(); ++i)
    _routes.push_back(std::make_unique<RouteCache>(routes, environment.workers.at(i)));
}

void TransportPlugin::stop() noexcept {
  _routes.clear();
  if (_listeners) _listeners->close();
  if (_streams) _streams->hubs.clear();
}

const Listener* TransportPlugin::listenerFor(Protocol protocol, const Runtime::IpAddress& target, const Listener* preferred) const {
  if (preferred && fits(*preferred, protocol, target) && reaches(*preferred, target) && _listeners->contains(*preferred)) return preferred;
  const Listener* second = nullptr;
  for (const auto& listener : listeners()) {
    if (!fits(listener, protocol, target)) continue;
    if (reaches(listener, target)) return &listener;
    if (!second) second = &listener;
  }
  return second;
}

/// More than one of our addresses could be the source.
bool TransportPlugin::isChoice(Protocol protocol, const Runtime::IpAddress& target) const {
  const Listener* first = nullptr;
  for (const auto& listener : listeners()) {
    if (!fits(listener, protocol, target)) continue;
    if (first && first->local.address != listener.local.address) return true;
    first = &listener;
  }
  return false;
}

const Listener* TransportPlugin::routeTo(Protocol protocol, const Runtime::IpAddress& target, const Listener* received) const {
  const size_t slot = Runtime::Worker::slot();
  if (slot == 0 || slot > _routes.size() || !isChoice(protocol, target)) return listenerFor(protocol, target, received);
  const auto source = _routes[slot - 1]->sourceFor(target);
  if (!source) return listenerFor(protocol, target, received);
  const auto leaves = [&](const Listener& listener) {
    return fits(listener, protocol, target) && (listener.local.address == *source || listener.local.address.isWildcard());
  };
  if (received && leaves(*received) && _listeners->contains(*received)) return received;
  for (const auto& listener : listeners())
    if (leaves(listener)) return &listener;
  return listenerFor(protocol, target, received);
}

StreamHub* TransportPlugin::hubFor(const Flow& flow) const {
  const size_t slot = Runtime::Worker::slot();
  return flow && isReliable(flow.protocol()) && slot > 0 && slot <= _streams->hubs.size() ? _streams->hubs[slot - 1].get() : nullptr;
}

uint64_t TransportPlugin::wayTo(std::string_view host) {
  return _streams->names.wayTo(host);
}

Flow TransportPlugin::flowOf(uint64_t connection) const {
  return _streams->open.with([&](const auto& flows) {
    const auto found = flows.find(connection);
    return found == flows.end() ? Flow{} : found->second;
  });
}

char* TransportPlugin::reserve(const Flow& flow, size_t octets) {
  if (UdpSocket* socket = _listeners->socketOf(flow)) return socket->reserve(flow.peer, octets);
  StreamHub* hub = hubFor(flow);
  return hub ? hub->reserve(flow, octets) : nullptr;
}

bool TransportPlugin::commit(const Flow& flow, size_t octets) {
  if (UdpSocket* socket = _listeners->socketOf(flow)) return socket->commit(flow.peer, octets);
  StreamHub* hub = hubFor(flow);
  return hub && hub->commit(flow, octets);
}

}  // namespace Patchbay::Transport
