#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "Supervisor.h"
#include "patchbay/runtime/BlockingPool.h"

namespace Patchbay::Runtime {

/// The threads of a pool and their jobs. An abandoned thread may outlive the pool, so each thread holds this.
class Crew : public std::enable_shared_from_this<Crew> {
 public:
  /// One more thread. Throws Poco::SystemException.
  void hire();
  /// `longest` 0: whatever it takes.
  void submit(Task job, Duration longest);
  size_t abandoned() const;
  void stop();
  Supervisor& supervisor() { return _supervisor; }

 private:
  static constexpr auto Patience = std::chrono::seconds(1);
  static constexpr auto Rest = std::chrono::seconds(2);  // without a job, before a thread gives its free memory back
  struct Job {
    Task work;
    Duration longest{};
  };
  struct Seat {
    std::thread thread;
    bool abandoned = false;
  };
  using Place = std::list<Seat>::iterator;
  struct Start {
    std::shared_ptr<Crew> crew;
    Place seat;
  };

  void hireLocked();
  void run(Place seat);
  Job next();
  bool perform(Job& job, Place seat);
  void abandon(Place seat);

  Supervisor _supervisor;
  mutable std::mutex _mutex;
  std::condition_variable _changed, _ended;
  std::deque<Job> _jobs;
  std::list<Seat> _seats;
  size_t _hired = 0, _working = 0, _abandoned = 0;
  bool _stopping = false;
};

}  // namespace Patchbay::Runtime
