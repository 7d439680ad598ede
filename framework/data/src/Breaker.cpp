#include "Breaker.h"

#include <algorithm>

namespace Patchbay::Data {

Runtime::Duration Pauses::next() {
  _seed = _seed * 6364136223846793005u + 1442695040888963407u;
  const auto whole = _next;
  _next = std::min(_next * 2, _longest);
  return whole - Runtime::Duration(static_cast<int64_t>(static_cast<uint64_t>(whole.count() / 2) * (_seed >> 48) >> 16));
}

Breaker::Breaker(Runtime::Environment& environment, std::string what, Told told)
    : _environment(environment),
      _what(std::move(what)),
      _told(std::move(told)),
      _logger(Log::Logger::get("data")),
      _pauses(FirstPause, LongestPause, environment.random.next()) {}

Failure Breaker::failure() const {
  std::lock_guard<std::mutex> lock(_mutex);
  return {Failure::Kind::unreachable, _failure.text + " (it is asked again when it is back)"};
}

void Breaker::failed(const Failure& failure) {
  const Runtime::Instant now = _environment.clock.now();
  Runtime::Instant due;
  bool opens = false;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    opens = !_open.load(std::memory_order_relaxed);
    if (!opens && _probeAt.load(std::memory_order_relaxed) != 0) return;  // it is known, and the next probe has its time
    if (opens) _pauses.reset();
    _failure = failure;
    due = now + _pauses.next();
    _probeAt.store(due.time_since_epoch().count(), std::memory_order_relaxed);
    _open.store(true, std::memory_order_release);
  }
  _environment.workers.at(0).wakeBy(due);
  if (!opens) return;
  _logger.error("the database is away", {{"database", _what}, {"reason", failure.text}});
  _told(failure);
}

void Breaker::succeeded() {
  if (!isOpen()) return;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (!_open.load(std::memory_order_relaxed)) return;
    _probeAt.store(0, std::memory_order_relaxed);
    _open.store(false, std::memory_order_release);
  }
  _logger.notice("the database is back", {{"database", _what}});
  _told({});
}

std::optional<Runtime::Instant> Breaker::probeDue() const {
  const auto at = _probeAt.load(std::memory_order_relaxed);
  if (at == 0) return {};
  return Runtime::Instant(Runtime::Instant::duration(at));
}

bool Breaker::beginProbe(Runtime::Instant now) {
  const auto due = probeDue();
  if (!due || *due > now) return false;
  std::lock_guard<std::mutex> lock(_mutex);
  return _probeAt.exchange(0, std::memory_order_relaxed) != 0;
}

int Breaker::state() const {
  if (!isOpen()) return 0;
  return probeDue() ? 1 : 2;
}

}  // namespace Patchbay::Data
