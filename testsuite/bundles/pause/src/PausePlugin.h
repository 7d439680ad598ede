#pragma once

#include <memory>
#include <vector>

#include "patchbay/bundle/Plugin.h"
#include "patchbay/runtime/TimerWheel.h"

namespace Patchbay::Pause {

/// Pauses of one worker: each resumes its machine when its time has come.
class Pauses : public Runtime::Ticker {
 public:
  explicit Pauses(Runtime::Worker& worker);
  ~Pauses() override;
  void add(Runtime::Duration time, Pipeline::Ticket ticket, Pipeline::Verdict verdict);
  std::optional<Runtime::Instant> nextDue() override { return _wheel.nextDue(); }
  void tick(Runtime::Instant now) override;

 private:
  struct Entry : Runtime::Timer {
    Pipeline::Ticket ticket;
    Pipeline::Verdict verdict = Pipeline::Verdict::yes;
  };
  Runtime::Worker& _worker;
  Runtime::TimerWheel _wheel;
  std::vector<std::unique_ptr<Entry>> _entries;
};

/// `pause(time, deadline, verdict)`: suspends the pipeline, as an action does that asks a database.
class PausePlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override { _workers = &host.environment().workers; }
  void start() override;
  void stop() noexcept override { _pauses.clear(); }
  Pauses& here() { return *_pauses[Runtime::Worker::current()->index()]; }

 private:
  Runtime::Workers* _workers = nullptr;
  std::vector<std::unique_ptr<Pauses>> _pauses;
};

}  // namespace Patchbay::Pause
