#include "Journal.h"

#include <algorithm>

namespace Patchbay::Usrloc {

Journal::Journal(Runtime::Environment& environment, std::unique_ptr<Segments> segments, Settings settings, Runtime::Counter& failures,
                 Report report)
    : _environment(environment), _segments(std::move(segments)), _settings(settings), _failures(failures), _report(std::move(report)) {}

void Journal::add(std::string_view records) {
  if (records.empty()) return;
  bool submit = false, told = false;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    const bool full = _pending.size() + records.size() > MostPending || bytes() + _pending.size() + records.size() > _settings.mostBytes;
    told = full && !_full;
    _full = full;
    if (bytes() == 0 && _pending.empty()) _checkpointAt = _environment.clock.now() + _settings.rest;
    if (!full) _pending += records;
    submit = !full && _state == State::idle;
    if (submit) _state = State::working;
    _busy = true;
  }
  if (told) say("the journal is full: a crash loses the changes from now on that the database has not taken");
  if (submit) _environment.pool.submit([self = shared_from_this()] { self->work(); });
}

bool Journal::hasWork() const {
  return !_pending.empty() || _phase == Phase::rotating || _phase == Phase::removing;
}

void Journal::tick(Runtime::Instant now, uint64_t committed) {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (_phase == Phase::committing && committed >= _mark) _phase = Phase::removing;
    if (_phase == Phase::none && bytes() != 0 && (now >= _checkpointAt || bytes() >= SegmentBytes)) _phase = Phase::rotating;
    if (_phase == Phase::rotating) _checkpointAt = now + _settings.rest;
    _busy = hasWork() || _phase != Phase::none || _state != State::idle;
    const bool due = _state == State::idle || (_state == State::pausing && now >= _retryAt);
    if (!hasWork() || !due) return;
    _state = State::working;
  }
  _environment.pool.submit([self = shared_from_this()] { self->work(); });
}

void Journal::drained(uint64_t mark) {
  std::lock_guard<std::mutex> lock(_mutex);
  if (_phase != Phase::draining) return;
  _mark = mark;
  _phase = Phase::committing;
}

void Journal::work() {
  std::lock_guard<std::mutex> files(_filesMutex);
  if (_ended) return;
  Task task;
  while (take(task) && perform(task)) {
  }
}

bool Journal::take(Task& task) {
  std::lock_guard<std::mutex> lock(_mutex);
  if (!hasWork()) {
    _state = State::idle;
    return false;
  }
  task.records.clear();
  task.records.swap(_pending);
  task.rotate = _phase == Phase::rotating;
  task.remove = _phase == Phase::removing;
  return true;
}

/// False when it failed and has to wait.
bool Journal::perform(Task& task) {
  if (task.rotate) {
    _segments->close();
    std::lock_guard<std::mutex> lock(_mutex);
    _covered = _segments->lastNumber();
    _phase = Phase::draining;
  }
  if (task.remove) remove();  // first: it makes room, also when nothing can be written
  const std::error_code error = write(task);
  _bytes = _segments->bytes();
  if (error) {
    failed(std::move(task), error);
    return false;
  }
  bool well = false;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    well = _troubled && !_full && !task.records.empty();
    _pause = FirstPause;
  }
  if (well) say({});
  return true;
}

std::error_code Journal::write(const Task& task) {
  if (task.records.empty()) return {};
  if (!_segments->isOpen())
    if (const auto error = _segments->begin()) return error;
  if (const auto error = _segments->append(task.records, _settings.sync)) return error;
  if (_segments->currentBytes() >= SegmentBytes) _segments->close();
  return {};
}

/// What cannot be removed stays for the next checkpoint.
void Journal::remove() {
  if (const auto error = _segments->removeUpTo(_covered)) {
    _failures.add();
    say("a file of the journal cannot be removed: " + error.message());
  }
  std::lock_guard<std::mutex> lock(_mutex);
  _phase = Phase::none;
}

void Journal::failed(Task&& task, const std::error_code& error) {
  _segments->close();
  _failures.add();
  say("the journal cannot be written: " + error.message() + "; a crash loses the changes that the database has not taken");
  std::lock_guard<std::mutex> lock(_mutex);
  task.records += _pending;
  _pending = std::move(task.records);
  _state = State::pausing;
  _retryAt = _environment.clock.now() + _pause;
  _checkpointAt = {};  // the database is to have soon what this one lacks, so that nothing old is put over it
  _pause = std::min(_pause * 2, LongestPause);
}

void Journal::say(const std::string& trouble) {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    _troubled = !trouble.empty();
  }
  if (_report) _report(trouble);
}

bool Journal::finish() {
  std::lock_guard<std::mutex> files(_filesMutex);
  _ended = true;
  Task task;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    task.records.swap(_pending);
  }
  std::error_code error = write(task);
  if (error) {  // perhaps another file can be written
    _segments->close();
    error = write(task);
  }
  if (error) say("the journal cannot be written: " + error.message());
  _segments->close();
  _bytes = _segments->bytes();
  return !error;
}

void Journal::clear() {
  std::lock_guard<std::mutex> files(_filesMutex);
  if (const auto error = _segments->removeUpTo(_segments->lastNumber())) say("a file of the journal cannot be removed: " + error.message());
  _bytes = _segments->bytes();
}

}  // namespace Patchbay::Usrloc
