#include "Supervisor.h"

#include "Careful.h"
#include "Thread.h"

namespace Patchbay::Runtime {

Supervisor::~Supervisor() {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    _ending = true;
  }
  _changed.notify_all();
  if (_thread.joinable()) _thread.join();
}

Supervisor::Entry Supervisor::add(Duration longest, std::function<void()> overdue) {
  std::lock_guard<std::mutex> lock(_mutex);
  const auto [place, fresh] = _entries.emplace(Entry{std::chrono::steady_clock::now() + longest, ++_next}, std::move(overdue));
  if (!_thread.joinable())
    _thread = startThread(
        "supervisor", [](void* self) { static_cast<Supervisor*>(self)->run(); }, this);
  else if (place == _entries.begin())
    _changed.notify_all();
  return place->first;
}

void Supervisor::remove(const Entry& entry) {
  std::lock_guard<std::mutex> lock(_mutex);
  _entries.erase(entry);
}

void Supervisor::run() {
  std::unique_lock<std::mutex> lock(_mutex);
  while (!_ending) {
    if (_entries.empty()) {
      _changed.wait(lock);
      continue;
    }
    const auto first = _entries.begin();
    const Instant due = first->first.first;
    if (due > std::chrono::steady_clock::now()) {
      _changed.wait_until(lock, due);
      continue;
    }
    const auto overdue = std::move(first->second);
    _entries.erase(first);
    careful("overdue", overdue);
  }
}

}  // namespace Patchbay::Runtime
