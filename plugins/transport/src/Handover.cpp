#include "Handover.h"

#include <cstring>
#include <functional>
#include <utility>

#include "QueueWatch.h"

namespace Patchbay::Transport {

namespace {

bool isBlank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && (isBlank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// `name` in lower case.
bool isCalled(std::string_view line, std::string_view name) {
  if (line.size() <= name.size()) return false;
  for (size_t i = 0; i < name.size(); ++i)
    if ((line[i] >= 'A' && line[i] <= 'Z' ? line[i] + 32 : line[i]) != name[i]) return false;
  const std::string_view behind = trimmed(line.substr(name.size()));
  return !behind.empty() && behind.front() == ':';
}

}  // namespace

std::string_view callIdOf(std::string_view message) {
  for (size_t at = message.find('\n'); at != std::string_view::npos; at = message.find('\n', at + 1)) {
    std::string_view line = message.substr(at + 1);
    if (line.empty() || line.front() == '\r') return {};
    const char first = static_cast<char>(line.front() | 0x20);
    if (first != 'c' && first != 'i') continue;
    line = line.substr(0, line.find('\n'));
    if (isCalled(line, "call-id") || isCalled(line, "i")) return trimmed(line.substr(line.find(':') + 1));
  }
  return {};
}

void Handover::note(bool found) {
  const bool before = std::exchange(_found, found);
  if (!found && !before && !active()) return;
  const Runtime::Instant now = _own.now();
  if (found && !before) _foundSince = now;
  const bool busy = found && now - _foundSince >= BusyAfter;
  _common.board.set(_own.index(), busy);
  if (busy) _busyAt = now;
  if (busy && !active()) begin();
  // what was handed over must not be overtaken by what comes now
  if (active() && now - _busyAt >= CalmAfter && _underway->load(std::memory_order_acquire) == 0) _helpers.clear();
}

void Handover::begin() {
  for (size_t i = 0; i < _common.workers.count(); ++i) {
    Runtime::Worker& worker = _common.workers.at(i);
    if (&worker == &_own)
      _helpers.push_back({nullptr, nullptr});
    else if (!_common.board.isBusy(i))
      _helpers.push_back({&worker, nullptr});
  }
  if (_helpers.size() == 1) _helpers.clear();  // nobody has time
}

bool Handover::take(const Runtime::Datagram& datagram) {
  // no key: a peer that chooses its Call-IDs well gets one worker, which is what it would get without this
  Helper& helper = _helpers[std::hash<std::string_view>()(callIdOf(datagram.octets)) % _helpers.size()];
  if (!helper.worker) return false;
  if (!helper.parcel && _underway->load(std::memory_order_relaxed) >= MostUnderway) return false;
  if (!helper.parcel) helper.parcel = std::make_unique<Parcel>();
  Parcel& parcel = *helper.parcel;
  parcel.items.push_back({parcel.octets.size(), datagram.octets.size(), datagram.source, _own.now() - datagram.waited});
  parcel.octets.append(datagram.octets);
  return true;
}

void Handover::send() {
  for (Helper& helper : _helpers) {
    if (!helper.parcel) continue;
    _common.handed.add(helper.parcel->items.size());
    _underway->fetch_add(1, std::memory_order_relaxed);
    helper.worker->post([parcel = std::move(helper.parcel), worker = helper.worker, &listener = *_listener, &receiver = _common.receiver,
                         underway = _underway]() mutable { deliver(std::move(parcel), *worker, listener, receiver, std::move(underway)); });
  }
}

void Handover::deliver(std::unique_ptr<Parcel> parcel, Runtime::Worker& worker, const Listener& listener, Receiver& receiver,
                       std::shared_ptr<std::atomic<size_t>> underway) {
  while (parcel->next < parcel->items.size()) {
    const auto& item = parcel->items[parcel->next++];
    const std::string_view octets = std::string_view(parcel->octets).substr(item.begin, item.length);
    const Runtime::Duration waited = worker.now() - item.arrived;
    try {
      if (waited >= QueueWatch::Negligible)
        receiver.late(octets, Flow{&listener, item.source, 0}, waited);
      else
        receiver.received(octets, Flow{&listener, item.source, 0});
    } catch (...) {  // the rest is worth another turn; the exception goes where all go
      worker.post([parcel = std::move(parcel), &worker, &listener, &receiver, underway = std::move(underway)]() mutable {
        deliver(std::move(parcel), worker, listener, receiver, std::move(underway));
      });
      throw;
    }
  }
  underway->fetch_sub(1, std::memory_order_release);
}

}  // namespace Patchbay::Transport
