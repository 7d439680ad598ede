#include "patchbay/data/Refresh.h"

#include <atomic>
#include <mutex>

namespace Patchbay::Data {

namespace {

/// How long the end waits for a reading that hangs; the database gives up long before.
constexpr auto Patience = std::chrono::seconds(10);

}  // namespace

struct Refresh::State {
  std::timed_mutex mutex;
  std::function<void()> read;  ///< empty: it is over
  std::atomic<bool> underWay{false};
};

Refresh::Refresh(Runtime::Environment& environment, Runtime::Duration every, std::function<void()> read)
    : _environment(environment), _every(every), _due(environment.clock.now() + every), _state(std::make_shared<State>()) {
  _state->read = std::move(read);
  _environment.workers.at(0).add(*this);
}

Refresh::~Refresh() {
  _environment.workers.at(0).remove(*this);
  const std::unique_lock<std::timed_mutex> lock(_state->mutex, Patience);
  if (lock) _state->read = {};
}

/// A turn is left out while the one before hangs.
void Refresh::tick(Runtime::Instant now) {
  _due = now + _every;
  if (_state->underWay.exchange(true)) return;
  constexpr Runtime::Duration Longest = std::chrono::seconds(5);  // then others get another thread in its place
  const auto read = [state = _state] {
    const std::lock_guard<std::timed_mutex> lock(state->mutex);
    if (state->read) state->read();
    state->underWay = false;
  };
  _environment.pool.submit(read, Longest);
}

}  // namespace Patchbay::Data
