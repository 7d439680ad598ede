#include "Crew.h"

#include <optional>

#include "Careful.h"
#include "GiveBack.h"
#include "Thread.h"

namespace Patchbay::Runtime {

void Crew::hire() {
  std::lock_guard<std::mutex> lock(_mutex);
  hireLocked();
}

void Crew::submit(Task job, Duration longest) {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (_stopping) return;
    _jobs.push_back({std::move(job), longest});
  }
  _changed.notify_one();
}

size_t Crew::abandoned() const {
  std::lock_guard<std::mutex> lock(_mutex);
  return _abandoned;
}

void Crew::stop() {
  std::unique_lock<std::mutex> lock(_mutex);
  _stopping = true;
  _changed.notify_all();
  _ended.wait(lock, [this] { return _working == 0; });
  std::list<Seat> ended;
  for (auto seat = _seats.begin(); seat != _seats.end();) {
    const auto here = seat++;
    if (!here->abandoned) ended.splice(ended.end(), _seats, here);
  }
  lock.unlock();
  for (Seat& seat : ended) seat.thread.join();
  lock.lock();
  _ended.wait_for(lock, Patience, [this] { return _abandoned == 0; });  // mostly somebody has woken them meanwhile
}

void Crew::hireLocked() {
  const Place seat = _seats.emplace(_seats.end());
  auto start = std::make_unique<Start>(Start{shared_from_this(), seat});
  const auto begin = [](void* argument) {
    const std::unique_ptr<Start> given(static_cast<Start*>(argument));
    given->crew->run(given->seat);
  };
  try {
    seat->thread = startThread("pool-" + std::to_string(_hired), begin, start.get());
  } catch (...) {
    _seats.erase(seat);
    throw;
  }
  static_cast<void>(start.release());
  ++_hired;
  ++_working;
}

void Crew::run(Place seat) {
  for (Job job = next(); job.work; job = next())
    if (!perform(job, seat)) return;
  std::lock_guard<std::mutex> lock(_mutex);
  --_working;
  _ended.notify_all();
}

/// Waits; none at the end.
Crew::Job Crew::next() {
  std::unique_lock<std::mutex> lock(_mutex);
  const auto called = [this] { return _stopping || !_jobs.empty(); };
  if (!_changed.wait_for(lock, Rest, called)) {
    lock.unlock();
    GiveBack::now();
    lock.lock();
    _changed.wait(lock, called);
  }
  if (_jobs.empty()) return {};
  Job job = std::move(_jobs.front());
  _jobs.pop_front();
  return job;
}

/// False when the thread has lost its place meanwhile.
bool Crew::perform(Job& job, Place seat) {
  if (job.longest == Duration{}) {
    careful("job", job.work);
    return true;
  }
  std::optional<Supervisor::Entry> entry;
  careful("supervisor", [&] { entry = _supervisor.add(job.longest, [this, seat] { abandon(seat); }); });
  careful("job", job.work);
  if (entry) _supervisor.remove(*entry);
  job.work = {};
  std::lock_guard<std::mutex> lock(_mutex);
  if (!seat->abandoned) return true;
  _seats.erase(seat);
  --_abandoned;
  _ended.notify_all();
  return false;
}

void Crew::abandon(Place seat) {
  std::lock_guard<std::mutex> lock(_mutex);
  if (_abandoned >= BlockingPool::MostAbandoned) return;
  if (!_stopping || !_jobs.empty()) hireLocked();
  seat->abandoned = true;
  seat->thread.detach();
  ++_abandoned;
  --_working;
  _ended.notify_all();
}

}  // namespace Patchbay::Runtime
