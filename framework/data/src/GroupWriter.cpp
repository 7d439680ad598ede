#include "GroupWriter.h"

#include <algorithm>
#include <utility>

namespace Patchbay::Data {

GroupWriter::GroupWriter(Runtime::Environment& environment, Write write, size_t most, Runtime::Duration longest)
    : _environment(environment),
      _write(std::move(write)),
      _most(most),
      _longest(longest),
      _logger(Log::Logger::get("data")),
      _commits(environment.metrics.counter("data_commits_total", "Transactions committed to the database.")),
      _rows(environment.metrics.counter("data_rows_total", "Rows written to or removed from the database.")),
      _failures(environment.metrics.counter("data_failures_total", "Groups of changes that the database did not take.")),
      _refused(environment.metrics.counter("data_refused_total", "Changes that were not queued, since as many waited as may.")),
      _pauses(FirstPause, LongestPause, environment.random.next()) {}

void GroupWriter::add(Change change, const Failure* atOnce) {
  std::vector<Change> told(atOnce ? 1 : 0);
  if (atOnce) told[0].waiters.swap(change.waiters);
  if (atOnce) report(told, *atOnce);
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
  auto job = [self = shared_from_this()] { self->work(); };
  if (_longest == Runtime::Duration{})
    _environment.pool.submit(std::move(job));
  else
    _environment.pool.submit(std::move(job), _longest);
}

/// One group a job: others may want the thread too.
void GroupWriter::work() {
  if (!writeNext()) return;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (_queue.size() == 0) {
      _state = State::idle;
      _idle.notify_all();
      return;
    }
  }
  submit();
}

GroupWriter::Group GroupWriter::takeNext(uint64_t& turn) {
  std::lock_guard<std::mutex> lock(_mutex);
  turn = ++_turn;
  _group = std::make_shared<std::vector<Change>>(_queue.take(MostRows));
  _inFlight = _group->size();
  if (_inFlight != 0) _firstInFlight = _group->front().number;
  return _group;
}

/// False when the database failed, or this job has been given up meanwhile.
bool GroupWriter::writeNext() {
  uint64_t turn = 0;
  const Group group = takeNext(turn);
  if (group->empty()) return true;
  const Outcome outcome = writeGroup(*group, turn);
  if (isLost(turn)) return false;
  if (outcome.failure) {
    pause(std::move(*group), outcome.failure);
    return false;
  }
  settle(*group, outcome.refused);
  return true;
}

Failure GroupWriter::writeWatched(std::span<const Change> changes, uint64_t turn) {
  std::unique_ptr<Runtime::BlockingPool::Watch> watch;
  if (_longest != Runtime::Duration{}) watch = _environment.pool.watch(_longest, [this, turn] { lost(turn); });
  return _write(changes);
}

bool GroupWriter::isLost(uint64_t turn) const {
  std::lock_guard<std::mutex> lock(_mutex);
  return turn != _turn;
}

/// The values may still be read by the thread that hangs, so they are copied.
void GroupWriter::lost(uint64_t turn) {
  std::vector<Change> group;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (turn != _turn) return;
    ++_turn;
    for (Change& change : *_group) {
      group.push_back({change.table, change.removal, change.values, change.key, std::move(change.waiters), change.number});
      change.waiters.clear();
    }
  }
  pause(std::move(group), {Failure::Kind::timeout, "a thread hangs in the database's client library and has been given up"});
}

void GroupWriter::settle(std::vector<Change>& group, const std::vector<Refused>& refused) {
  _commits.add();
  _rows.add(group.size() - refused.size());
  std::unique_lock<std::mutex> lock(_mutex);
  _inFlight = 0;
  const bool recovered = std::exchange(_failing, false);
  _pauses.reset();
  const size_t left = _queue.size();
  lock.unlock();
  if (recovered) {
    _logger.notice("the database takes changes again", {{"waiting", std::to_string(left)}});
    tell({});
  }
  for (const Refused& one : refused) {
    _logger.error("the database refuses a row for good", {{"reason", one.failure.text}});
    std::vector<Change> change;
    change.push_back(std::move(group[one.place]));
    group[one.place].waiters.clear();
    report(change, one.failure);
  }
  report(group, {});
}

GroupWriter::Outcome GroupWriter::writeGroup(const std::vector<Change>& group, uint64_t turn) {
  Failure failure = writeWatched(group, turn);
  if (failure.kind == Failure::Kind::constraint) return writeSingly(group, turn);
  return {std::move(failure), {}};
}

/// One row is at fault: the others must not wait for it for ever.
GroupWriter::Outcome GroupWriter::writeSingly(const std::vector<Change>& group, uint64_t turn) {
  Outcome outcome;
  for (size_t place = 0; place < group.size() && !isLost(turn); ++place) {
    Failure failure = writeWatched({&group[place], 1}, turn);
    if (failure && failure.kind != Failure::Kind::constraint) return {std::move(failure), {}};
    if (failure) outcome.refused.push_back({place, std::move(failure)});
  }
  return outcome;
}

void GroupWriter::pause(std::vector<Change> group, const Failure& failure) {
  std::vector<Change> told(group.size());
  for (size_t i = 0; i < group.size(); ++i) told[i].waiters.swap(group[i].waiters);
  _failures.add();
  tell(failure);
  Runtime::Instant due = _environment.clock.now();
  bool begins = false;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    _queue.putBack(std::move(group));
    _inFlight = 0;
    _state = State::pausing;
    begins = !std::exchange(_failing, true);
    due += _pauses.next();
    _retryAt.store(due.time_since_epoch().count());
    _idle.notify_all();
  }
  _environment.workers.at(0).wakeBy(due);
  if (begins) _logger.error("the database does not take changes, they wait", {{"reason", failure.text}});
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
    while (writeNext() && waiting() != 0) {
    }
    lock.lock();
    if (_state == State::writing) _state = State::idle;
    if (_state == State::pausing)
      _idle.wait_until(lock, std::min(end, std::chrono::steady_clock::now() + FirstPause), [] { return false; });
  }
  return _queue.size() + _inFlight;
}

}  // namespace Patchbay::Data
