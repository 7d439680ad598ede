#include "patchbay/data/Refresh.h"

#include <condition_variable>
#include <mutex>

namespace Patchbay::Data {

namespace {

/// How long the end waits for a reading that hangs; the database gives up long before.
constexpr auto Patience = std::chrono::seconds(10);

}  // namespace

struct Refresh::State : Runtime::Ticker, std::enable_shared_from_this<Refresh::State> {
  State(Runtime::Environment& environment_, Runtime::Duration every_, std::function<void()> read_)
      : environment(environment_), every(every_), due(environment.clock.now() + every), read(std::move(read_)) {}

  std::optional<Runtime::Instant> nextDue() override { return due; }
  void tick(Runtime::Instant now) override;
  void begin();
  void work();
  void end();

  Runtime::Environment& environment;
  const Runtime::Duration every;
  Runtime::Instant due;  ///< the worker's own
  std::mutex mutex;
  std::condition_variable ended;
  std::function<void()> read;  ///< empty: it is over
  bool waiting = false;        ///< a job is on its way
  bool reading = false;
};

/// On the worker, which may be running: rules that come with a reload can be the first that want a list.
void Refresh::State::begin() {
  std::lock_guard<std::mutex> lock(mutex);
  if (read) environment.workers.at(0).add(*this);
}

/// A turn is left out while the one before hangs.
void Refresh::State::tick(Runtime::Instant now) {
  due = now + every;
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (waiting || reading) return;
    waiting = true;
  }
  constexpr Runtime::Duration Longest = std::chrono::seconds(5);  // then others get another thread in its place
  environment.pool.submit([self = shared_from_this()] { self->work(); }, Longest);
}

void Refresh::State::work() {
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

void Refresh::State::end() {
  environment.workers.at(0).remove(*this);
  std::unique_lock<std::mutex> lock(mutex);
  if (ended.wait_for(lock, Patience, [this] { return !reading; })) read = {};
}

Refresh::Refresh(Runtime::Environment& environment, Runtime::Duration every, std::function<void()> read)
    : _state(std::make_shared<State>(environment, every, std::move(read))) {
  environment.workers.at(0).post([state = _state] { state->begin(); });
}

Refresh::~Refresh() {
  _state->end();
}

}  // namespace Patchbay::Data
