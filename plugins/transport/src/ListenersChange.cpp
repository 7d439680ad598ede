#include <algorithm>

#include "Layers.h"
#include "Listeners.h"
#include "LocalAddresses.h"
#include "StreamHub.h"
#include "patchbay/runtime/Ask.h"

/// How listeners change while the server runs.
namespace Patchbay::Transport {

namespace {

constexpr auto TurnDeadline = std::chrono::seconds(2);
/// A listener whose time is over but that has connections is looked at again.
constexpr auto LookAgain = std::chrono::minutes(1);

}  // namespace

/// Its own sockets, else those of another name of that address, else new ones. One that was there before is the same object, unless the
/// system was to choose its port.
Listeners::Step Listeners::stepFor(const ListenAddress& address, const Plan& plan) {
  Entry *holder = nullptr, *known = nullptr;
  for (auto& entry : _entries) {
    if (entry.wanted || entry.address.protocol != address.protocol || entry.address.local != address.local) continue;
    const bool same = entry.address.host == address.host && entry.address.port == address.port;
    if (entry.holds && !holder) holder = &entry;
    if (same && (entry.holds || address.local.port != 0) && (!known || (entry.holds && !known->holds))) known = &entry;
  }
  if (known && known->holds) holder = nullptr;
  if (!known) {
    known = &make(address, plan);
    if (holder) known->listener.local = holder->listener.local;
    name(known->listener, address);
  }
  known->wanted = true;
  return {.entry = known, .from = holder};
}

void Listeners::prepare(Bundle::Host& next, const std::vector<ListenAddress>& addresses, Runtime::Duration drain) {
  std::lock_guard<std::mutex> lock(_mutex);
  _plan = std::make_shared<Plan>();
  _plan->drain = drain;
  try {
    _plan->machine = localAddresses();
  } catch (const Poco::Exception& error) {
    next.problem("listen", error.displayText());
  }
  for (const auto& address : addresses) try {
      Step step = stepFor(address, *_plan);
      if (!step.entry->holds && !step.from) bind(step);
      _plan->steps.push_back(std::move(step));
    } catch (const Poco::Exception& error) {
      next.problem("listen", error.message());
    }
}

void Listeners::discard() noexcept {
  std::lock_guard<std::mutex> lock(_mutex);
  for (auto& entry : _entries) entry.wanted = false;
  _plan.reset();
}

/// The entries are as the plan says, but nobody has been told.
void Listeners::turnOver(Plan& plan) {
  for (Step& step : plan.steps)
    if (step.from) step.from->holds = false;
  for (Step& step : plan.steps) step.entry->holds = true;
  const auto now = _common.environment.clock.now();
  for (auto& entry : _entries) {
    if (std::exchange(entry.wanted, false)) {
      entry.state = Entry::State::open;
    } else if (entry.state == Entry::State::open) {
      entry.state = Entry::State::closing;
      entry.closesAt = now + plan.drain;
      if (isReliable(entry.listener.protocol)) entry.holds = false;
      plan.leaving.push_back(&entry.listener);
    }
  }
  _machine = plan.machine;
}

void Listeners::commit() noexcept {
  const std::shared_ptr<Plan> plan = _plan;
  if (!plan) return;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    _plan.reset();
    turnOver(*plan);
    tellOwn();
  }
  // each worker takes its own of the plan, which lives as long as one of them has it before it
  Runtime::askAll(
      _common.environment.workers,
      [this, plan](Runtime::Worker& worker) {
        take(worker.index(), *plan);
        if (worker.index() == 0 && !plan->leaving.empty()) {
          _nextClose = worker.now();
          if (!std::exchange(_ticking, true)) worker.add(static_cast<Runtime::Ticker&>(*this));
        }
        return true;
      },
      TurnDeadline);
  std::lock_guard<std::mutex> lock(_mutex);
  std::vector<const Listener*> open;
  for (const Step& step : plan->steps) open.push_back(&step.entry->listener);
  publish(open);
  tell(*plan);
}

void Listeners::tell(const Plan& plan) const {
  for (const Step& step : plan.steps)
    if (!step.datagrams.empty() || !step.streams.empty() || step.from)
      _common.log.notice("listening on", {{"listener", step.entry->listener.text}, {"as", step.entry->listener.hostPort}});
  for (const Listener* listener : plan.leaving)
    _common.log.notice("no longer configured, closed when what is under way has ended",
                       {{"listener", listener->text}, {"as", listener->hostPort}});
}

bool Listeners::hasConnections(const Listener& listener) const {
  return isReliable(listener.protocol) && _common.streams.open.with([&](const auto& flows) {
    return std::any_of(flows.begin(), flows.end(), [&](const auto& one) { return one.second.listener == &listener; });
  });
}

/// Whether its time is over. One that a reload is about to open again waits for the reload.
bool Listeners::end(Entry& entry, Runtime::Instant now) {
  if (entry.state != Entry::State::closing || entry.closesAt > now) return false;
  if (entry.wanted || hasConnections(entry.listener)) {
    entry.closesAt = now + LookAgain;
    return false;
  }
  entry.state = Entry::State::closed;
  entry.holds = false;
  _common.log.notice("closed", {{"listener", entry.listener.text}, {"as", entry.listener.hostPort}});
  return true;
}

void Listeners::tick(Runtime::Instant now) {
  std::vector<const Listener*> gone;
  _nextClose.reset();
  {
    std::lock_guard<std::mutex> lock(_mutex);
    for (auto& entry : _entries) {
      if (end(entry, now)) gone.push_back(&entry.listener);
      if (entry.state == Entry::State::closing) _nextClose = std::min(_nextClose.value_or(entry.closesAt), entry.closesAt);
    }
    if (!gone.empty()) tellOwn();
  }
  auto& workers = _common.environment.workers;
  for (size_t i = 0; i < workers.count() && !gone.empty(); ++i)
    workers.at(i).post([this, i, gone] {
      for (const Listener* listener : gone) drop(i, *listener);
    });
  if (_nextClose) return;
  workers.at(0).remove(static_cast<Runtime::Ticker&>(*this));
  _ticking = false;
}

}  // namespace Patchbay::Transport
