#include "patchbay/data/Refresh.h"

#include <condition_variable>
#include <mutex>

namespace Patchbay::Data {

namespace {

/// How long the end waits for a reading that hangs; the database gives up long before.
constexpr auto Patience = std::chrono::seconds(10);

}  // namespace

struct Refresh::State {
  std::mutex mutex;
  std::condition_variable ended;
  std::function<void()> read;  ///< empty: it is over
  bool waiting = false;        ///< a job is on its way
  bool reading = false;

  void work() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      waiting = false;
      if (!read) return;
      reading = true;
    }
    read();
    std::lock_guard<std::mutex> lock(mutex);
    reading = false;
    ended.notify_all();
  }
};

Refresh::Refresh(Runtime::Environment& environment, Runtime::Duration every, std::function<void()> read)
    : _environment(environment), _every(every), _due(environment.clock.now() + every), _state(std::make_shared<State>()) {
  _state->read = std::move(read);
  _environment.workers.at(0).add(*this);
}

Refresh::~Refresh() {
  _environment.workers.at(0).remove(*this);
  std::unique_lock<std::mutex> lock(_state->mutex);
  if (_state->ended.wait_for(lock, Patience, [this] { return !_state->reading; })) _state->read = {};
}

/// A turn is left out while the one before hangs.
void Refresh::tick(Runtime::Instant now) {
  _due = now + _every;
  {
    std::lock_guard<std::mutex> lock(_state->mutex);
    if (_state->waiting || _state->reading) return;
    _state->waiting = true;
  }
  constexpr Runtime::Duration Longest = std::chrono::seconds(5);  // then others get another thread in its place
  _environment.pool.submit([state = _state] { state->work(); }, Longest);
}

}  // namespace Patchbay::Data
