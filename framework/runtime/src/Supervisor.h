#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "patchbay/runtime/Clock.h"

namespace Patchbay::Runtime {

/// Calls what has not been taken back in time, on a thread of its own that begins with the first entry. Real time. Thread-safe.
class Supervisor {
 public:
  using Entry = std::pair<Instant, uint64_t>;

  ~Supervisor();
  /// Throws Poco::SystemException when there can be no thread.
  Entry add(Duration longest, std::function<void()> overdue);
  /// It is neither running nor will be.
  void remove(const Entry& entry);

 private:
  void run();

  std::mutex _mutex;  // held over the calls
  std::condition_variable _changed;
  std::map<Entry, std::function<void()>> _entries;
  uint64_t _next = 0;
  bool _ending = false;
  std::thread _thread;
};

}  // namespace Patchbay::Runtime
