#include "GroupWriter.h"

#include <algorithm>
#include <thread>

namespace Patchbay::Data {

GroupWriter::GroupWriter(Runtime::Environment& environment, Write write, size_t most)
    : _environment(environment),
      _write(std::move(write)),
      _most(most),
      _logger(Log::Logger::get("data")),
      _commits(environment.metrics.counter("data_commits_total", "Transactions committed to the database.")),
      _rows(environment.metrics.counter("data_rows_total", "Rows written to or removed from the database.")),
      _failures(environment.metrics.counter("data_failures_total", "Groups of changes that the database did not take.")),
      _refused(environment.metrics.counter("data_refused_total", "Changes that were not queued, since as many waited as may.")) {}

void GroupWriter::add(Change change) {
  {
    std::unique_lock<std::mutex> lock(_mutex);
    if (isFull(change)) {
      lock.unlock();
      return refuse(std::move(change));
    }
    change.number = ++_last;
    _queue.add(std::move(change));
    if (_state != State::idle) return;
    _state = State::writing;
  }
  submit();
}

void GroupWriter::refuse(Change change) {
  _refused.add();
  std::vector<Change> group;
  group.push_back(std::move(change));
  report(group, {Failure::Kind::full, "as many changes wait for the database as may (" + std::to_string(_most) + ")"});
}

void GroupWriter::submit() {
  _environment.pool.submit([self = shared_from_this()] { self->drain(); });
}

void GroupWriter::drain() {
  while (writeNext()) {
    std::lock_guard<std::mutex> lock(_mutex);
    if (_queue.size() != 0) continue;
    _state = State::idle;
    _idle.notify_all();
    return;
  }
}

bool GroupWriter::writeNext() {
  std::vector<Change> group;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    group = _queue.take(MostRows);
    _inFlight = group.size();
    if (!group.empty()) _firstInFlight = group.front().number;
  }
  if (group.empty()) return true;
  const Failure failure = writeGroup(group);
  if (failure) {
    pause(std::move(group), failure);
    return false;
  }
  settle(group);
  report(group, {});
  return true;
}

void GroupWriter::settle(std::vector<Change>& group) {
  _commits.add();
  _rows.add(group.size());
  std::unique_lock<std::mutex> lock(_mutex);
  _inFlight = 0;
  if (_pause == FirstPause) return;
  _pause = FirstPause;
  _logger.notice("the database takes changes again", {{"waiting", std::to_string(_queue.size())}});
  lock.unlock();
  tell({});
}

Failure GroupWriter::writeGroup(std::vector<Change>& group) {
  const Failure failure = _write(group);
  return failure.kind == Failure::Kind::constraint ? writeSingly(group) : failure;
}

/// One row is at fault: the others must not wait for it for ever. Takes it out of the group.
Failure GroupWriter::writeSingly(std::vector<Change>& group) {
  std::vector<Change> refused;
  for (auto change = group.begin(); change != group.end();) {
    const Failure failure = _write({&*change, 1});
    if (failure && failure.kind != Failure::Kind::constraint) return failure;
    if (!failure) {
      ++change;
      continue;
    }
    _logger.error("the database refuses a row for good", {{"reason", failure.text}});
    std::vector<Change> one;
    one.push_back(std::move(*change));
    report(one, failure);
    change = group.erase(change);
  }
  return {};
}

void GroupWriter::pause(std::vector<Change> group, const Failure& failure) {
  std::vector<Change> told(group.size());
  for (size_t i = 0; i < group.size(); ++i) told[i].waiters.swap(group[i].waiters);
  const Runtime::Instant due = _environment.clock.now() + _pause;
  _failures.add();
  tell(failure);
  _logger.error("the database does not take changes, they wait", {{"reason", failure.text}});
  {
    std::lock_guard<std::mutex> lock(_mutex);
    _queue.putBack(std::move(group));
    _inFlight = 0;
    _state = State::pausing;
    _pause = std::min(_pause * 2, LongestPause);
    _retryAt.store(due.time_since_epoch().count());
    _idle.notify_all();
  }
  _environment.workers.at(0).wakeBy(due);
  report(told, failure);
}

std::optional<Runtime::Instant> GroupWriter::retryDue() const {
  const auto at = _retryAt.load(std::memory_order_relaxed);
  if (at == 0) return {};
  return Runtime::Instant(Runtime::Instant::duration(at));
}

void GroupWriter::retry() {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (_state != State::pausing) return;
    _state = State::writing;
    _retryAt.store(0);
  }
  submit();
}

void GroupWriter::report(std::vector<Change>& group, const Failure& failure) {
  using Calls = std::vector<Database::Committed>;
  std::vector<std::pair<Runtime::Worker*, Calls>> byWorker;
  for (auto& change : group) {
    for (auto& waiter : change.waiters) {
      auto found = std::find_if(byWorker.begin(), byWorker.end(), [&](const auto& entry) { return entry.first == waiter.worker; });
      if (found == byWorker.end()) found = byWorker.insert(byWorker.end(), {waiter.worker, {}});
      found->second.push_back(std::move(waiter.done));
    }
  }
  for (auto& [worker, calls] : byWorker) {
    auto run = [calls = std::move(calls), failure] {
      for (const auto& call : calls) call(failure);
    };
    if (worker)
      worker->post(std::move(run));
    else
      run();
  }
}

size_t GroupWriter::waiting() const {
  std::lock_guard<std::mutex> lock(_mutex);
  return _queue.size() + _inFlight;
}

void GroupWriter::watch(std::function<void(const Failure&)> told) {
  std::lock_guard<std::mutex> lock(_toldMutex);
  _told = std::move(told);
}

void GroupWriter::tell(const Failure& failure) {
  std::lock_guard<std::mutex> lock(_toldMutex);
  if (_told) _told(failure);
}

size_t GroupWriter::room() const {
  const size_t waits = waiting();
  return waits < _most ? _most - waits : 0;
}

uint64_t GroupWriter::lastQueued() const {
  std::lock_guard<std::mutex> lock(_mutex);
  return _last;
}

uint64_t GroupWriter::committedUpTo() const {
  std::lock_guard<std::mutex> lock(_mutex);
  if (_inFlight != 0) return _firstInFlight - 1;
  return _queue.size() != 0 ? _queue.firstNumber() - 1 : _last;
}

size_t GroupWriter::flush(Runtime::Duration deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  std::unique_lock<std::mutex> lock(_mutex);
  if (!_idle.wait_until(lock, end, [this] { return _state != State::writing; })) return _queue.size() + _inFlight;
  while (_queue.size() != 0 && std::chrono::steady_clock::now() < end) {
    _state = State::writing;
    _retryAt.store(0);
    lock.unlock();
    drain();
    lock.lock();
    if (_state == State::pausing)
      _idle.wait_until(lock, std::min(end, std::chrono::steady_clock::now() + FirstPause), [] { return false; });
  }
  return _queue.size() + _inFlight;
}

}  // namespace Patchbay::Data
