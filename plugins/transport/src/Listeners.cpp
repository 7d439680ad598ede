#include "Listeners.h"

#include <algorithm>

#include <Poco/JSON/Array.h>

#include "Layers.h"
#include "LocalAddresses.h"
#include "StreamHub.h"

namespace Patchbay::Transport {

namespace {

constexpr size_t MostEver = 0xfffe;  // ids; 0xffff is none

std::string textOf(const Runtime::IpAddress& address) {
  char text[48];
  return {text, address.write(text, true)};
}

bool sameSocket(const ListenAddress& a, const ListenAddress& b) {
  return a.protocol == b.protocol && a.local == b.local;
}

bool anyWildcard(const std::vector<ListenAddress>& addresses) {
  return std::any_of(addresses.begin(), addresses.end(), [](const auto& one) { return one.local.address.isWildcard(); });
}

}  // namespace

Listeners::~Listeners() = default;

std::vector<ListenAddress> Listeners::read(Bundle::Host& host) {
  std::vector<ListenAddress> all;
  const auto texts = host.settings().list("listen");
  for (const auto& text : texts) {
    std::string why;
    const auto address = ListenAddress::parse(text, why);
    if (!address) {
      host.problem("listen", why);
      continue;
    }
    const auto same = [&](const auto& other) { return address->local.port != 0 && sameSocket(other, *address); };
    if (std::any_of(all.begin(), all.end(), same))
      host.problem("listen", "'" + address->local.toString() + "' stands there twice");
    else
      all.push_back(*address);
  }
  if (texts.empty()) host.problem("listen", "there is nothing to listen on");
  return all;
}

/// What we say of ourselves, from what was configured and the bound port.
void Listeners::name(Listener& listener, const ListenAddress& address) const {
  listener.port = address.port ? address.port : listener.local.port;
  listener.hostPort = listener.host + ":" + std::to_string(listener.port);
  listener.viaPrefix = "SIP/2.0/" + std::string(viaNameOf(listener.protocol)) + " " + listener.hostPort + ";branch=";
  listener.text = std::string(nameOf(listener.protocol)) + ":" + listener.local.toString();
}

/// Throws Poco::NotFoundException when nobody could reach it.
Listeners::Entry& Listeners::make(const ListenAddress& address, const Plan& plan) {
  if (_entries.size() > MostEver) throw Poco::NotFoundException("there were too many listeners since the start");
  auto shown = address.local.address;
  if (shown.isWildcard()) shown = preferredOf(plan.machine, shown.family());
  if (address.host.empty() && !shown.valid())
    throw Poco::NotFoundException("'" + textOf(address.local.address) + "': the machine has no address of that family");
  Entry& entry = _entries.emplace_back();
  entry.address = address;
  Listener& listener = entry.listener;
  listener.id = static_cast<uint16_t>(_entries.size() - 1);
  listener.protocol = address.protocol;
  listener.local = address.local;
  listener.host = address.host.empty() ? textOf(shown) : address.host;
  name(listener, address);
  return entry;
}

void Listeners::begin(Bundle::Host& host, const std::vector<ListenAddress>& addresses) {
  Plan plan;
  if (anyWildcard(addresses)) plan.machine = localAddresses();
  std::vector<const Listener*> open;
  for (const auto& address : addresses) try {
      Entry& entry = make(address, plan);
      entry.state = Entry::State::open;
      open.push_back(&entry.listener);
    } catch (const Poco::NotFoundException& error) {
      host.problem("listen", error.message());
    }
  _machine = plan.machine;
  publish(open);
}

void Listeners::open(Receiver& receiver, Bundle::Host& host) {
  _receiver = &receiver;
  auto& workers = _common.environment.workers;
  _shares.resize(workers.count());
  for (size_t i = 0; i < workers.count(); ++i) _common.streams.hubs.push_back(std::make_unique<StreamHub>(_common.streams, workers.at(i)));
  Plan plan;
  for (auto& entry : _entries) {
    plan.steps.push_back({.entry = &entry});
    bind(plan.steps.back());
    entry.holds = true;
    const Listener& listener = entry.listener;
    const bool other = listener.hostPort != listener.local.toString();
    host.announce("listening on", other ? listener.text + " as " + listener.hostPort : listener.text);
  }
  for (size_t i = 0; i < workers.count(); ++i) take(i, plan);
  tellOwn();
}

void Listeners::close() noexcept {
  if (_ticking) _common.environment.workers.at(0).remove(*this);
  _ticking = false;
  _plan.reset();
  for (auto& share : _shares) share = {};
}

/// Every worker's socket. Throws, and then some are bound that go with the step.
void Listeners::bind(Step& step) {
  auto& environment = _common.environment;
  Listener& listener = step.entry->listener;
  const size_t workers = environment.workers.count();
  Runtime::Endpoint local = listener.local;
  for (size_t i = 0; i < workers; ++i)
    if (isReliable(listener.protocol))
      local = step.streams.emplace_back(environment.network.listen(local, workers > 1))->local();
    else
      local = step.datagrams.emplace_back(environment.network.bind(local, workers > 1))->local();
  if (local == listener.local) return;  // others may be reading it
  listener.local = local;
  name(listener, step.entry->address);
}

/// Datagrams first: they are flushed before what goes by connections.
void Listeners::take(size_t worker, Plan& plan) {
  StreamHub& hub = *_common.streams.hubs[worker];
  for (Step& step : plan.steps) takeDatagrams(worker, step);
  const auto streams = [](const Step& step) { return isReliable(step.entry->listener.protocol); };
  if (hub.isAttached() || std::any_of(plan.steps.begin(), plan.steps.end(), streams)) hub.attach();
  for (Step& step : plan.steps) {
    if (!streams(step)) continue;
    if (!step.streams.empty()) hub.add(std::move(step.streams[worker]), step.entry->listener);
    if (step.from) hub.rename(step.from->listener, step.entry->listener);
  }
  for (const Listener* listener : plan.leaving) leave(worker, *listener);
}

void Listeners::takeDatagrams(size_t worker, Step& step) {
  const Listener& listener = step.entry->listener;
  if (isReliable(listener.protocol)) return;
  Share& share = _shares[worker];
  if (share.byListener.size() <= listener.id) share.byListener.resize(listener.id + size_t{1});
  UdpSocket*& place = share.byListener[listener.id];
  if (!step.datagrams.empty()) {
    auto& environment = _common.environment;
    const UdpSocket::Common common{_receiver, _common.own, _common.meters, environment.workers, _common.board};
    share.sockets.push_back(
        std::make_unique<UdpSocket>(std::move(step.datagrams[worker]), listener, environment.workers.at(worker), common));
    place = share.sockets.back().get();
  } else if (step.from) {
    place = share.byListener[step.from->listener.id];
    place->become(listener);
  }
  place->retire(false);
}

void Listeners::leave(size_t worker, const Listener& listener) {
  if (isReliable(listener.protocol)) return _common.streams.hubs[worker]->close(listener);
  UdpSocket* socket = _shares[worker].byListener[listener.id];
  if (socket && &socket->listener() == &listener) socket->retire(true);
}

void Listeners::drop(size_t worker, const Listener& listener) {
  Share& share = _shares[worker];
  if (share.byListener.size() <= listener.id) return;
  UdpSocket* const socket = std::exchange(share.byListener[listener.id], nullptr);
  if (!socket || &socket->listener() != &listener) return;  // it is the one of another name now
  socket->flush();
  std::erase_if(share.sockets, [&](const auto& one) { return one.get() == socket; });
}

bool Listeners::contains(const Listener& listener) const {
  const auto& open = *_open.load(std::memory_order_acquire);
  return std::find(open.begin(), open.end(), &listener) != open.end();
}

UdpSocket* Listeners::socketOf(const Flow& flow) const {
  const size_t slot = Runtime::Worker::slot();
  if (!flow || slot == 0 || slot > _shares.size()) return nullptr;
  const auto& sockets = _shares[slot - 1].byListener;
  return flow.listener->id < sockets.size() ? sockets[flow.listener->id] : nullptr;
}

const Listener* Listeners::find(const ListenAddress& address) const {
  std::lock_guard<std::mutex> lock(_mutex);
  for (const auto& entry : _entries)
    if ((_plan ? entry.wanted : entry.state == Entry::State::open) && sameSocket(entry.address, address)) return &entry.listener;
  return nullptr;
}

bool Listeners::anySecure() const {
  std::lock_guard<std::mutex> lock(_mutex);
  return std::any_of(_entries.begin(), _entries.end(), [this](const Entry& entry) {
    return (_plan ? entry.wanted : entry.state == Entry::State::open) && isSecure(entry.listener.protocol);
  });
}

bool Listeners::isWanted(uint16_t id) const {
  std::lock_guard<std::mutex> lock(_mutex);
  return id < _entries.size() && _entries[id].wanted;
}

void Listeners::publish(const std::vector<const Listener*>& open) {
  _lists.push_back(std::make_unique<const std::vector<const Listener*>>(open));
  _open.store(_lists.back().get(), std::memory_order_release);
}

/// Those that are closing, too: what is under way names them.
void Listeners::tellOwn() {
  std::vector<const Listener*> own;
  for (const auto& entry : _entries)
    if (entry.state != Entry::State::closed) own.push_back(&entry.listener);
  _common.own.set(own, _machine);
}

Admin::Answer Listeners::describe() const {
  std::lock_guard<std::mutex> lock(_mutex);
  Poco::JSON::Array rows;
  for (const auto& entry : _entries) {
    if (entry.state == Entry::State::closed) continue;
    Poco::JSON::Object row(Poco::JSON_PRESERVE_KEY_ORDER);
    row.set("listener", entry.listener.text);
    row.set("advertised", entry.listener.hostPort);
    row.set("state", entry.state == Entry::State::open ? "open" : "closing");
    rows.add(row);
  }
  return {200, rows};
}

}  // namespace Patchbay::Transport
