#pragma once

#include <atomic>
#include <memory>

#include <Poco/Event.h>

#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

/// While it lives, all workers stand still between two turns: for the rare change that nobody may see half done. Not on a worker. What
/// happens before it ends is seen by the workers afterwards.
class Pause {
 public:
  /// Waits until all stand still, at most that long.
  Pause(Workers& workers, Duration deadline) : _state(std::make_shared<State>()) {
    _state->missing = workers.count();
    for (size_t i = 0; i < workers.count(); ++i)
      workers.at(i).post([state = _state] {
        if (state->missing.fetch_sub(1) == 1) state->still.set();
        state->over.wait();
      });
    _good = _state->still.tryWait(static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(deadline).count()));
  }
  ~Pause() { _state->over.set(); }
  Pause(const Pause&) = delete;
  /// False: a worker has not come to the end of its turn in time.
  explicit operator bool() const { return _good; }

 private:
  struct State {
    std::atomic<size_t> missing{0};
    Poco::Event still{Poco::Event::EVENT_MANUALRESET}, over{Poco::Event::EVENT_MANUALRESET};
  };
  const std::shared_ptr<State> _state;
  bool _good = false;
};

}  // namespace Patchbay::Runtime
